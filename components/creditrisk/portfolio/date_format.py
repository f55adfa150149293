"""How a column writes its dates: in pattern letters, as ISO 8601, or as a count from a reference.

The time of a day and its offset are looked at and left: a date is the day that is written.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from creditrisk.portfolio.typography import plain

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _any_case(words: tuple[str, ...]) -> str:
    # spelt out: RE2 takes other letters than ASCII's for equal, too
    return "|".join("".join(f"[{c.upper()}{c.lower()}]" for c in word) for word in words)


# What each run of letters looks like, in what Java, Python and RE2 have in common.
_YEAR = r"[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9]"
DAY_LETTERS: dict[str, str] = {
    **{"yyyy": _YEAR, "yy": r"\d{2}"},
    **{"MMMM": _any_case(MONTHS), "MMM": _any_case(tuple(name[:3] for name in MONTHS))},
    **{"MM": r"\d{2}", "M": r"\d{1,2}", "Q": "[1-4]"},
    **{"dd": r"\d{2}", "d": r"\d{1,2}", "DDD": r"\d{3}"},
}
_PARTS: dict[str, tuple[str, ...]] = {
    "year": ("yyyy", "yy"),
    "month": ("MMMM", "MMM", "MM", "M", "Q", "DDD"),
    "day": ("dd", "d", "Q", "DDD"),
}
_OFFSET = r"[Zz]|[+-](?:0\d|1[0-8])(?::?[0-5]\d)?"
TIME_LETTERS: dict[str, tuple[str, str]] = {  # and what each is where it does not matter
    **{"HH": (r"[01]\d|2[0-3]", "00"), "H": (r"[01]?\d|2[0-3]", "0")},
    **{"hh": (r"0[1-9]|1[0-2]", "12"), "h": (r"0?[1-9]|1[0-2]", "12")},
    **{"mm": (r"[0-5]\d", "00"), "ss": (r"[0-5]\d", "00"), "S": (r"\d{1,9}", "0")},
    **{"a": (r"[AaPp]\.?[Mm]\.?", "AM"), "X": (_OFFSET, "Z"), "z": ("[A-Z]{3,5}", "UTC")},
    "EEE": (_any_case(_DAYS), "Mon"),
}
DATE_LETTERS = (*DAY_LETTERS, *TIME_LETTERS)
LETTER_TEXTS: dict[str, str] = {
    "yyyy, yy": "year",
    "MMMM, MMM": "month by its English name, whole or its first three letters",
    "MM, M": "month; of two digits, or of one or two",
    "Q": "quarter, 1 to 4: its first day",
    "dd, d": "day of the month; without one, the first",
    "DDD": "day of the year, three digits",
    "EEE": "day of the week, Mon to Sun; not compared with the date",
    "HH, H, mm, ss": "hour from 0 to 23, minutes, seconds",
    "hh, h, a": "hour from 1 to 12, AM or PM",
    "S": "a fraction of a second, of one to nine digits however many S there are",
    "X, z": "offset (`Z`, `+05:30`, `+0530`, `+05`); a zone by its letters (`CET`)",
}
ISO = "iso"
_TIME = rf"[Tt ](?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d(?:[.,]\d{{1,9}})?)?)?(?: ?(?:{_OFFSET}))?"
_QUOTED = re.compile(r"'((?:[^']|'')+)'|([A-Za-z])(\2*)|([^A-Za-z']+)|(')")

_A_DAY: dict[str, int] = {  # of each unit
    "days": 1,
    "seconds": 86_400,
    "milliseconds": 86_400_000,
    "microseconds": 86_400_000_000,
}
_MINUTES = 1440  # of a day
_A_MONTH: dict[str, int] = {"months": 1, "quarters": 3, "years": 12}  # months in each unit
_SINCE = re.compile(
    rf"(?P<unit>{'|'.join(_A_DAY)}) since (?P<day>\d{{4}}-\d\d-\d\d)"
    r"(?: (?P<hour>\d\d):(?P<minute>\d\d))?"
    rf"|(?P<longer>{'|'.join(_A_MONTH)}) (?P<way>since|before) (?P<month>\d{{4}}-\d\d)"
)
NAMED: dict[str, str] = {
    "epoch seconds": "seconds since 1970-01-01",
    "epoch milliseconds": "milliseconds since 1970-01-01",
    "sas date": "days since 1960-01-01",
    "sas datetime": "seconds since 1960-01-01",
    "excel 1900": "days since 1899-12-30",
    "excel 1904": "days since 1904-01-01",
}
FORMAT_TEXTS: dict[str, str] = {
    ISO: "ISO 8601: `2023-01-31`, also with a time, a fraction and an offset behind it",
    "epoch seconds": "since 1970, in UTC; also `epoch milliseconds`",
    "excel 1900": "Excel's number of a day, the time as its fraction; of old Macs: `excel 1904`",
    "sas date": "days since 1960; with a time: `sas datetime`, in seconds",
    "days since 1980-01-06": "any other count: of days, seconds, milliseconds or microseconds",
    "seconds since 1970-01-01 05:30": "the same, where the lender's clock said 05:30 then",
    "months since 2015-01": "a count of months (also: quarters, years); 0 is the month that is"
    " named, so 17 is 2016-06",
    "months before 2015-01": "the same, backwards: 1 is 2014-12",
}


@dataclass(frozen=True)
class Pattern:
    """Dates written part by part.

    `shape`: of a whole text, with a group for each of `letters`. `same_day`: what RE2 replaces
    such a text by to keep its day alone; empty where nothing else is in it.
    """

    shape: str
    letters: tuple[str, ...]
    same_day: str = ""
    hours: tuple[str, ...] = ()  # letters of a time

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.shape, re.ASCII)  # as Java's digits are

    @property
    def fault(self) -> str:
        """Why it says no day; empty where it does."""
        for part, letters in _PARTS.items():
            used = [letter for letter in self.letters if letter in letters]
            if len(used) > 1:
                return f"says the {part} by {' and '.join(used)}"
            if not used and part != "day":
                return f"has no {part}" + (" (MM; mm is minutes)" if part == "month" else "")
        if {"h", "hh"} & {*self.hours} and "a" not in self.hours:
            return "has hours of a half day (h) and no AM or PM (a); HH is 0 to 23"
        return ""


@dataclass(frozen=True)
class Count:
    """Dates written as a number of units since a reference.

    `per_day`: units in a day, or 0 where a unit is of `months` (below 0: they count backwards).
    `past`: units of the reference's day that had passed. `lowest`: the least count there is.
    """

    reference: date
    per_day: int = 0
    months: int = 0
    past: int = 0
    lowest: int | None = None
    excel: bool = False  # day 60 is a 29th of February 1900 that never was
    fault = ""

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and highest number (of days, or of units of months) in years 1 to 9999."""
        if self.per_day:
            low, high = (date.min - self.reference).days, (date.max - self.reference).days
        else:
            month = self.reference.year * 12 + self.reference.month - 1
            back, on = (
                (month - 12) // abs(self.months),
                (9999 * 12 + 11 - month) // abs(self.months),
            )
            low, high = (-back, on) if self.months > 0 else (-on, back)
        return max(low, self.lowest) if self.lowest is not None else low, high


@lru_cache
def date_format(text: str) -> Pattern | Count:
    """A format as it is read; a `ValueError` says what is not supported in it."""
    if text == ISO:
        dated = rf"({_YEAR})-(\d{{2}})-(\d{{2}})"
        return Pattern(rf"{dated}(?:{_TIME})?", ("yyyy", "MM", "dd"), r"\1-\2-\3")
    if found := _SINCE.fullmatch(NAMED.get(text, text)):
        return _count(text, found)
    return _pattern(text)


def _count(text: str, written: re.Match[str]) -> Count:
    try:
        if longer := written["longer"]:
            months = _A_MONTH[longer] * (1 if written["way"] == "since" else -1)
            return Count(date.fromisoformat(f"{written['month']}-01"), months=months)
        reference = date.fromisoformat(written["day"])
    except ValueError as error:
        raise ValueError(f"format '{text}': {error}") from None
    per_day = _A_DAY[written["unit"]]
    minutes = int(written["hour"] or 0) * 60 + int(written["minute"] or 0)
    if minutes >= _MINUTES or (minutes and per_day == 1):
        raise ValueError(f"format '{text}': a time of day says nothing here")
    excel = text.startswith("excel")
    return Count(
        reference,
        per_day=per_day,
        past=minutes * per_day // _MINUTES,
        lowest=(1 if text == "excel 1900" else 0) if excel else None,
        excel=text == "excel 1900",
    )


def _pattern(text: str) -> Pattern:
    shape, same_day = "", ""
    letters: list[str] = []
    hours: list[str] = []
    for quoted, first, more, other, stray in _QUOTED.findall(text):
        run = first if first in ("S", "X", "z") else first + more
        if run in DAY_LETTERS:
            letters.append(run)
            shape += f"({DAY_LETTERS[run]})"
            same_day += rf"\{len(letters)}"
        elif run in TIME_LETTERS:
            hours.append(run)
            shape += f"(?:{TIME_LETTERS[run][0]})"
            same_day += TIME_LETTERS[run][1]
        elif run or stray:
            raise ValueError(f"format '{text}': {_refused(run)}")
        else:
            literal = plain(quoted.replace("''", "'") or other)
            shape += re.escape(literal)
            same_day += literal.replace("\\", r"\\")
    return Pattern(shape, tuple(letters), same_day if hours else "", tuple(hours))


def _refused(run: str) -> str:
    if not run:
        return "a quote is open; a quote itself is written twice"
    return (
        f"{run} is not supported; use {', '.join(DATE_LETTERS)}, {', '.join((ISO, *NAMED))} or"
        f" 'days since 1980-01-06'; text stands in quotes: 'T'"
    )
