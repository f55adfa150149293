"""Lives with a hole or a break in them, month by month through the stages' own functions."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import FINDINGS, LABELS, features
from creditrisk.period import Period
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import Decision
from creditrisk.stages.promotion.promote import promote
from tests.builders.run_months import run_month
from tests.builders.small_lender import Scenario, fill, rewrite, small_policy
from tests.builders.trained_version import TRAINED_AT, UNSEEN
from tests.builders.versions import AT, at_month, judged, with_version

FIRST = date(2024, 1, 1)  # month 12; what applied in October 2023 (month 9) has matured


def lender(root: Path, until: date, *then: tuple[int, Scenario], policy: str = "") -> Period:
    """Its last month; a version trained at the end of 2023 is champion."""
    first, version = with_version(root, TRAINED_AT, small_policy(policy))
    last = at_month(first, until)
    fill(last, dict(then))
    judged(first, version)
    promote(first, version, "pipeline", at=AT)
    return last


def run(last: Period, months: Iterable[date]) -> dict[date, Decision]:
    return {month: run_month(at_month(last, month)) for month in months}


def measured(last: Period, month: date) -> pd.DataFrame:
    """Findings of a month, by metric and segment."""
    return last.lake.read(FINDINGS, [month]).to_pandas().set_index(["metric", "segment"])


def cohorts_measured(last: Period, month: date) -> list[str]:
    return measured(last, month).loc["cohort_level"]["cohort"].tolist()


def cohorts(first: date, last: date) -> list[str]:
    return [f"{month:%Y-%m}" for month in month_range(first, last)]


def without_rows(last: Period, contract, first: date, end: date) -> None:
    rewrite(last, contract, month_range(first, end), lambda rows: rows.iloc[:0])


def test_a_month_without_applicants_is_no_evidence_of_stability_and_no_cohort(tmp_path):
    empty, until = date(2024, 2, 1), date(2024, 6, 1)
    last = lender(tmp_path, until)
    without_rows(last, features(last.portfolio), empty, empty)
    found = run(last, month_range(FIRST, until))
    assert {(one.decision, one.action) for one in found.values()} == {("keep", "none")}
    blind = [month for month, one in found.items() if one.axes["stability"].state != "green"]
    assert blind == [empty]
    assert all(one.axes["calibration"].state != "insufficient" for one in found.values())
    # May, when the empty month would have matured, judges January's loans again
    assert cohorts_measured(last, date(2024, 5, 1)) == cohorts(date(2023, 10, 1), FIRST)


def test_a_year_without_outcomes_is_said_and_what_came_late_is_measured_on_their_return(tmp_path):
    stopped, back = date(2024, 3, 1), date(2025, 3, 1)
    last = lender(tmp_path, back, policy="rule: {max_model_age: 0}")
    known = last.lake.read(LABELS, list(month_range(stopped, back))).to_pandas()
    without_rows(last, LABELS, stopped, back)
    found = run(last, month_range(FIRST, add_months(back, -1)))
    assert {one.action for one in found.values()} == {"none"}
    decisions = [one.decision for one in found.values()]
    # three pooled cohorts reach back to the last outcomes; then nothing is seen, which is said
    unobserved = found[date(2024, 12, 1)]
    assert (unobserved.decision, unobserved.triggers) == ("watch", ("insufficient_evidence",))
    assert decisions[:2] == ["keep"] * 2
    late = known.assign(snapshot_date=back)
    rewrite(last, LABELS, [back], lambda rows: late, {"test": "3"})
    decision = run_month(last)
    assert decision.axes["calibration"].state == "green"
    assert decision.decision == "keep"
    assert cohorts_measured(last, back) == cohorts(date(2023, 10, 1), date(2024, 12, 1))


def test_a_source_that_goes_and_comes_back_is_an_outage_and_nothing_else(tmp_path):
    until = date(2024, 10, 1)
    last = lender(tmp_path, until, (13, Scenario(visits_down=True)), (16, Scenario()))
    found = run(last, month_range(FIRST, until))
    assert {one.action for one in found.values()} == {"none"}
    down = [month for month, one in found.items() if "outage:visits" in one.triggers]
    assert down == list(month_range(date(2024, 2, 1), date(2024, 4, 1)))
    others = {name for one in found.values() for name in one.triggers} - {"outage:visits"}
    assert others == set()
    assert current_champion(last.store) == found[until].champion


def test_the_cohort_of_a_month_that_was_never_run_is_measured_in_the_next(tmp_path):
    skipped, until = date(2024, 3, 1), date(2024, 5, 1)
    last = lender(tmp_path, until)
    months = [month for month in month_range(FIRST, until) if month != skipped]
    found = run(last, months)
    assert {(one.decision, one.action) for one in found.values()} == {("keep", "none")}
    for month in (date(2024, 4, 1), until):
        expected = cohorts(date(2023, 10, 1), add_months(month, -3))
        assert cohorts_measured(last, month) == expected
        grades = measured(last, month).loc["grade_cohort:5"]["cohort"].tolist()
        assert grades == expected
    late = run_month(at_month(last, skipped))
    assert (late.decision, late.action) == ("keep", "none")


def test_a_champion_that_ranks_no_more_is_tried_three_times_in_three_years_and_then_a_person(
    tmp_path,
):
    until = add_months(FIRST, 35)
    last = lender(tmp_path, until, (UNSEEN, Scenario(signal=0)))
    found = run(last, month_range(FIRST, until))
    acted = [month for month, one in found.items() if one.action != "none"]
    assert len(acted) == last.policy.rule.max_refusals
    after = [one.decision for month, one in found.items() if month > acted[-1]]
    assert set(after) == {"escalate"}
    assert {one.champion for one in found.values()} == {found[FIRST].champion}
