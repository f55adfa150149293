"""Marks and texts that a description names: each can be met in a file, and means one thing."""

import math
import re
from collections.abc import Iterable, Iterator

from creditrisk.portfolio.column import NUMBERS, SPACE, ColumnSpec
from creditrisk.portfolio.date_format import Count, date_format
from creditrisk.portfolio.typography import HYPHENS

Faults = Iterator[tuple[str, str]]  # the key, and what is wrong with it

_MINUS = {"-", "\u00ad", *HYPHENS}  # a soft hyphen may be one
_SIGNS = {*_MINUS, "(", ")"}
_BETWEEN_MEMBERS = {*",|"}


def unmeant(spec: ColumnSpec) -> Faults:
    """What a column's keys would change the meaning of, or what they name and is never met."""
    yield from _marks(spec)
    yield from _stripped(spec)
    yield from _limits(spec)
    yield from _missing(spec)
    yield from _empty(spec)
    if spec.type in ("category", "list") and spec.role != "status":
        yield from _categories(spec)
    yield from _spellings(spec)


def _marks(spec: ColumnSpec) -> Faults:
    if spec.type not in NUMBERS:
        return
    for key, mark in (("thousands", spec.thousands), ("decimal", spec.decimal)):
        if mark and (mark.isalnum() or mark in _SIGNS or mark == "+"):
            yield key, f"'{mark}' is itself a part of numbers"
    if not spec.decimal.strip(SPACE):
        yield "decimal", "a blank is no mark before decimals"


def _stripped(spec: ColumnSpec) -> Faults:
    counted = spec.type == "date" and isinstance(date_format(spec.format), Count)
    digits = {one for one in spec.strip if one.isdigit()}
    if digits and spec.type in (*NUMBERS, "date", "duration"):
        yield "strip", f"strip would take digits off ({' '.join(sorted(digits))}): leave it out"
    if spec.type in NUMBERS and spec.decimal in spec.strip:
        yield "strip", f"strip would take the mark before decimals off ({spec.decimal})"
    if spec.type in NUMBERS or counted:
        yield from _signs({*spec.strip}, counted)


def _signs(strip: set[str], counted: bool) -> Faults:
    if sign := strip & _SIGNS:
        how = "behind" if sign & _MINUS else "brackets"
        move = "" if counted else f", and write negative: {how} if it is one"
        shown = " ".join(sorted(sign))
        yield "strip", f"strip would take the sign off a number ({shown}): leave it out{move}"
    letters = {one.upper() for one in strip if one.isalpha()}
    if "R" in letters and letters <= {"C", "D", "R"} and len(letters) > 1:
        yield (
            "strip",
            "strip would take away whether a number is a credit (CR) or a debit (DR): leave it"
            " out, and write negative: CR, or DR",
        )


def _limits(spec: ColumnSpec) -> Faults:
    if spec.range is None:
        return
    low, high = spec.range
    if spec.type in ("integer", "duration") and math.ceil(low) > math.floor(high):
        yield "range", f"no whole number lies between {low:g} and {high:g}"
    if outside := [band for band in spec.bands if not low < band < high]:
        yield "bands", f"{outside[0]:g} lies outside of the range: no value is beyond it"


def _missing(spec: ColumnSpec) -> Faults:
    yield from _never_met("missing", spec.missing, SPACE)
    if "" in spec.missing:
        yield "missing", "what is empty is missing anyway: leave it out"


def _empty(spec: ColumnSpec) -> Faults:
    text = spec.empty
    if not text:
        return
    if spec.partial:
        yield "empty", "nothing has no part: leave part or pattern out"
    if spec.type in NUMBERS:
        if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
            yield "empty", f"'{text}' is no whole number"
        elif spec.range and not spec.range[0] <= int(text) <= spec.range[1]:
            yield "empty", f"{text} lies outside of the range"
    elif spec.spelt and (text.lower() if spec.folds else text) not in spec.spelt:
        yield "empty", f"'{text}' is none of its categories"
    yield from _not_missing("empty", [text], spec)


def _categories(spec: ColumnSpec) -> Faults:
    ends = SPACE if spec.type == "list" else SPACE + spec.strip
    plain = [one for one in spec.categories if one not in spec.spellings]
    yield from _never_met("categories", plain, ends)
    if spec.type == "list" and (split := [c for c in plain if _BETWEEN_MEMBERS & {*c}]):
        yield "categories", f"'{split[0]}' is split: members of a list stand between , and |"
    yield from _not_missing("categories", plain, spec)


def _spellings(spec: ColumnSpec) -> Faults:
    written = [text for texts in spec.spellings.values() for text in texts]
    yield from _never_met("spellings", written, SPACE + spec.strip)
    for value, texts in spec.spellings.items():
        others = {*spec.categories, *spec.spellings} - {value}
        if itself := sorted(others & {*texts}):
            yield "spellings", f"{itself[0]} is itself a category: it is not one of {value}, too"
    yield from _not_missing("spellings", written, spec)


def _never_met(key: str, texts: Iterable[str], ends: str) -> Faults:
    seen: set[str] = set()
    for text in texts:
        if text != (bare := text.strip(ends)) and bare:
            yield key, f"'{text}' is never met: it is read as '{bare}'"
        if text in seen:
            yield key, f"'{text}' is there twice"
        seen.add(text)


def _not_missing(key: str, texts: Iterable[str], spec: ColumnSpec) -> Faults:
    if both := [text for text in texts if text in spec.missing]:
        yield key, f"'{both[0]}' is declared missing, too: leave one of them out"
