"""Months in the names of files: `loans_{yyyyMM}` stands for one file a month.

With a `*`, which stands for any text, it stands for several: `clicks_{yyyyMM}*`, a file a day.
Without braces, too: every file of `LoanStats_*` is a part of one table of all months.
"""

import re
from datetime import date
from functools import lru_cache

from creditrisk.calendar_month import parse_month

ENDINGS = (".csv", ".csv.gz")
_PARTS = {"yyyy": r"(?P<year>[12]\d{3})", "MM": r"(?P<month>0[1-9]|1[0-2])", "dd": r"(?:\d{2}|\*)"}


@lru_cache
def name_pattern(table: str) -> re.Pattern[str] | None:
    """What the name of a month's file looks like, without its ending; None: names hold no month.

    A `ValueError` where what stands in braces says no month.
    """
    parted = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", table)
    if parted is None:
        if {"{", "}"} & {*table}:
            raise ValueError(f"table '{table}': one month in braces, as in loans_{{yyyyMM}}")
        if "*" in table.rpartition("/")[0]:
            raise ValueError(f"table '{table}': a * stands in the name of a file, not of a folder")
        return None
    before, written, after = parted.groups()
    parts = re.findall(r"yyyy|MM|dd|[-_. ]", written)
    if "".join(parts) != written or parts.count("yyyy") != 1 or parts.count("MM") != 1:
        raise ValueError(
            f"table '{table}': {{{written}}} is no month in a file's name; use {{yyyyMM}},"
            " {yyyy-MM} or {yyyy-MM-dd}"
        )
    shape = "".join(_PARTS.get(part, re.escape(part)) for part in parts)
    return re.compile(f"{_starred(before)}{shape}{_starred(after)}")


def _starred(text: str) -> str:
    return re.escape(text).replace(r"\*", "[^/]*")


def before_parts(table: str) -> str:
    """What the names of a table's files begin with, whatever month or part they are of."""
    return re.split(r"[{*]", table)[0]


def month_of(key: str, table: str) -> date | None:
    """The month whose file this is; None where it is no file of the table's months."""
    if not key.endswith(ENDINGS):
        return None
    stem = key.removesuffix(".gz").removesuffix(".csv")
    if pattern := name_pattern(table):
        return month_in(stem, pattern)
    folder, _, name = stem.rpartition("/")
    return parse_month(name, f"{key}:") if folder == table else None


def other_case(stem: str, table: str) -> bool:
    """Whether a file's name, without its ending, is one of a table's but for case."""
    if pattern := name_pattern(table):
        return re.fullmatch(pattern.pattern, stem, re.IGNORECASE) is not None
    names = (stem, stem.rpartition("/")[0])
    return any(re.fullmatch(_starred(table), name, re.IGNORECASE) for name in names)


def month_in(stem: str, pattern: re.Pattern[str]) -> date | None:
    """The month in the name of a file; None where it is not of this table."""
    found = pattern.fullmatch(stem)
    return date(int(found["year"]), int(found["month"]), 1) if found else None
