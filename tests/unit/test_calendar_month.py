from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.calendar_month import add_months, month_range, months_between, parse_month
from creditrisk.errors import UserError

FIRSTS = st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(lambda day: day.replace(day=1))


@given(FIRSTS, st.integers(-400, 400))
def test_adding_months_and_counting_them_agree(month, count):
    assert months_between(month, add_months(month, count)) == count


def test_a_year_boundary_is_crossed_in_both_directions():
    assert add_months(date(2023, 12, 1), 1) == date(2024, 1, 1)
    assert add_months(date(2024, 1, 1), -1) == date(2023, 12, 1)


def test_a_range_holds_both_ends():
    assert list(month_range(date(2023, 11, 1), date(2024, 1, 1))) == [
        date(2023, 11, 1),
        date(2023, 12, 1),
        date(2024, 1, 1),
    ]


@pytest.mark.parametrize("text", ["2024-09-01", "2024-9-1", "2024-09", "2024-9"])
def test_a_month_may_be_written_short(text):
    assert parse_month(text) == date(2024, 9, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-09-15", "did you mean 2024-09-01"),
        ("2024-13", "write it as 2024-09"),
        ("2024-9-1-1", "write it as 2024-09"),
        (" 2024-09", "write it as 2024-09"),
        ("٢٠٢٤-09", "write it as 2024-09"),
        ("", "write it as 2024-09"),
        ("0001-01-01", "write it as 2024-09"),
        ("9999-12", "write it as 2024-09"),
        ("last month", "as_of 'last month' is not a month"),
    ],
)
def test_what_is_not_a_month_is_refused_with_the_next_move(text, found):
    with pytest.raises(UserError, match=found):
        parse_month(text)
