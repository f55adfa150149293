"""Where loans stand, and how they turn out: counted in instalments."""

from datetime import date

import pytest
from pyspark.sql import Row, SparkSession

from creditrisk import contracts
from creditrisk.etl.labels import labels, outcome_labels
from creditrisk.etl.loan_months import loan_months
from creditrisk.month import add_months
from creditrisk.policy import Outcome
from creditrisk.portfolio import ColumnSpec, SourceSpec, parse_portfolio
from tests.small import PORTFOLIO

START = date(2023, 12, 1)
OUTCOME = Outcome(mob=3, early_mob=1, missed_instalments=1, reporting_lag=0)
WITH_BALANCE = parse_portfolio(
    PORTFOLIO.replace(
        "      overdue: {role: overdue, type: number}",
        "      overdue: {role: overdue, type: number}\n      left: {role: balance, type: number}",
    ),
    "test",
).sources["ledger"]
Month = tuple[int, float, float, float | None]  # month on book, due, overdue, balance


def panel(spark: SparkSession, loans: dict[str, list[Month]]):
    rows = [
        (loan, f"C{loan}", add_months(START, mob), START, mob, due, overdue, balance)
        for loan, months in loans.items()
        for mob, due, overdue, balance in months
    ]
    contract = contracts.silver("ledger", WITH_BALANCE)
    assert contract.names[-3:] == ("due", "overdue", "balance")
    return spark.createDataFrame(rows, contract.ddl)


def standing(spark: SparkSession, loans: dict[str, list[Month]]) -> dict[tuple[str, int], Row]:
    rows = panel(spark, loans)
    found = loan_months(WITH_BALANCE, rows, rows.limit(0)).collect()
    return {(row["loan_id"], row["month_on_book"]): row for row in found}


def test_full_instalments_are_counted_and_put_in_buckets(spark: SparkSession) -> None:
    overdue = {"A": 0.0, "B": 99.0, "C": 100.0, "D": 299.0, "E": 300.0, "F": 700.0}
    found = standing(spark, {loan: [(2, 100.0, x, 0.0)] for loan, x in overdue.items()})
    assert [found[loan, 2]["missed"] for loan in overdue] == [0, 0, 1, 2, 3, 7]
    buckets = ["current", "1-29", "30-59", "60-89", "90+", "90+"]
    assert [found[loan, 2]["bucket"] for loan in overdue] == buckets
    assert found["A", 2]["application_id"] == f"CA_{START}"


def test_binary_fractions_lose_no_instalment(spark: SparkSession) -> None:
    assert standing(spark, {"A": [(3, 33.33, 99.99, 0.0)]})["A", 3]["missed"] == 3


def test_without_a_due_instalment_the_largest_one_so_far_counts(spark: SparkSession) -> None:
    months: list[Month] = [(0, 0.0, 0.0, 9.0), (1, 80.0, 0.0, 9.0), (2, 100.0, 0.0, 9.0)]
    found = standing(spark, {"A": [*months, (3, 0.0, 250.0, 9.0)], "B": [(1, 0.0, 50.0, 9.0)]})
    assert found["A", 0]["missed"] == 0
    assert found["A", 3]["missed"] == 2
    assert found["B", 1]["missed"] is None, "an instalment never seen tells nothing"


def test_the_instalment_may_lie_in_an_earlier_run(spark: SparkSession) -> None:
    before = panel(spark, {"A": [(1, 100.0, 0.0, 9.0)], "B": [(1, 5.0, 0.0, 9.0)]})
    now = panel(spark, {"A": [(2, 0.0, 200.0, 9.0)]})
    found = loan_months(WITH_BALANCE, now, before).collect()
    assert [(row["loan_id"], row["missed"]) for row in found] == [("A", 2)]


def outcomes(spark: SparkSession, loans: dict[str, list[Month]]) -> dict[tuple[str, int], Row]:
    rows = panel(spark, loans)
    months = loan_months(WITH_BALANCE, rows, rows.limit(0))
    found = labels(months, OUTCOME, START, add_months(START, 6)).collect()
    return {(row["loan_id"], row["mob"]): row for row in found}


def test_labels_say_bad_good_or_nothing(spark: SparkSession) -> None:
    def loan(*overdue: float, balance: float = 500.0) -> list[Month]:
        return [
            (mob, 100.0 if mob else 0.0, x, balance) for mob, x in enumerate(map(float, overdue))
        ]

    found = outcomes(
        spark,
        {
            "good": loan(0, 0, 0, 0, 0),
            # due on 1 January, seen on 1 February and 1 March: 29 days, one instalment
            "short february": loan(0, 0, 0, 100),
            "cured": loan(0, 0, 100, 0),
            "too late": loan(0, 0, 0, 0, 100),
            "lost from sight": loan(0, 0),
            "bad, then lost": loan(0, 100),
            "paid off": loan(0, 0, balance=0.0),
        },
    )
    bad = {loan: row["bad"] for (loan, mob), row in found.items() if mob == 3}
    assert bad == {
        "good": 0,
        "short february": 1,
        "cured": 1,
        "too late": 0,
        "lost from sight": None,
        "bad, then lost": 1,
        "paid off": 0,
    }
    assert found["good", 3]["snapshot_date"] == add_months(START, 3)
    assert found["good", 1]["snapshot_date"] == add_months(START, 1)
    assert found["lost from sight", 3]["months_observed"] == 1


def test_more_missed_payments_never_make_a_loan_better(spark: SparkSession) -> None:
    loans: dict[str, list[Month]] = {
        f"{missed}": [(mob, 100.0, missed * 100.0, 900.0) for mob in (1, 2, 3)]
        for missed in range(5)
    }
    found = outcomes(spark, loans)
    assert [found[f"{missed}", 3]["bad"] for missed in range(5)] == [0, 1, 1, 1, 1]


def test_a_lender_without_a_panel_tells_by_the_date_of_default(spark: SparkSession) -> None:
    spec = SourceSpec(
        table="defaults",
        role="outcomes",
        columns={
            "loan": ColumnSpec(role="loan"),
            "client": ColumnSpec(role="customer"),
            "month": ColumnSpec(role="snapshot", type="date"),
            "began": ColumnSpec(role="start", type="date"),
            "failed": ColumnSpec(role="default_date", type="date"),
        },
    )
    at = add_months(START, 2)
    rows = spark.createDataFrame(
        [
            ("A", "CA", at, START, date(2024, 3, 15)),
            ("B", "CB", at, START, None),
            ("C", "CC", at, START, date(2024, 4, 2)),
            ("D", "CD", add_months(START, 5), START, date(2024, 1, 3)),
        ],
        contracts.silver("defaults", spec).ddl,
    )
    found = outcome_labels(spec, rows, OUTCOME, START, add_months(START, 6)).collect()
    assert {row["loan_id"]: row["bad"] for row in found if row["mob"] == 3} == {
        "A": 1,
        "B": 0,
        "C": 0,
    }, "D was not known when the outcome matured"


@pytest.mark.parametrize("lag", [0, 2])
def test_an_outcome_matures_after_the_reporting_lag(spark: SparkSession, lag: int) -> None:
    rows = panel(spark, {"A": [(mob, 100.0, 0.0, 9.0) for mob in (1, 2, 3)]})
    months = loan_months(WITH_BALANCE, rows, rows.limit(0))
    outcome = OUTCOME.model_copy(update={"reporting_lag": lag})
    matured = add_months(START, 3 + lag)
    found = labels(months, outcome, matured, matured).collect()
    assert [(row["mob"], row["snapshot_date"]) for row in found] == [(3, matured)]
    assert labels(months, outcome, START, add_months(START, lag)).collect() == []
