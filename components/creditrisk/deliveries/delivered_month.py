"""What a text says of a month: a date, or a count of months."""

import re
from datetime import date

from creditrisk.calendar_month import first
from creditrisk.deliveries.dates import read_date
from creditrisk.deliveries.text_part import text_part
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE

MOST_MONTHS = 9_999  # a count of more is none
_COUNT = re.compile(r"([+-]?\d{1,4})(?:\.0*)?", re.ASCII)


def read_month(text: str, spec: ColumnSpec) -> date | None:
    """The month of a date; None where the text is none."""
    part = text_part(text.strip(SPACE + spec.strip), spec)
    day = read_date(part, spec) if part else None
    return first(day) if day else None


def read_count(text: str, spec: ColumnSpec) -> int | None:
    """A count of months; None where the text is none."""
    found = _COUNT.fullmatch(text_part(text.strip(SPACE + spec.strip), spec) or "")
    return int(found[1]) if found else None
