"""Dates as delivered, read in Python as Spark reads them: by the same letters, years 1 to 9999."""

import re
from datetime import date, datetime
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import DATE_LETTERS

# of each of DATE_LETTERS: strptime's directive, and what we take for it (less than strptime takes)
_READ = {
    **{"yyyy": ("%Y", r"(?!0000)\d{4}"), "yy": ("%y", r"\d{2}"), "MMM": ("%b", "[A-Za-z]{3}")},
    **{"MM": ("%m", r"\d{2}"), "M": ("%m", r"\d{1,2}"), "dd": ("%d", r"\d{2}")},
    **{"d": ("%d", r"\d{1,2}"), "HH": ("%H", r"\d{2}"), "H": ("%H", r"\d{1,2}")},
    **{"mm": ("%M", r"\d{2}"), "ss": ("%S", r"\d{2}")},
}
assert set(_READ) == set(DATE_LETTERS)  # noqa: S101 - two lists of one thing


def read_date(text: str, spec: ColumnSpec) -> date | None:
    """A date by the column's format; None where the text is none."""
    directives, shape = _pattern(spec.format)
    if not shape.fullmatch(text):
        return None
    try:
        day = datetime.strptime(text, directives).date()
    except ValueError:
        return None
    if spec.two_digit_years:
        day = day.replace(year=spec.first_year + (day.year - spec.first_year) % 100)
    return day


def date_shape(pattern: str) -> str:
    """What a text of this format looks like, as a pattern that Java and Python read alike."""
    return "".join(
        _READ[letters][1] if letters else re.escape(other) for letters, other in _parts(pattern)
    )


def date_part(texts: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, ColumnSpec]:
    """Texts without the time of day that follows the date, and the column that reads them.

    A file of clicks has as many times as rows: without them each date is read once. A text whose
    time is none stays whole, and is then no date. Formats whose letters vary in length, or that
    begin with a time, are left alone.
    """
    found = re.fullmatch(r"([yMd]+(?:[^A-Za-z][yMd]+)*)([^A-Za-z]+HH:mm(?::ss)?)", spec.format)
    if found is None or re.search(r"(?<![Md])[Md](?![Md])|MMM", found[1]):
        return texts, spec
    date, time = found.groups()
    minutes = re.escape(time).replace("HH", r"([01]\d|2[0-3])").replace("mm", r"[0-5]\d")
    shape = f"^.{{{len(date)}}}{minutes.replace('ss', '[0-5][0-9]')}$"
    timed = pc.match_substring_regex(texts, shape).fill_null(False)
    cut = pc.utf8_slice_codeunits(texts, 0, len(date))
    whole = pc.binary_join_element_wise(texts, "", "no date", null_handling="skip")
    return pc.if_else(timed, cut, whole), spec.model_copy(update={"format": date})


@lru_cache
def _pattern(pattern: str) -> tuple[str, re.Pattern[str]]:
    directives = "".join(
        _READ[letters][0] if letters else other.replace("%", "%%")
        for letters, other in _parts(pattern)
    )
    return directives, re.compile(date_shape(pattern), re.ASCII)  # so are Java's digits


def _parts(pattern: str) -> list[tuple[str, str]]:
    """Letters, or what stands between them."""
    found = re.findall(r"([A-Za-z])(\1*)|([^A-Za-z]+)", pattern)
    return [(first + more, other) for first, more, other in found]
