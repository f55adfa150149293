"""Months without an application: declared, they are built like any other; else they are a gap."""

import gzip
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.period import Period, freeze
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl.month import build_month
from creditrisk.storage import open_store
from tests.builders.deliveries import POLICY, Delivery, month, table
from tests.builders.small_lender import PORTFOLIO

pytestmark = pytest.mark.usefixtures("spark")
FORM = "table: application_form\n    role: applications\n"
PAUSES = PORTFOLIO.replace(FORM, FORM + "    pauses: true\n")
QUARTERLY = PORTFOLIO.replace(FORM, FORM + "    every: 3\n")


def built(root: Path, description: str, landing: str, number: int) -> Period:
    portfolio, store = parse_portfolio(description, "test"), open_store(str(root / "store"))
    freeze(store, POLICY, portfolio)
    period = Period(month(number), POLICY, portfolio, store, "run")
    build_month(period, landing)
    return period


def applied(period: Period) -> list:
    found = table(period, contracts.features(period.portfolio))
    return sorted(found.snapshot_date.unique())


def without_applications(months: int, *pause: int) -> Delivery:
    delivery = Delivery(months)
    for number in pause:
        delivery.drop("application_form", number)
    return delivery


def test_a_month_without_applications_is_built_and_what_matures_in_it_is_labelled(
    tmp_path: Path, spark: SparkSession
) -> None:
    delivery = without_applications(5, 2, 4)
    landing = Path(delivery.write(tmp_path / "landing", monthly=True))
    header = ",".join(delivery.tables["application_form"][0]) + "\n"
    for number in (2, 4):  # nobody applied: a header and no row
        file = landing / "application_form" / f"{month(number)}.csv.gz"
        file.write_bytes(gzip.compress(header.encode()))
    period = built(tmp_path, PAUSES, str(landing), 4)
    assert applied(period) == [month(0), month(1), month(3)]
    labels = table(period, contracts.LABELS)
    assert month(1) in set(labels.cohort[labels.snapshot_date == month(4)])


def test_in_a_file_of_all_months_the_lender_goes_on_where_its_loans_do(
    tmp_path: Path, spark: SparkSession
) -> None:
    landing = without_applications(4, 1, 3).write(tmp_path / "landing")
    assert applied(built(tmp_path, PAUSES, landing, 3)) == [month(0), month(2)]
    beyond = tmp_path / "store"
    with pytest.raises(UserError, match="no row of 2023-05-01"):
        built(tmp_path, PAUSES, landing, 4)  # nothing at all has come of May
    assert beyond.exists()


def test_quarterly_applications_leave_two_months_without(
    tmp_path: Path, spark: SparkSession
) -> None:
    landing = without_applications(5, 1, 2, 4).write(tmp_path / "landing")
    assert applied(built(tmp_path, QUARTERLY, landing, 4)) == [month(0), month(3)]
    late = Path(without_applications(5, 1, 2, 3, 4).write(tmp_path / "late"))
    with pytest.raises(UserError, match="application_form has no row of 2023-04-01"):
        built(tmp_path / "2", QUARTERLY, str(late), 4)


def test_undeclared_it_is_a_gap_and_the_message_says_what_to_write(tmp_path: Path) -> None:
    landing = without_applications(3, 1).write(tmp_path / "landing")
    with pytest.raises(UserError, match=r"write pauses: true under sources\.form"):
        built(tmp_path, PORTFOLIO, landing, 2)


def test_a_file_of_a_header_only_is_asked_about_and_not_asked_for(tmp_path: Path) -> None:
    landing = Path(Delivery(3).write(tmp_path / "landing", monthly=True))
    header = b"client,month,income,debt,home,age\n"
    (landing / "application_form" / f"{month(1)}.csv.gz").write_bytes(gzip.compress(header))
    with pytest.raises(UserError, match="if nobody applied in that month, write") as error:
        built(tmp_path, PORTFOLIO, str(landing), 2)
    assert "deliver" not in str(error.value)
