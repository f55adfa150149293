"""What policy stops: exit code 3, a report that says why, bronze kept, nothing of it in silver.

One month with every fault that blocks. Each test is a row of docs/deliveries.md.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from creditrisk.errors import GateError
from creditrisk.period import Period
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.quality import Check, QualityReport, load_report
from creditrisk.stages.etl.month import build_month
from tests.builders.deliveries import BUREAU, Delivery, month, period_at
from tests.builders.small_lender import PORTFOLIO

CLIENTS = 20


@dataclass
class Blocked:
    """A month that was stopped, after a good one."""

    period: Period
    error: GateError
    report: QualityReport

    def check(self, source: str, rule: str, column: str = "") -> Check:
        """A finding that blocks."""
        (found,) = (
            check
            for check in self.report.checks
            if (check.table, check.rule, check.column) == (source, rule, column)
        )
        assert found.severity == "block"
        return found


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Blocked:
    """Month 1: ten times the forms, a tenth of the bureau's, garbage, too much set aside."""
    root = tmp_path_factory.mktemp("blocked")
    delivery = Delivery(2, clients=CLIENTS)
    delivery.tables["bureau_report"] = [
        {"client": row["client"], "month": row["month"], "points": "7"}
        for row in delivery.tables["application_form"]
        if row["month"] == str(month(0)) or row["client"] in ("C1-0", "C1-1")
    ]
    for row in delivery.of("application_form", 1):
        row["income"] = "n/a"
        copies = [row | {"client": f"{row['client']}-{i}"} for i in range(9)]
        delivery.tables["application_form"] += copies
    for row in delivery.of("loan_ledger", 1)[:16]:
        row["overdue"] = ""
    portfolio = parse_portfolio(PORTFOLIO.replace("\nderived:", BUREAU), "blocked")
    period = replace(period_at(root, 1), portfolio=portfolio)
    landing = Path(delivery.write(root / "landing"))
    with pytest.raises(GateError) as error:
        build_month(period, str(landing))
    report = load_report(period.store, month(1))
    assert report is not None
    return Blocked(period, error.value, report)


def test_a_numeric_column_is_all_garbage(blocked: Blocked) -> None:
    check = blocked.check("form", "unreadable", "income")
    assert (check.count, check.rows) == (200, 200)


def test_a_table_has_ten_times_the_usual_rows(blocked: Blocked) -> None:
    assert "200 rows after 20 a month ago" in blocked.check("form", "too many rows").text


def test_a_table_has_a_tenth_of_the_usual_rows(blocked: Blocked) -> None:
    assert "2 rows after 20 a month ago" in blocked.check("bureau", "too few rows").text


def test_more_rows_are_set_aside_than_policy_allows(blocked: Blocked) -> None:
    assert "16 of 40 rows set aside" in blocked.check("ledger", "set aside").text


def test_a_blocked_month_says_why_and_leaves_bronze_and_the_months_before(
    blocked: Blocked,
) -> None:
    assert blocked.error.exit_code == 3
    assert str(blocked.error).startswith("2023-02-01 is blocked: form: income unreadable")
    lake = blocked.period.lake
    assert lake.months("bronze/form") == [month(0), month(1)]
    for table in ("silver/form", "silver/quarantine", "gold/features", "gold/labels"):
        assert lake.months(table) == [month(0)], table
