"""Dates as delivered, read in Python as Spark reads them: by the same shapes, years 1 to 9999."""

import re
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.date_format import MONTHS, Count, Pattern, date_format

# a count, as machines write it; up to 18 digits nothing overflows
COUNT = r"([+-]?\d{1,18})(?:[.,](\d*))?"
_COUNT = re.compile(COUNT, re.ASCII)
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}


def read_date(text: str, spec: ColumnSpec) -> date | None:
    """A date by the column's format; None where the text is none."""
    how = date_format(spec.format)
    if isinstance(how, Count):
        return _counted(text, how)
    found = how.compiled.fullmatch(text)
    if found is None:
        return None
    try:
        return _written(dict(zip(how.letters, found.groups(), strict=True)), spec.first_year)
    except (ValueError, OverflowError):
        return None


def same_day(texts: pa.Array, spec: ColumnSpec) -> pa.Array:
    """Texts of the same days, without the times: a file of clicks has as many times as rows.

    Each text is read as before; one that is no date stays as it is.
    """
    how = date_format(spec.format)
    if isinstance(how, Pattern):
        if not how.same_day:
            return texts
        return pc.replace_substring_regex(texts, rf"\A(?:{how.shape})\z", how.same_day)
    if not how.per_day:
        return texts
    plain = pc.match_substring_regex(texts, r"\A\d{1,18}(?:[.,]\d*)?\z").fill_null(False)
    whole = pc.if_else(plain, pc.replace_substring_regex(texts, r"[.,]\d*\z", ""), "0")
    counts = pc.cast(whole.fill_null("0"), pa.int64()).to_numpy(zero_copy_only=False)
    days = counts - (counts + how.past) % how.per_day
    return pc.if_else(plain, pc.cast(pa.array(days), pa.string()), texts)


def _written(parts: dict[str, str], first_year: int) -> date:
    year = int(parts.get("yyyy") or first_year + (int(parts["yy"]) - first_year) % 100)
    if "DDD" in parts:
        found = date(year, 1, 1) + timedelta(days=int(parts["DDD"]) - 1)
        if found.year != year:
            raise ValueError("no such day of the year")
        return found
    name = parts.get("MMMM") or parts.get("MMM")
    quarter = 3 * int(parts.get("Q", 1)) - 2
    month = _MONTHS[name[:3].lower()] if name else int(parts.get("MM", parts.get("M", quarter)))
    return date(year, month, int(parts.get("dd", parts.get("d", 1))))


def _counted(text: str, how: Count) -> date | None:
    found = _COUNT.fullmatch(text)
    if found is None:
        return None
    count, broken = int(found[1]), bool((found[2] or "").strip("0"))
    if how.per_day:
        count = (count - (broken and text[0] == "-") + how.past) // how.per_day
    elif broken:
        return None
    if not how.bounds[0] <= count <= how.bounds[1] or (how.excel and count == 60):
        return None
    if how.per_day:
        return how.reference + timedelta(days=count + (how.excel and count < 60))
    month = how.reference.year * 12 + how.reference.month - 1 + count * how.months
    return date(month // 12, month % 12 + 1, 1)
