"""A definition of bad that changed: outcomes of the one are none of the other's."""

from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import CHAMPION_LABELS, LABELS
from creditrisk.model.known_outcomes import label_commits
from creditrisk.period import Period, freeze
from creditrisk.policy import Policy
from creditrisk.records.card import Label
from creditrisk.stages.decision.evidence_needed import challenger_lacks, first_model
from tests.builders.small_lender import START, fill, rewrite, small_period, small_policy
from tests.builders.versions import at_month

AS_OF, CHANGED = date(2024, 6, 1), date(2024, 3, 1)
OLD, NEW = small_policy(), small_policy("outcome: {missed_instalments: 2}")
EARLIER = small_policy("outcome: {early_mob: 2}")  # bad means the same
LABEL = Label(mob=3, missed_instalments=1)


def built(period: Period, table, start: date, end: date, policy: Policy) -> None:
    """Commit the labels of some months as built by a policy."""
    for month in month_range(start, end):
        rows = period.lake.read(LABELS, [month])
        inputs = {"outcome": policy.outcome.sha}
        period.lake.write(table, month, rows, inputs=inputs, code="test")


@pytest.fixture
def period(tmp_path: Path) -> Period:
    """Months up to `CHANGED` by the old definition, then by the new one and the champion's."""
    found = small_period(tmp_path, AS_OF)
    for policy in (NEW, EARLIER):
        freeze(found.store, policy, found.portfolio)
    fill(found)
    built(found, LABELS, START, CHANGED, OLD)
    built(found, CHAMPION_LABELS, add_months(CHANGED, 1), AS_OF, OLD)
    built(found, LABELS, add_months(CHANGED, 1), AS_OF, NEW)
    return found


def months_of(period: Period, policy: Policy, label: Label | None = None) -> list[tuple[str, str]]:
    now = at_month(period, AS_OF, policy)
    months = period.lake.months(LABELS.table)
    return [(one.table, one.month[:7]) for one in label_commits(now, months, label)]


def test_a_new_definition_has_the_months_that_were_built_by_it(period: Period):
    assert months_of(period, NEW) == [("gold/labels", f"2024-0{n}") for n in (4, 5, 6)]
    assert first_model(at_month(period, AS_OF, NEW)) == (3, "")


def test_what_a_new_definition_lacks_is_said_before_anything_is_trained(period: Period):
    now = at_month(period, AS_OF, NEW)
    assert "needs 9 matured cohorts" in challenger_lacks(now, "retrain", ())
    assert challenger_lacks(at_month(period, AS_OF, EARLIER), "retrain", ()) == ""


def test_months_that_are_built_again_count(period: Period):
    built(period, LABELS, START, CHANGED, NEW)
    assert first_model(at_month(period, AS_OF, NEW))[0] >= 9
    assert challenger_lacks(at_month(period, AS_OF, NEW), "retrain", ()) == ""


def test_a_champion_is_measured_by_its_own_in_every_month(period: Period):
    tables = [table for table, _ in months_of(period, NEW, LABEL)]
    assert tables == ["gold/labels"] * 15 + ["gold/champion_labels"] * 3


def test_a_definition_that_comes_back_finds_the_champions_own(period: Period):
    tables = [table for table, _ in months_of(period, OLD, LABEL)]
    assert tables == ["gold/labels"] * 15 + ["gold/champion_labels"] * 3
    assert len(months_of(period, OLD)) == 15


def test_a_champion_of_the_old_definition_that_comes_back_is_not_measured_by_the_new_one(period):
    gone = add_months(AS_OF, 1)
    rows = period.lake.read(LABELS, [AS_OF])
    inputs = {"outcome": NEW.outcome.sha}
    period.lake.write(LABELS, gone, rows, inputs=inputs, code="test")
    assert ("gold/labels", "2024-07") not in months_of(period, NEW, LABEL)


def test_an_early_outcome_that_moves_is_no_other_definition(period: Period):
    assert len(months_of(period, EARLIER)) == 15


def test_no_cohort_is_left_to_calibrate_trees_that_have_learnt_from_all(period: Period):
    now = at_month(period, AS_OF, OLD)
    learnt = tuple(month_range(START, AS_OF))
    assert "learnt from every cohort" in challenger_lacks(now, "recalibrate", learnt)
    assert challenger_lacks(now, "recalibrate", learnt[:4]) == ""


def test_what_no_policy_says_is_known_by_nobody(period: Period):
    rewrite(period, LABELS, [AS_OF], lambda rows: rows, inputs={"outcome": "f" * 64})
    assert ("gold/labels", "2024-06") not in months_of(period, NEW)
