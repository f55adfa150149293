"""What to write in the portfolio file where a column's texts are not what it says."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from creditrisk.deliveries.text_part import LONGEST, text_part
from creditrisk.policy.yaml_text import quoted
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.number_advice import (
    MOST,
    Texts,
    nearly_numbers,
    number_change,
    number_keys,
    share_read,
)
from creditrisk.quality.portfolio_check.reading import Value, typed

_FORMATS = (
    *("yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy", "dd-MM-yyyy", "yyyyMMdd"),
    *("yyyy/MM/dd", "dd-MMM-yy", "d-MMM-yy", "dd-MMM-yyyy", "d-MMM-yyyy", "dd MMM yyyy"),
    *("d MMM yyyy", "MMM yyyy", "MMM-yy", "yyyy-MM", "MM/yyyy", "dd/MM/yy", "MM/dd/yy"),
    *("dd.MM.yy", "d/M/yyyy", "M/d/yyyy", "d.M.yyyy", "d/M/yy", "M/d/yy", "ddMMMyyyy"),
    *("d MMMM yyyy", "MMMM d, yyyy", "yyyyMM", "yyyy'Q'Q", "yyyy-'Q'Q", "'Q'Q yyyy", "'Q'Q-yyyy"),
    *("yyyy-MM-dd HH:mm:ss", "iso", "yyyy/MM/dd HH:mm:ss", "yyyyMMddHHmmss"),
    *(
        f"{day} {time}"
        for day in ("d/M/yyyy", "M/d/yyyy", "d.M.yyyy", "d-M-yyyy")
        for time in ("H:mm", "H:mm:ss", "H:mm:ss.S", "h:mm a", "h:mm:ss a")
    ),
    *("ddMMMyyyy:HH:mm:ss", "ddMMMyyyy:HH:mm:ss.S", "dd-MMM-yy hh.mm.ss.S a"),
    *("EEE MMM dd HH:mm:ss z yyyy", "EEE, dd MMM yyyy HH:mm:ss X"),
    *("yy/MM/dd", "yy-MM-dd", "yy.MM.dd", "yyMMdd", "ddMMyyyy", "MMddyyyy"),
)
_COUNTS = (
    *("epoch seconds", "epoch milliseconds", "excel 1900", "sas date", "sas datetime"),
    "days since 1970-01-01",
)
_LIKELY = (date(1980, 1, 1), date(2040, 1, 1))  # a count that means another date means none
MEAN_MISSING = frozenset(
    (
        *(
            "na",
            "n/a",
            "#n/a",
            "n.a.",
            "nan",
            "null",
            "#null!",
            "#value!",
            "none",
            "nil",
            "(blank)",
        ),
        *("-", "--", "?", ".", "missing", "unknown", "undefined", "not available", "not known"),
    )
)
_TEXTS = 2_000  # looked at per column, the most frequent ones
_FEW = 5


def unreadable(column: Column, texts: Texts) -> tuple[str, str]:
    """Key and change for texts that are not of the column's type; empty where nothing helps."""
    texts = _read(_short(texts)[:_TEXTS], column.spec)
    if not texts:
        return "", ""
    if text := _words(texts):
        return "missing", text
    if column.spec.type == "date":
        return "format", date_format(texts) or _count_format(texts)
    if column.spec.type in ("number", "integer"):
        return _no_number(column, texts)
    return "type", "type: text, excluded: true"


def _short(texts: Texts) -> Texts:
    """Those that a line of the portfolio file may hold."""
    return [(text, count) for text, count in texts if len(text) <= LONGEST]


def _read(texts: Texts, spec: ColumnSpec) -> Texts:
    """Of each text the part that is read; the whole where it has no such part."""
    if not spec.partial:
        return texts
    return [(text_part(text.strip(SPACE + spec.strip), spec) or text, n) for text, n in texts]


def _no_number(column: Column, texts: Texts) -> tuple[str, str]:
    if column.spec.pii:
        return "", ""  # no advice repeats what stands in a person's cell
    plain = _numbers(column)
    if (keys := number_keys(texts, column.spec, plain)) is not None:
        return next(iter(keys), "type"), number_change(texts, column.spec, keys, plain)
    if len(texts) <= _FEW and column.numbers()[1].sum() > sum(count for _, count in texts):
        return "missing", f"add to missing: {_listed(text for text, _ in texts)}"
    if found := date_format(texts):
        return "type", f"type: date, {found}"
    if nearly_numbers(texts, column.spec):
        return "", ""  # what stands around them changes their value
    return "type", "type: category" if len(texts) < _TEXTS else "type: text, excluded: true"


def _numbers(column: Column) -> Texts:
    """Texts that are numbers as the column is described, as far as they are looked at."""
    read = zip(column.texts, column.readings, column.counts.tolist(), strict=True)
    found = ((text, count) for text, (value, _), count in read if value is not None)
    return _read(list(islice(found, _TEXTS)), column.spec)


def date_format(texts: Texts) -> str:
    """`format: ...`: the one, or the two, that read nearly all of the texts."""
    found = date_formats(texts)
    if not found:
        return ""
    others = other_days(texts, found)
    doubt = f" (or {', or '.join(others)}: no day above 12 tells them apart)" if others else ""
    plain = found[0] if not re.search("[',]", found[0]) else f'"{found[0]}"'
    return f"format: {plain}{doubt}"


def date_formats(texts: Texts) -> list[str]:
    """Those that read most of the texts, and nearly all."""
    shares = {f: share_read(texts, _described(type="date", format=f)) for f in _FORMATS}
    best = max(shares.values())
    return [f for f in _FORMATS if shares[f] == best] if best >= MOST else []


def _count_format(texts: Texts) -> str:
    """`format: ...`: the counts of days or seconds that nearly all of the texts may be."""
    found = {}
    for name in _COUNTS:
        spec = _described(type="date", format=name)
        if share_read(texts, spec, _likely) >= MOST:
            found[name] = typed(texts[0][0].strip(SPACE), spec)
    names = list(found)
    days = ", or ".join(f"{day}" for day in found.values())
    doubt = f" (or {', or '.join(names[1:])}: '{texts[0][0]}' is {days})" if names[1:] else ""
    return f"format: {names[0]}{doubt}" if found else ""


def _likely(value: Value) -> bool:
    return isinstance(value, date) and _LIKELY[0] <= value < _LIKELY[1]


def other_days(texts: Texts, formats: Sequence[str]) -> list[str]:
    """Of formats that read the same texts, one for each other way in which they are days."""
    seen: dict[tuple[Value | None, ...], str] = {}
    for name in formats:
        spec = _described(type="date", format=name)
        seen.setdefault(tuple(typed(text.strip(SPACE), spec) for text, _ in texts), name)
    return list(seen.values())[1:]


def categories(column: Column, texts: Texts) -> tuple[str, str]:
    """Key and change for texts that are no declared category."""
    texts = _read(_short(texts), column.spec)
    if column.spec.pii or not texts:
        return "", ""
    if message := _words(texts):
        return "missing", message
    few = [text for text, _ in texts[: 2 * _FEW]]
    more = f" and {len(texts) - len(few)} more" if len(texts) > len(few) else ""
    yes_no = {_meaning(category): category for category in column.spec.categories}
    spelt: dict[str, list[str]] = {}
    for text in few:
        if (meaning := _meaning(text)) in yes_no and meaning:
            spelt.setdefault(yes_no[meaning], []).append(text)
    if spelt:
        message = ", ".join(f"{quoted(value)}: {_listed(found)}" for value, found in spelt.items())
        added = "add to " if column.spec.spellings else ""
        return "spellings", f"{added}spellings: {{{message}}}"
    if column.spec.role == "status":
        return "spellings", f"add to the spellings of a state: {_listed(few)}{more}"
    return "categories", f"add to categories, or to spellings of one: {_listed(few)}{more}"


def _described(**keys: str) -> ColumnSpec:
    return ColumnSpec.model_validate(keys)


def _words(texts: Texts) -> str:
    """`missing: [...]` where nearly all of the rows hold a word that means missing."""
    words = [text for text, _ in texts if text.strip(SPACE).lower() in MEAN_MISSING]
    rows = sum(count for text, count in texts if text in words)
    if not words or rows < MOST * sum(count for _, count in texts):
        return ""
    return f"add to missing: {_listed(words)}"


def _meaning(text: str) -> str:
    folded = text.strip(SPACE).lower()
    if folded in ("y", "yes", "t", "true", "1", "1.0", "j", "ja", "si", "oui"):
        return "yes"
    return "no" if folded in ("n", "no", "f", "false", "0", "0.0", "nein", "non") else ""


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
