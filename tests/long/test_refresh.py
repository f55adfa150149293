"""A challenger on schedule, month by month: nothing is wrong, and a better one is promoted."""

from datetime import date
from pathlib import Path

from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import SCORES
from creditrisk.period import Period
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import Decision
from creditrisk.records.validation import Validation, read_validation
from creditrisk.records.version_files import list_versions
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.scoring.score import score
from tests.builders.run_months import run_month
from tests.builders.small_lender import Scenario, fill, small_policy
from tests.builders.trained_version import TRAINED_AT, UNSEEN
from tests.builders.versions import AT, at_month, judged, with_version

DUE = date(2024, 12, 1)
BETTER = Scenario(noise_tells=0.9)  # there is more to learn; what is known stays true
# windows of 90 bads have wide intervals
POLICY = """
rule: {refresh: 12}
validation: {auc_lower_slack: 0.1}
"""


def run_months(root: Path, since: Scenario, start: date) -> tuple[Period, list[Decision]]:
    """The due month of a lender that ran each month from `start`; `since`: from `UNSEEN` on."""
    first, version = with_version(root, TRAINED_AT, small_policy(POLICY))
    due = at_month(first, DUE)
    fill(due, {UNSEEN: since})
    judged(first, version)
    promote(first, version, "pipeline", at=AT)
    return due, [run_month(at_month(due, month)) for month in month_range(start, DUE)]


def _challenger(period: Period) -> Validation:
    """What validation found of the newest version."""
    newest = max(list_versions(period.store))
    found = read_validation(period.store, newest)
    assert found is not None
    return found


def test_nothing_is_done_before_the_twelfth_month_and_then_a_better_one_is_promoted(tmp_path):
    due, decisions = run_months(tmp_path, BETTER, add_months(DUE, -3))
    assert {(one.decision, one.action) for one in decisions[:-1]} == {("keep", "none")}
    assert (decisions[-1].action, decisions[-1].triggers) == ("retrain", ("refresh",))
    found = _challenger(due)
    assert found.comparison.outcome == "superior"
    assert current_champion(due.store) == found.version
    score(due, found.version, rescored=True)
    scored = due.lake.read(SCORES, [DUE]).to_pandas()
    assert scored[scored["rescored"]]["model_version"].unique().tolist() == [found.version]


def test_one_that_is_as_good_is_refused_and_nothing_is_done_until_the_next_is_due(tmp_path):
    due, _ = run_months(tmp_path, Scenario(), DUE)
    found = _challenger(due)
    assert [gate.gate for gate in found.gates if not gate.passed] == ["champion"]
    assert current_champion(due.store) == found.champion
    later = at_month(due, add_months(DUE, 1))
    fill(later, {UNSEEN: Scenario()})
    assert run_month(later).decision == "keep"
