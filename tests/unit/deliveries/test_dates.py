"""Dates in any spelling: what is read, what is refused, and times that make no difference."""

from datetime import date

import pyarrow as pa
import pytest

from creditrisk.deliveries.dates import read_date, same_day
from creditrisk.deliveries.row_month import text_months
from creditrisk.portfolio import ColumnSpec
from tests.builders.hostile_cells import BLOWN_UP, COLUMNS, hostile_cells

DATED = ("date", "timestamp", "count of days", "period")


def dated(format_: str) -> ColumnSpec:
    return ColumnSpec(type="date", format=format_)


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("iso", "2023-01-31T23:59:59.25+05:30"),
        ("yyyy-MM-dd HH:mm:ss.SS", "2023-01-31 00:00:00.07"),
        ("M/d/yyyy h:mm:ss a", "1/31/2023 12:00:00 AM"),
        ("ddMMMyyyy:HH:mm:ss", "31jan2023:23:59:59"),
        ("yyyyMMdd'T'HHmmssX", "20230131T000000Z"),
        ("EEE, dd MMM yyyy HH:mm:ss X", "Tue, 31 Jan 2023 08:00:00 +0530"),
        ("MMMM d, yyyy", "January 31, 2023"),
        ("yyyyDDD", "2023031"),
        ("epoch seconds", "1675123200"),
        ("epoch milliseconds", "1675209599999"),
        ("seconds since 1970-01-01 05:30", "1675103400"),  # midnight in India
        ("excel 1900", "44957.999"),
        ("excel 1904", "43495"),
        ("sas date", "23041"),
        ("sas datetime", "1990742400"),
        ("days since 1980-01-06", "15731"),
    ],
)
def test_the_last_of_january_in_any_spelling(format_, text):
    assert read_date(text, dated(format_)) == date(2023, 1, 31)


@pytest.mark.parametrize(
    ("format_", "text", "found"),
    [
        ("yyyy'Q'Q", "2019Q3", date(2019, 7, 1)),
        ("'Q'Q-yy", "Q4-97", date(1997, 10, 1)),
        ("months since 2015-01", "17", date(2016, 6, 1)),
        ("months before 2015-01", "17", date(2013, 8, 1)),
        ("months before 2015-01", "24168", date(1, 1, 1)),
        ("months before 2015-01", "24169", None),
        ("months before 2015-01", "-95819", date(9999, 12, 1)),
        ("months before 2015-01", "-95820", None),
        ("quarters since 2015-01", "-1", date(2014, 10, 1)),
        ("excel 1900", "59", date(1900, 2, 28)),
        ("excel 1900", "60", None),
        ("excel 1904", "0", date(1904, 1, 1)),
        ("epoch seconds", "-0.5", date(1969, 12, 31)),
        ("months since 2015-01", "17.5", None),
        ("M/d/yyyy h:mm a", "1/31/2023 0:15 AM", None),
        ("iso", "2023-01-31T24:00", None),
        ("days since 1970-01-01", "99999999", None),
    ],
)
def test_quarters_months_and_the_edges_of_counts(format_, text, found):
    assert read_date(text, dated(format_)) == found


@pytest.mark.parametrize("kind", DATED)
def test_a_time_taken_off_changes_no_day(kind):
    texts = [*hostile_cells(kind, 2_000, seed=3), *BLOWN_UP]
    for spec in COLUMNS[kind]:
        cut = same_day(pa.array(texts), spec).to_pylist()
        assert [read_date(text, spec) for text in cut] == [read_date(t, spec) for t in texts]


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("yyyy-MM-dd HH:mm:ss", "2023-01-31 {:02d}:{:02d}:00"),
        ("iso", "2023-01-31T{:02d}:{:02d}:00.5Z"),
        ("epoch seconds", "16751{}{:02d}0"),
        ("excel 1900", "44957.{:02d}{:02d}"),
    ],
)
def test_a_file_with_a_time_in_each_row_has_few_days(format_, text):
    texts = pa.array(
        [
            text.format(hour + 24 * (format_ == "epoch seconds"), minute)
            for hour in range(24)
            for minute in range(60)
        ]
    )
    assert len(same_day(texts, dated(format_)).unique()) <= 3
    months, codes = text_months(texts, dated(format_))
    assert set(months) <= {date(2023, 1, 1), date(2023, 2, 1)}
    assert (codes >= 0).all()


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("yyyy-MM-ddTHH", "T is not supported; use yyyy, .*text stands in quotes: 'T'"),
        ("yyyy-MM'T", "a quote is open"),
        ("epoch minutes", "is not supported"),
        ("days since 2023-02-30", "day is out of range"),
        ("days since 1970-01-01 05:30", "a time of day says nothing here"),
        ("seconds since 1970-01-01 25:00", "a time of day says nothing here"),
        ("months since 2015-01-01", "is not supported"),
    ],
)
def test_a_format_that_cannot_be_read_is_refused(format_, text):
    with pytest.raises(ValueError, match=text):
        dated(format_)
