"""Dates as delivered, read in Python as Spark reads them: by the same pattern letters."""

import re
from datetime import date, datetime
from functools import lru_cache

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import DATE_LETTERS

# of each of DATE_LETTERS: strptime's directive, and what Spark takes for it (strptime takes more)
_READ = {
    **{"yyyy": ("%Y", r"\d{4}"), "yy": ("%y", r"\d{2}"), "MMM": ("%b", "[A-Za-z]{3}")},
    **{"MM": ("%m", r"\d{2}"), "M": ("%m", r"\d{1,2}"), "dd": ("%d", r"\d{2}")},
    **{"d": ("%d", r"\d{1,2}"), "HH": ("%H", r"\d{2}"), "H": ("%H", r"\d{1,2}")},
    **{"mm": ("%M", r"\d{2}"), "ss": ("%S", r"\d{2}")},
}
assert set(_READ) == set(DATE_LETTERS)  # noqa: S101 - two lists of one thing


def read_date(said: str, spec: ColumnSpec) -> date | None:
    """A date by the column's format; None where the text is none."""
    directives, shape = _pattern(spec.format)
    if not shape.fullmatch(said):
        return None
    try:
        day = datetime.strptime(said, directives).date()
    except ValueError:
        return None
    if spec.two_digit_years:
        day = day.replace(year=spec.first_year + (day.year - spec.first_year) % 100)
    return day


@lru_cache
def _pattern(pattern: str) -> tuple[str, re.Pattern[str]]:
    parts = re.findall(r"([A-Za-z])(\1*)|([^A-Za-z]+)", pattern)
    pairs = [
        _READ[first + more] if first else (other.replace("%", "%%"), re.escape(other))
        for first, more, other in parts
    ]
    return "".join(d for d, _ in pairs), re.compile(
        "".join(shape for _, shape in pairs),
        re.ASCII,  # so are Java's digits
    )
