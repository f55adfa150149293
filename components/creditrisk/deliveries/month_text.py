"""What a text says of a month: a date, or a count of months."""

import re
from datetime import date

from creditrisk.calendar import first
from creditrisk.deliveries.dates import read_date
from creditrisk.portfolio import ColumnSpec

SPACE = " \t\r\n\u00a0"
_COUNT = re.compile(r"([+-]?\d{1,4})(?:\.0*)?", re.ASCII)


def read_month(text: str, spec: ColumnSpec) -> date | None:
    """The month of a date; None where the text is none."""
    day = read_date(text.strip(SPACE + spec.strip), spec)
    return first(day) if day else None


def read_count(text: str, spec: ColumnSpec) -> int | None:
    """A count of months; None where the text is none."""
    found = _COUNT.fullmatch(text.strip(SPACE + spec.strip))
    return int(found[1]) if found else None
