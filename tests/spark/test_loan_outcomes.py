"""Where loans stand, and how they turn out: counted in instalments."""

from datetime import date

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.policy import Outcome
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl.labels import labels
from creditrisk.stages.etl.loan_months import SIGHT, loan_months
from tests.builders.small_lender import PORTFOLIO

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
    found = loan_months(WITH_BALANCE, rows, nothing(spark)).collect()
    return {(row["loan_id"], row["month_on_book"]): row for row in found}


def nothing(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([], contracts.LOAN_MONTHS.ddl)


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


def test_the_instalment_is_carried_from_run_to_run(spark: SparkSession) -> None:
    """Month by month, as in one go: also past due date, and over a snapshot that is missing."""
    ledger: dict[str, list[Month]] = {
        "A": [(1, 100.0, 0.0, 9.0), (2, 0.0, 200.0, 9.0), (5, 0.0, 300.0, 9.0)],
        "B": [(1, 50.0, 0.0, 9.0), (5, 0.0, 100.0, 9.0)],
    }
    found: dict[tuple[str, int], int | None] = {}
    before = nothing(spark)
    for mob in range(1, 6):
        now = panel(
            spark, {loan: [m for m in rows if m[0] == mob] for loan, rows in ledger.items()}
        )
        months = loan_months(WITH_BALANCE, now, before.where(F.col("month_on_book") >= mob - SIGHT))
        found |= {(row["loan_id"], mob): row["missed"] for row in months.collect()}
        before = before.unionByName(months)
    at_once = {key: row["missed"] for key, row in standing(spark, ledger).items()}
    assert found == at_once
    assert found["A", 2] == 2
    assert found["A", 5] == 3
    assert found["B", 5] is None, "out of sight for longer than that, a loan starts anew"


def outcomes(spark: SparkSession, loans: dict[str, list[Month]]) -> dict[tuple[str, int], Row]:
    rows = panel(spark, loans)
    months = loan_months(WITH_BALANCE, rows, nothing(spark))
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


@pytest.mark.parametrize("lag", [0, 2])
def test_an_outcome_matures_after_the_reporting_lag(spark: SparkSession, lag: int) -> None:
    rows = panel(spark, {"A": [(mob, 100.0, 0.0, 9.0) for mob in (1, 2, 3)]})
    months = loan_months(WITH_BALANCE, rows, nothing(spark))
    outcome = OUTCOME.model_copy(update={"reporting_lag": lag})
    matured = add_months(START, 3 + lag)
    found = labels(months, outcome, matured, matured).collect()
    assert [(row["mob"], row["snapshot_date"]) for row in found] == [(3, matured)]
    assert labels(months, outcome, START, add_months(START, lag)).collect() == []
