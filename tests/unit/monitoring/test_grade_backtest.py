"""Every grade against its outcomes, month by month, over pooled cohorts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.metrics.calibration import jeffreys
from creditrisk.metrics.low_default import upper_bound
from creditrisk.model.shared_shocks import shared_shocks
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import load_version
from creditrisk.stages.monitoring.finding import findings_table
from creditrisk.stages.monitoring.grade_backtest import measure_grades
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts, matured_cohorts
from creditrisk.stages.monitoring.monitor import monitor
from tests.builders.small_lender import fill, small_period, small_policy
from tests.builders.trained_version import install

AS_OF = date(2024, 3, 1)
POLICY = "monitoring: {min_bads: 60}\nlow_default: {backtest_cohorts: 4, confidence: 0.9}"


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """Findings of three months in a row, each of which pools one cohort."""
    folder = tmp_path_factory.mktemp("grades")
    period = small_period(folder, add_months(AS_OF, 2), small_policy(POLICY))
    fill(period)
    version = install(period)
    found = []
    for number in range(3):
        month = replace(period, as_of=add_months(AS_OF, number))
        rows = period.lake.read_commits(FINDINGS, [monitor(month, version)]).to_pandas()
        found.append(rows)
    return period, load_version(period.store, version), found


def of(rows, metric):
    return rows[(rows["metric"] == metric) & (rows["segment"] == "all")].iloc[0]


def test_a_month_hands_its_counts_on_and_the_horizon_grows_to_its_limit(months):
    _, _, found = months
    spans = [of(rows, "jeffreys_grade:3")["cohort"] for rows in found]
    # the first month measures the cohorts that matured before it, too
    assert spans == ["2023-10..2023-12", "2023-10..2024-01", "2023-11..2024-02"]
    totals = [sum(of(r, f"jeffreys_grade:{g}")["rows"] for g in range(1, 10)) for r in found]
    assert totals == [1200, 1600, 1600]


def test_grades_carry_the_shocks_that_their_cohorts_share(months):
    period, model, _ = months
    month, label = replace(period, as_of=add_months(AS_OF, 2)), model.card.label
    validated = validated_states(period.store, model.id)
    pool = matured_cohorts(month, label.mob, model.card.newest_development_cohort, validated, label)
    # a book that goes bad more often than promised: the rates lie above the PDs
    pds = model.predict(pool.rows) / 6

    def smallest(stance):
        limits = period.policy.shocks.model_copy(update={"stance": stance, "level_sd": 1.0})
        found, _ = measure_grades(month, model, pool, pds, shared_shocks([], [], limits))
        tests = [f for f in found if f.metric.startswith("jeffreys_grade:") and f.p_value]
        return min(f.p_value for f in tests)

    assert smallest("point_in_time") < 0.001
    assert smallest("through_the_cycle") > 0.05


def test_a_grade_is_tested_at_its_mean_pd_after_holm(months):
    _, _, found = months
    rows = found[-1]
    row = of(rows, "jeffreys_grade:5")
    counts = rows[rows["metric"] == "grade_cohort:5"]
    mean = np.average(counts["value"], weights=counts["rows"])
    raw = jeffreys(int(row["bads"]), int(row["rows"]), mean)
    assert row["p_value"] >= raw
    assert row["bads"] == counts["bads"].sum()
    assert row["value"] == row["bads"] / row["rows"]
    assert row["state"] == "none"


def test_the_most_prudent_pd_takes_in_all_riskier_grades(months):
    _, _, found = months
    rows = found[-1]
    tested = [of(rows, f"jeffreys_grade:{grade}") for grade in range(4, 10)]
    bads, total = sum(t["bads"] for t in tested), sum(t["rows"] for t in tested)
    expected = upper_bound(int(bads), int(total), 0.9, 0.12)
    assert of(rows, "prudent_pd:4")["value"] == pytest.approx(expected)


def test_a_grade_without_a_loan_and_a_month_without_a_cohort_say_so(tmp_path):
    early = date(2023, 12, 1)  # no cohort newer than the version's own has matured
    period = small_period(tmp_path, early, small_policy(POLICY))
    fill(period)
    rows = period.lake.read_commits(FINDINGS, [monitor(period, install(period))]).to_pandas()
    grades = rows[rows["metric"].str.startswith(("jeffreys_grade:", "prudent_pd:"))]
    assert len(grades) == 18
    assert set(grades["state"]) == {"insufficient"}
    assert set(grades["text"]) == {"no loan of this grade has matured"}
    assert grades["value"].isna().all()


def test_loans_of_one_customer_count_as_what_they_are_worth_also_when_handed_on(tmp_path):
    period = small_period(tmp_path, AS_OF, small_policy(POLICY))
    fill(period)
    version = install(period)
    model, validated = load_version(period.store, version), validated_states(period.store, version)
    label, newest = model.card.label, model.card.newest_development_cohort
    pool = matured_cohorts(period, label.mob, newest, validated, label)
    pds, shocks = model.predict(pool.rows) / 2, shared_shocks([], [], period.policy.shocks)
    four = replace(pool, rows=pool.rows.loc[pool.rows.index.repeat(4)].reset_index(drop=True))

    once, _ = measure_grades(period, model, pool, pds, shocks)
    again, _ = measure_grades(period, model, four, np.repeat(pds, 4), shocks)
    table = findings_table(again, version, AS_OF)
    period.lake.write(FINDINGS, AS_OF, table, inputs={"test": "1"}, code="test")
    later = replace(period, as_of=add_months(AS_OF, 1))
    none = MaturedCohorts(pd.DataFrame({"bad": np.empty(0, dtype=int)}))
    handed_on, _ = measure_grades(later, model, none, np.empty(0), shocks)

    def numbers(findings):
        of_grades = ("jeffreys_grade:", "prudent_pd:")
        found = [f for f in findings if f.metric.startswith(of_grades) and f.rows]
        every = [number for f in found for number in (f.value, f.lower, f.upper, f.p_value)]
        return [number for number in every if number is not None]

    assert numbers(again) == pytest.approx(numbers(once), rel=1e-9)
    assert numbers(handed_on) == pytest.approx(numbers(once), rel=1e-9)
    assert any("(worth " in f.text for f in handed_on)
