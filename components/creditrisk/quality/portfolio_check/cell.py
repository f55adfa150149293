"""One delivered text, read as the ETL will read it: the same rules, in Python.

A test holds this to what Spark makes of the same texts.
"""

import math
import re
from datetime import date

from creditrisk.calendar_month import first
from creditrisk.deliveries.dates import read_date
from creditrisk.deliveries.text_part import LONGEST, text_part
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import NUMBERS, SPACE
from creditrisk.portfolio.typography import plain
from creditrisk.stages.etl.casts import BETWEEN_MEMBERS, DURATION, SIGNS, grouped
from creditrisk.stages.etl.cleaning import (
    EMPTY,
    GIVEN,
    MISSING,
    MOVED,
    OUT_OF_RANGE,
    OUTCOME_DATES,
    RESPELT,
    STRIPPED,
    UNKNOWN,
    UNKNOWN_MEMBER,
    UNREADABLE,
)

Value = str | float | int | date
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BETWEEN = re.compile(BETWEEN_MEMBERS, re.ASCII)
_DURATION = re.compile(DURATION, re.ASCII)
_EXACT = 2**53 - 1  # the next as a double stands for the one behind it, too


def read(raw: str, spec: ColumnSpec) -> tuple[Value | None, str]:
    """The value, and the rule that decided it; '' where it is as delivered."""
    trimmed = raw.strip(SPACE) or spec.empty
    whole = trimmed.strip(SPACE + spec.strip)
    text = text_part(whole, spec)
    nothing = "" if spec.role in OUTCOME_DATES else None  # there, it says: has not happened
    if not trimmed:
        return None, EMPTY if nothing is None else nothing
    if not whole or {trimmed, whole, text} & {*spec.mean_missing}:
        return None, MISSING if nothing is None else nothing
    value = None if text is None else typed(text, spec)
    if text is None or value is None:
        return None, UNREADABLE
    if isinstance(value, int | float):
        if rule := _taken(value, spec):
            return None, rule
    elif rule := _strange(value, text, spec):
        return value, rule
    good = GIVEN if spec.role in OUTCOME_DATES else ""
    return value, STRIPPED if trimmed != whole else good


def typed(text: str, spec: ColumnSpec) -> Value | None:
    """The text as its type; None where it is not of it."""
    match spec.type:
        case "number" | "integer" | "date" | "duration" if len(text) > LONGEST:
            return None
        case "number" | "integer":
            return _number(text, spec)
        case "date":
            return read_date(text, spec)
        case "duration":
            return _months(text)
        case "category":
            return _category(text, spec)
        case _:
            return text


def sentinels(spec: ColumnSpec) -> set[Value | None]:
    """The numbers that are declared missing, however they are written."""
    return {typed(text, spec) for text in spec.mean_missing} if spec.type in NUMBERS else set()


def members(text: str) -> set[str]:
    """The members of a delivered list."""
    return {member for member in _BETWEEN.split(text) if member}


def _taken(value: float, spec: ColumnSpec) -> str:
    """The rule that takes a number; empty where none does."""
    if value in sentinels(spec):
        return MISSING
    low, high = spec.range or (-math.inf, math.inf)
    return "" if low <= value <= high else OUT_OF_RANGE


def _strange(value: Value, text: str, spec: ColumnSpec) -> str:
    if spec.type == "category" and spec.categories and value not in spec.categories:
        return UNKNOWN
    if spec.type == "list" and spec.categories and members(str(value)) - set(spec.categories):
        return UNKNOWN_MEMBER
    if spec.role in ("snapshot", "start") and isinstance(value, date) and value != first(value):
        return MOVED
    return RESPELT if spec.type == "category" and value != text else ""


def _number(text: str, spec: ColumnSpec) -> float | int | None:
    text = _signed(text, spec)
    thousands, decimal = plain(spec.thousands), plain(spec.decimal)
    if thousands and re.fullmatch(grouped(spec), text, re.ASCII):
        text = text.replace(thousands, "")
    if decimal != ".":
        text = "x" if "." in text else text.replace(decimal, ".")
    if not _NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
        return None
    if spec.type == "number":
        return value
    return int(value) if value == math.floor(value) and abs(value) <= _EXACT else None


def _signed(text: str, spec: ColumnSpec) -> str:
    inner = SPACE + spec.strip
    if spec.strip and text[:1] in ("+", "-"):
        text = text[0] + text[1:].strip(inner)
    match spec.negative:
        case "brackets" if text[:1] == "(" and text[-1:] == ")":
            return "-" + text[1:-1].strip(inner)
        case "behind" if text[-1:] == "-":
            return "-" + text[:-1].strip(inner)
        case "CR" | "DR":
            signs = SIGNS[spec.negative].items()
            sign = next((sign for sign, marks in signs if text[-2:] in marks), None)
            return sign + text[:-2].strip(inner) if sign else text
        case _:
            return text


def _months(text: str) -> int | None:
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    return int(found[1] or 0) * 12 + int(found[2] or 0)


def _category(text: str, spec: ColumnSpec) -> str:
    return spec.spelt.get(text.lower() if spec.folds else text, text)
