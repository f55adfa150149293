"""Which months a table is about, and which dates went astray."""

from datetime import date

import pytest

from creditrisk.calendar_month import add_months, month_range
from creditrisk.deliveries.span import main_months

START = date(2020, 1, 1)
YEAR = dict.fromkeys(month_range(START, add_months(START, 11)), 5)


def test_a_lone_date_far_from_all_others_is_astray() -> None:
    assert main_months(YEAR | {date(2018, 6, 1): 1}) == [*YEAR]
    assert main_months(YEAR | {date(2069, 2, 1): 1}) == [*YEAR]


def test_a_quarter_of_the_rows_behind_a_pause_are_not_astray() -> None:
    later = dict.fromkeys(month_range(date(2022, 2, 1), date(2022, 5, 1)), 5)
    assert main_months(YEAR | later) == [*YEAR, *later]


def test_a_thin_month_behind_a_pause_counts_where_another_table_speaks_of_it() -> None:
    later = date(2022, 2, 1)
    assert main_months(YEAR | {later: 1}) == [*YEAR]
    assert main_months(YEAR | {later: 1}, elsewhere=[later]) == [*YEAR, later]


@pytest.mark.parametrize("every", [3, 12])
def test_rare_months_are_one_group(every: int) -> None:
    months = [add_months(START, number * every) for number in range(5)]
    assert main_months(dict.fromkeys(months, 5), every) == months


def test_nothing_is_about_no_month() -> None:
    assert main_months({}) == []


def test_a_single_row_a_year_away_is_astray_where_each_month_has_one() -> None:
    figures = dict.fromkeys(YEAR, 1)
    assert main_months(figures | {date(2002, 1, 1): 1}) == [*figures]
    few = dict.fromkeys([*YEAR][:3], 1)
    assert len(main_months(few | {date(2018, 6, 1): 1})) == 4
