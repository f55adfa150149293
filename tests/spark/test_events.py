"""Events: what one is, and what a history sums up."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from creditrisk import contracts
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.stages.etl.frames import MONTH
from creditrisk.stages.etl.history import history
from creditrisk.stages.etl.silver import Checked, check
from tests.builders.small_lender import PORTFOLIO, small_portfolio

JANUARY, FEBRUARY, MARCH = (date(2023, number, 1) for number in (1, 2, 3))
NUMBERED = PORTFOLIO.replace("      pages:", "      click: {role: event}\n      pages:")
Row = tuple[str, str, str, str]  # client, day, click, pages


def checked(spark: SparkSession, portfolio: Portfolio, rows: list[Row]) -> Checked:
    """Silver of delivered visits."""
    spec = portfolio.sources["visits"]
    contract = contracts.bronze("visits", spec)
    lines = [
        {"client": who, "month": day, "click": click, "pages": pages, "noise": "1"}
        | {"source_file": "f", "source_row": place, MONTH: date.fromisoformat(f"{day[:7]}-01")}
        for place, (who, day, click, pages) in enumerate(rows, start=1)
    ]
    return check("visits", spec, spark.createDataFrame(lines, f"{contract.ddl}, {MONTH} DATE"))


def visits(spark: SparkSession, portfolio: Portfolio, rows: list[Row]) -> DataFrame:
    return checked(spark, portfolio, rows).kept().drop(MONTH)


def found(portfolio: Portfolio, before: DataFrame, new: DataFrame, start: date) -> dict:
    rows = history(portfolio.events[0], before, new, start, MARCH).collect()
    return {(r.customer_id, r.snapshot_date): (r.visits_count, r.visits_pages_sum) for r in rows}


def nothing(spark: SparkSession, portfolio: Portfolio) -> DataFrame:
    return spark.createDataFrame([], contracts.history(portfolio.events[0]).ddl)


def test_events_of_a_month_add_up_in_order_of_their_days(spark: SparkSession) -> None:
    portfolio = small_portfolio()
    rows: list[Row] = [
        ("a", "2023-01-30", "", "1e16"),
        ("a", "2023-01-02", "", "1"),
        ("a", "2023-01-09", "", "-1e16"),
        ("b", "2023-01-31", "", "2"),
        ("a", "2023-03-05", "", "8"),
    ]
    new = visits(spark, portfolio, rows)
    assert found(portfolio, nothing(spark, portfolio), new, JANUARY) == {
        ("a", JANUARY): (3, (1 - 1e16) + 1e16),  # another order, another sum
        ("a", FEBRUARY): (3, (1 - 1e16) + 1e16),
        ("a", MARCH): (4, (1 - 1e16) + 1e16 + 8),
        ("b", JANUARY): (1, 2.0),
        ("b", FEBRUARY): (1, 2.0),
        ("b", MARCH): (1, 2.0),
    }


def test_a_history_goes_on_from_the_month_before(spark: SparkSession) -> None:
    portfolio = small_portfolio()
    before = spark.createDataFrame(
        [("a", FEBRUARY, 3, 7.0, 0.5)], contracts.history(portfolio.events[0]).ddl
    )
    new = visits(spark, portfolio, [("a", "2023-03-05", "", "8"), ("a", "2023-03-06", "", "")])
    assert found(portfolio, before, new, MARCH) == {("a", MARCH): (5, 15.0)}


def test_several_events_on_a_day_need_a_name_each(spark: SparkSession) -> None:
    rows: list[Row] = [
        ("a", "2023-01-02", "x1", "1"),
        ("a", "2023-01-02", "x2", "1"),
        ("a", "2023-01-02", "x2", "1"),
        ("a", "2023-01-03", "", "1"),
    ]
    numbered = checked(spark, parse_portfolio(NUMBERED, "x"), rows)
    assert sorted(row.event_id for row in numbered.kept().collect()) == ["x1", "x2"]
    assert [row.reason for row in numbered.set_aside().collect()] == ["no event_id"]
    by_day = checked(spark, small_portfolio(), rows)
    assert by_day.kept().count() == 2, "equal content is one event delivered again"
