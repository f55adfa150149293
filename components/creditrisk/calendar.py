"""Months: every snapshot, cohort and `as_of` is the first day of one."""

from collections.abc import Iterator
from datetime import date

from creditrisk.errors import UserError


def parse_month(text: str, what: str = "as_of") -> date:
    """Read `YYYY-MM-DD` (first of a month) or `YYYY-MM`; anything else is a `UserError`."""
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        raise UserError(
            f"{what} '{text}' is not a month; write it as YYYY-MM-01, e.g. 2024-09-01"
        ) from None
    if day.day != 1:
        raise UserError(f"{what} '{text}' is not the first of a month; did you mean {first(day)}?")
    return day


def first(day: date) -> date:
    """The month a day falls in."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """The month `count` months later (earlier if negative)."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(start: date, end: date) -> int:
    """Whole months from `start` to `end`; negative when `end` is earlier."""
    return (end.year - start.year) * 12 + end.month - start.month


def month_range(start: date, end: date) -> Iterator[date]:
    """Every month from `start` to `end`, both included."""
    for count in range(months_between(start, end) + 1):
        yield add_months(start, count)
