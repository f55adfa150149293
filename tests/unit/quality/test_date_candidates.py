"""How dates may be written, and that whoever follows the advice reads each as it was meant."""

from datetime import datetime, timedelta

import pytest
import yaml

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check import advice
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.stages.etl.cleaning import UNREADABLE
from tests.builders.column_of_texts import column_of

DAYS = [datetime(2021, 11, 3, 0, 5, 9) + timedelta(days=17 * n, hours=5 * n) for n in range(40)]
WRITTEN = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d%m%Y"),
    *("%d %b %Y", "%d-%b-%y", "%d-%b-%Y", "%d%b%Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y"),
    *("%-d/%-m/%Y", "%-m/%-d/%y", "%-d.%-m.%y", "%d. %m. %Y", "%Y年%m月%d日", "%Y-%j", "%Y%j"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%-d.%-m.%Y %-H:%M", "%H:%M %d/%m/%Y"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.123+05:30", "%Y%m%dT%H%M%S"),
    *("%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S UTC", "%d-%b-%y %I.%M.%S.000000 %p", "%d%b%Y:%H:%M:%S.00"),
    *("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S CET %Y", "%a, %d %b %Y %H:%M:%S +0530"),
    *(
        "%Y-%m-%dZ",
        "%Y-%m-%d+01:00",
        "%d/%m/%Y %H:%M:%S,123",
        "'%Y-%m-%d",
        '"%d.%m.%Y"',
        "“%Y%m%d”",
    ),
)
MONTHS = ("%B %Y", "%b-%y", "%m-%Y", "%m.%Y", "%Y%m", "%Y-%m", "%m/%y", "%y%m", "%YM%m")
# no format reads them, or one that does would read a half year, a week, another calendar
NOT_READ = (
    *(
        "{0.year}H{1}",
        "{0:%G-W%V}",
        "FY{0.year}M{0:%m}",
        "{0.day}. März {0.year}",
        "R4.{0.month}.1",
    ),
    *("{0.day}th {0:%b %Y}", "1{0:%y%m%d}", "{0:%A}, {0:%d %B %Y}", "W{0:%V}/{0.year}"),
)


def column(texts: list[str], format_: str = "yyyy-MM-dd") -> Column:
    spec = ColumnSpec(type="date", format=format_)
    return column_of("day", spec, texts)


def advised(texts: list[str], format_: str = "yyyy-MM-dd") -> str:
    of = column(texts, format_)
    return advice.unreadable(of, list(of.commonest(UNREADABLE)))[1]


@pytest.mark.parametrize("written", WRITTEN + MONTHS)
def test_a_date_is_read_as_it_was_meant(written):
    change = advised([day.strftime(written) for day in DAYS], "MM|yyyy")
    keys = yaml.safe_load(f"{{{change.partition(' (')[0]}}}")
    spec = ColumnSpec.model_validate({"type": "date"} | keys)
    for day in DAYS:
        meant = day.date().replace(day=1) if written in MONTHS else day.date()
        assert read(day.strftime(written), spec)[0] == meant, change


@pytest.mark.parametrize("written", NOT_READ)
def test_what_is_no_date_of_the_calendar_is_not_taken_for_one(written):
    texts = [written.format(day, (day.month + 5) // 6) for day in DAYS]
    assert advised(texts) == advice.NO_FORMAT


def test_advice_for_some_dates_keeps_the_others():
    iso = [f"{day:%Y-%m-%d}" for day in DAYS]
    assert advised([*iso, *(f"{day:%d/%m/%Y}" for day in DAYS)]) == advice.TWO_WAYS
    assert advised([*iso, *(f"{day:%Y-%-m-%-d}" for day in DAYS)]) == "format: yyyy-M-d"
    assert advised([*iso, "2022-02-30"]) == advice.NO_FORMAT


def test_a_number_and_a_quarter_may_be_meant_otherwise():
    quarters = [f"{day.year}/{(day.month + 2) // 3}" for day in DAYS]
    assert advised(quarters).startswith("format: yyyy/M (or yyyy/Q")
    numbers = column_of("age", ColumnSpec(type="number"), ["10-20", "11-30"])
    assert advice.unreadable(numbers, [("10-20", 1), ("11-30", 1)])[1] == "type: category"
