"""From a folder of files to the first decision: `init`, the edits of a person, one month."""

from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.period import freeze
from creditrisk.policy import parse_policy
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.run import RunRecord
from creditrisk.reports.month_summary import months
from creditrisk.storage import open_store
from pipelines.local.in_process import replay
from tests.builders import coded_lender
from tests.builders.described_lenders import LENDERS, described

LAST = add_months(coded_lender.START, 15)
# what a small lender's folder is enough for: windows of few bads, a short search
POLICY = parse_policy(
    """
outcome: {mob: 3, early_mob: 1}
development: {oot_min_bads: 8, min_bads: 8, tuning_trials: 2, tuning_seconds: 3600, max_trees: 60,
              threads: 2, selection: false}
""",
    "first decision",
)


@pytest.mark.parametrize("name", ["status codes", "wide months"])
def test_the_first_month_of_a_described_folder_is_decided_on_a_model_of_its_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing, lender = tmp_path / "landing", LENDERS[name]
    lender.deliver(landing)
    portfolio = parse_portfolio(described(landing, lender.edits), name)
    store = open_store((tmp_path / "store").as_uri())
    monkeypatch.setenv("CREDITRISK_STORE", store.uri)
    config = freeze(store, POLICY, portfolio)
    records: dict[date, list[RunRecord]] = {}
    replay(store, str(landing), config, LAST, LAST, records.__setitem__)
    errors = [record.error for record in records[LAST] if record.status != "ok"]
    (story,) = [story for story in months(store) if story.as_of == LAST]
    assert (story.decision, story.action) == ("retrain", "initial"), errors
    assert story.outcome in ("promoted", "refused"), errors
