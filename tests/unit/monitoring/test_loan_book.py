"""The loans themselves: vintage curves, roll rates, the book. Counted by hand."""

from datetime import date

import pyarrow as pa
import pytest

from creditrisk.contracts import LOAN_MONTHS
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.stages.monitoring.loan_book import loan_book
from tests.builders.small_lender import small_period

JAN, FEB, MAR = (date(2024, month, 1) for month in (1, 2, 3))
BUCKETS = {0: "current", 1: "30-59", 2: "60-89", 3: "90+"}


def loan(name, cohort, mob, missed, balance=100.0):
    return {
        "loan_id": name,
        "application_id": name,
        "customer_id": name,
        "cohort": cohort,
        "month_on_book": mob,
        "missed": missed,
        "bucket": BUCKETS.get(missed),
        "overdue": 0.0,
        "balance": balance,
        "instalment": 10.0,
    }


PANEL = {
    JAN: [loan("a", JAN, 0, 0), loan("b", JAN, 0, 0)],
    FEB: [loan("a", JAN, 1, 1), loan("b", JAN, 1, 0), loan("c", FEB, 0, 0)],
    MAR: [
        loan("a", JAN, 2, 0),
        loan("b", JAN, 2, None),
        loan("c", FEB, 1, 1),
        loan("d", MAR, 0, 0),
    ],
}  # a was bad and recovered; b's third month tells nothing


def lender(tmp_path, panel=PANEL, as_of=MAR):
    period = small_period(tmp_path, as_of)
    for month, loans in panel.items():
        rows = [row | {"snapshot_date": month} for row in loans]
        table = pa.Table.from_pylist(rows, schema=LOAN_MONTHS.arrow)
        period.lake.write(LOAN_MONTHS, month, table, inputs={}, code="test")
    return period


@pytest.fixture
def found(tmp_path):
    return {(f.metric, f.cohort): f for f in loan_book(lender(tmp_path))[0]}


def test_a_vintage_curve_never_falls_and_counts_every_loan_of_its_cohort(found):
    curve = [found[(f"vintage:{mob}", "2024-01")] for mob in (1, 2)]
    assert [(f.value, f.rows, f.bads) for f in curve] == [(0.5, 2, 1), (0.5, 2, 1)]
    assert (curve[0].lower, curve[0].upper) == (
        clopper_pearson(1, 2).lower,
        clopper_pearson(1, 2).upper,
    )


def test_a_curve_ends_where_its_cohort_was_last_seen(found):
    assert found[("vintage:1", "2024-02")].value == 1.0
    assert ("vintage:2", "2024-02") not in found
    assert not any(metric == "vintage:0" for metric, _ in found)


def test_roll_rates_are_shares_of_the_loans_that_were_in_a_bucket(found):
    rolls = {metric: f for (metric, _), f in found.items() if metric.startswith("roll:")}
    # of a, b and c in February: b's bucket is unknown in March
    assert rolls["roll:30-59>current"].value == 1.0
    assert rolls["roll:current>30-59"].value == 1.0
    assert rolls["roll:current>30-59"].rows == 1
    assert rolls["roll:current>current"].value == 0.0
    assert not any(metric.startswith("roll:90+") for metric in rolls)


def test_the_book_counts_loans_balance_and_who_is_behind(found):
    assert found[("loans_on_book", "2024-03")].value == 4
    assert found[("balance_on_book", "2024-03")].value == 400
    behind = found[("delinquent_share", "2024-03")]
    assert (behind.value, behind.rows, behind.bads) == (pytest.approx(1 / 3), 3, 1)


def test_a_later_month_changes_nothing(tmp_path):
    early = loan_book(lender(tmp_path / "early", {m: PANEL[m] for m in (JAN, FEB)}, FEB))[0]
    assert loan_book(lender(tmp_path / "late", PANEL, FEB))[0] == early


def test_only_the_newest_cohorts_have_a_curve(tmp_path):
    period = lender(tmp_path)
    limits = period.policy.monitoring.model_copy(update={"vintage_cohorts": 2})
    policy = period.policy.model_copy(update={"monitoring": limits})
    period = type(period)(MAR, policy, period.portfolio, period.store, "run")
    found = loan_book(period)[0]
    assert {f.cohort for f in found if f.metric.startswith("vintage")} == {"2024-02"}


def test_a_lender_without_a_panel_has_no_book(tmp_path):
    assert loan_book(lender(tmp_path, {})) == ([], [])


def test_a_month_without_loans_has_no_rates(tmp_path):
    found = {f.metric: f for f in loan_book(lender(tmp_path, {JAN: [], FEB: [], MAR: []}))[0]}
    assert set(found) == {"loans_on_book", "balance_on_book", "delinquent_share"}
    assert (found["loans_on_book"].value, found["delinquent_share"].value) == (0, None)
