"""Where loans stand by codes, days or amounts; defaults that a status tells; figures that hold."""

from datetime import date

import pytest
from pyspark.sql import DataFrame, SparkSession

from creditrisk.calendar_month import add_months
from creditrisk.contracts import PARTITION
from creditrisk.deliveries.delivered_month import MOST_MONTHS
from creditrisk.policy import Outcome
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.state import STATES
from creditrisk.stages.etl.delinquency import balance, late, missed
from creditrisk.stages.etl.features import _holding
from creditrisk.stages.etl.labels import outcome_labels, with_defaults
from creditrisk.stages.etl.silver import _dated

COHORT = date(2023, 1, 1)
OUTCOME = Outcome(mob=3, early_mob=1, missed_instalments=1, reporting_lag=0)
KEYS = {
    "loan": {"role": "loan"},
    "client": {"role": "customer"},
    "began": {"role": "start", "type": "date"},
    "month": {"role": "snapshot", "type": "date"},
}
STATUS = {"role": "status", "type": "category"}
DUE = {"due": {"role": "due", "type": "number"}, "over": {"role": "overdue", "type": "number"}}
DAYS = {"days": {"role": "days_late", "type": "integer"}}


def spec(role: str = "performance", **columns: dict) -> SourceSpec:
    return SourceSpec.model_validate({"table": "t", "role": role, "columns": KEYS | columns})


def standing(spark: SparkSession, of: SourceSpec, columns: str, rows: list) -> list[tuple]:
    frame = spark.createDataFrame(rows, columns)
    found = frame.select(missed(of), late(of), balance(of)).collect()
    return [tuple(row) for row in found]


def test_each_state_counts_as_so_many_instalments(spark: SparkSession) -> None:
    rows = [(state,) for state in (*STATES, None)]
    found = standing(spark, spec(status=STATUS), "status string", rows)
    counts = dict(zip((*STATES, None), (row[0] for row in found), strict=True))
    assert counts == {
        **{"current": 0, "1-29": 0, "30-59": 1, "60-89": 2, "90+": 3, "paid_off": 0},
        **{"default": 3, "restructured": 3, "written_off": 3, "unknown": None, None: None},
    }
    ended = [state for state, row in zip((*STATES, None), found, strict=True) if row[2] == 0]
    assert ended == ["written_off", "paid_off"]
    assert [state for state, row in zip(STATES, found, strict=False) if row[1]] == ["1-29"]


def test_an_instalment_of_next_to_nothing_stops_no_month(spark: SparkSession) -> None:
    columns = "due double, overdue double, instalment double"
    rows = [(1e-300, 250.0, 1e-300), (100.0, 1e300, 100.0), (5e-324, 1e308, 5e-324)]
    assert [row[0] for row in standing(spark, spec(**DUE), columns, rows)] == [MOST_MONTHS] * 3


def test_thirty_days_late_are_one_instalment(spark: SparkSession) -> None:
    rows = [(days,) for days in (-2, 0, 29, 30, 89, 95, None)]
    found = standing(spark, spec(**DAYS), "days_late long", rows)
    assert [row[0] for row in found] == [0, 0, 0, 1, 2, 3, None]
    assert [row[1] for row in found] == [False, False, True, True, True, True, False]


def test_of_amounts_and_a_status_the_worse_one_counts(spark: SparkSession) -> None:
    columns = "due double, overdue double, instalment double, balance double, status string"
    both = spec(status=STATUS, owed={"role": "balance", "type": "number"}, **DUE)
    rows = [
        (100.0, 0.0, 100.0, 900.0, "written_off"),
        (100.0, 200.0, 100.0, 900.0, "current"),
        (100.0, 200.0, 100.0, 900.0, "unknown"),
    ]
    found = standing(spark, both, columns, rows)
    assert found == [(3, False, 0.0), (2, True, 900.0), (2, True, 900.0)]


def outcomes(spark: SparkSession, rows: list[tuple[str, int, str]]) -> DataFrame:
    """A loan's state some months after its start."""
    columns = (
        "loan_id string, application_id string, customer_id string, cohort date,"
        " snapshot_date date, status string, in_doubt boolean"
    )
    full = [
        (loan, loan, "c", COHORT, add_months(COHORT, month), status, status == "unknown")
        for loan, month, status in rows
    ]
    return spark.createDataFrame(full, columns)


def test_a_loan_is_bad_from_the_month_a_status_says_so(spark: SparkSession) -> None:
    rows = outcomes(
        spark,
        [
            ("in time", 0, "current"),
            ("in time", 3, "default"),
            ("too late", 0, "current"),
            ("too late", 4, "written_off"),
            ("repaid", 0, "current"),
            ("repaid", 2, "paid_off"),
            ("open", 1, "unknown"),
        ],
    )
    reported = with_defaults(spec("outcomes", status=STATUS), rows, OUTCOME)
    end = add_months(COHORT, 4)
    found = {
        (row["loan_id"], row["mob"]): row["bad"]
        for row in outcome_labels(reported, OUTCOME, COHORT, end).collect()
    }
    three = {loan: bad for (loan, mob), bad in found.items() if mob == 3}
    assert three == {"in time": 1, "too late": 0, "repaid": 0, "open": None}
    assert found["in time", 1] == 0


@pytest.mark.parametrize(("every", "months"), [(1, [1, 4]), (3, [1, 2, 3, 4, 5, 6])])
def test_a_figure_holds_until_the_next_is_due(
    spark: SparkSession, every: int, months: list[int]
) -> None:
    rows = [(date(2023, 1, 1), 5.1), (date(2023, 4, 1), 5.2)]
    figures = spark.createDataFrame(rows, "snapshot_date date, rate double")
    found = _holding(figures, every).orderBy("snapshot_date").collect()
    assert [row["snapshot_date"].month for row in found] == months


def test_a_count_of_months_beyond_all_reason_dates_no_row_and_stops_nothing(
    spark: SparkSession,
) -> None:
    mob = {"mob": {"role": "month_on_book", "type": "integer"}}
    keys = {name: KEYS[name] for name in ("loan", "client", "began")}
    of = SourceSpec.model_validate(
        {"table": "t", "role": "performance", "columns": keys | mob | DAYS}
    )
    counts = [2, -1, 10_000, 2**31, 2**53, None]
    rows = spark.createDataFrame([(COHORT, n) for n in counts], "cohort date, month_on_book long")
    found = [row[0] for row in _dated(of, rows).select(PARTITION).collect()]
    assert found == [date(2023, 3, 1), date(2022, 12, 1), None, None, None, None]
