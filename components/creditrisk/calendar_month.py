"""Months: every snapshot, cohort and `as_of` is the first day of one."""

import re
from collections.abc import Collection, Iterator
from datetime import date

from creditrisk.errors import UserError

_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # of a snapshot: others are slips
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)


def parse_month(text: str, what: str = "as_of") -> date:
    """Read `2024-09-01` (first of a month), `2024-09` or `2024-9`; else a `UserError`."""
    written = _WRITTEN.fullmatch(text)
    try:
        day = date(*(int(part) for part in written.groups("1"))) if written else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UserError(f"{what} '{text}' is not a month; write it as 2024-09")
    if day.day != 1:
        raise UserError(f"{what} '{text}' is not the first of a month; did you mean {first(day)}?")
    return day


def first(day: date) -> date:
    """The month a day falls in."""
    return day.replace(day=1)


def year_month(day: date) -> str:
    """`2024-09`: the year in four digits, also before the year 1000."""
    return day.isoformat()[:7]


def span(months: Collection[date], between: str) -> str:
    """The first and the last month, `2024-01 to 2024-03`; a single one alone."""
    first, last = min(months), max(months)
    return year_month(first) + (f"{between}{year_month(last)}" if first != last else "")


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
