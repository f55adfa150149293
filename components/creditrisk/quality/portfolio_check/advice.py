"""What to write in the portfolio file where a column's texts are not what it says."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from creditrisk.deliveries.text_part import LONGEST, text_part
from creditrisk.policy.yaml_text import quoted
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.typography import plain
from creditrisk.quality.portfolio_check.cell import Value, typed
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.date_candidates import candidates, certain
from creditrisk.quality.portfolio_check.number_advice import (
    MOST,
    Texts,
    nearly_numbers,
    number_change,
    number_keys,
    share_read,
)

_COUNTS = (
    *("epoch seconds", "epoch milliseconds", "excel 1900", "sas date", "sas datetime"),
    *("days since 1970-01-01", "microseconds since 1970-01-01", "seconds since 1582-10-14"),
)
_LIKELY = (date(1980, 1, 1), date(2040, 1, 1))  # a count that means another date means none
MEAN_MISSING = frozenset(
    (
        *("na", "n/a", "n.a.", "nan", "null", "none", "nil", "(blank)", "-", "--", "?", ".", "\\n"),
        *("missing", "unknown", "undefined", "not available", "not known"),
        # what spreadsheets and C write where there is no number
        *("#n/a", "#null!", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "#spill!", "#calc!"),
        *("inf", "-inf", "infinity", "-infinity", "1.#inf", "-1.#inf", "1.#qnan", "-1.#ind"),
    )
)
_TEXTS = 2_000  # looked at per column, the most frequent ones
_YES = ("y", "yes", "t", "true", "1", "1.0", "j", "ja", "s", "si", "sí", "oui")
_NO = ("n", "no", "f", "false", "0", "0.0", "nein", "non")
_FEW = 5
_QUOTES = {*"\0'\"`\u00b4\u2018\u2019\u201c\u201d"}  # a program in C ends its texts with NUL
MANY = 100  # categories
NO_FORMAT = "no format reads them: have them delivered as 2024-09-30"
TWO_WAYS = "dates are written in two ways: have them delivered in one"
_RANGE = re.compile(r"\d\s*(?:[-\u2013]|to)\s*\d|\d\s*\+|[<>]\s*=?\s*\d")
RANGES = "role: status, type: category, and spellings: which state each of them is"
NO_KEY = "no key reads them: have them delivered as -1234.50"


def unreadable(column: Column, texts: Texts) -> tuple[str, str]:
    """Key and change for texts that are not of the column's type; empty where nothing helps."""
    texts = _read(_short(texts)[:_TEXTS], column.spec)
    if not texts:
        return "", ""
    if text := _words(texts):
        return "missing", text
    if column.spec.role == "days_late" and all(_RANGE.search(text) for text, _ in texts):
        return "role", RANGES
    if column.spec.type == "date":
        return _date_written_otherwise(texts, column)
    if column.spec.type in ("number", "integer"):
        # no advice repeats what stands in a person's cell
        return ("", "") if column.spec.pii else _no_number(column, texts)
    return "type", "type: text, excluded: true"


def _short(texts: Texts) -> Texts:
    """Those that a line of the portfolio file may hold."""
    return [(text, count) for text, count in texts if len(text) <= LONGEST]


def _read(texts: Texts, spec: ColumnSpec) -> Texts:
    """Of each text the part that is read; the whole where it has no such part."""
    if not spec.partial:
        return [(plain(text), n) for text, n in texts] if spec.in_plain else texts
    return [(text_part(text.strip(SPACE + spec.strip), spec) or text, n) for text, n in texts]


def _no_number(column: Column, texts: Texts) -> tuple[str, str]:
    plain, rows = _good(column), sum(count for _, count in texts)
    if written := _written_otherwise(texts, column.spec, plain):
        return written
    digits = any(re.search(r"\d", text) for text, _ in texts)
    if nearly_numbers(texts, column.spec):
        return "", NO_KEY  # what stands around them changes their value
    if len(texts) <= _FEW and column.numbers[1].sum() > rows:
        doubt = ", if they mean that" if digits else ""
        return "missing", f"add to missing: {_listed(text for text, _ in texts)}{doubt}"
    if any(map(certain, date_formats(texts))):
        return "type", f"type: date, {date_format(texts)}"
    if plain or len(texts) > MANY:
        return "", NO_KEY if digits else ""
    return "type", "type: category"


def _written_otherwise(texts: Texts, spec: ColumnSpec, plain: Texts) -> tuple[str, str] | None:
    """Keys with which the texts are numbers; those of an integer may be fractions."""
    if (keys := number_keys(texts, spec, plain)) is not None:
        return next(iter(keys), "type"), number_change(texts, spec, keys, plain)
    fractions = spec.model_copy(update={"type": "number"})
    whole = all(re.fullmatch(r"[+-]?\d+", text.strip(SPACE)) for text, _ in texts)
    if (
        spec.type == "integer"
        and not whole
        and (keys := number_keys(texts, fractions, plain)) is not None
    ):
        change = number_change(texts, fractions, keys, plain)
        return "type", f"type: number, {change}" if change else "type: number"
    return None


def _date_written_otherwise(texts: Texts, column: Column) -> tuple[str, str]:
    """A format that reads these texts and those that are dates already, or why there is none."""
    plain = _good(column)
    formats = date_formats([*texts, *plain])
    if column.spec.format in formats:
        return "", NO_FORMAT  # the others are no dates
    if formats:
        return "format", date_format([*texts, *plain])
    if plain:
        return "", TWO_WAYS if date_formats(texts) or counts_of_days(texts) else NO_FORMAT
    if change := _date_in_quotes(texts, column.spec):
        return "strip", change
    return ("format", found) if (found := _count_format(texts)) else ("", NO_FORMAT)


def _date_in_quotes(texts: Texts, spec: ColumnSpec) -> str:
    marks = "".join(sorted({end for text, _ in texts for end in text[:1] + text[-1:]} & _QUOTES))
    bare = [(text.strip(SPACE + marks), count) for text, count in texts]
    if not marks or not date_formats(bare):
        return ""
    more = "" if spec.format in date_formats(bare) else f", {date_format(bare)}"
    return f"strip: {quoted(spec.strip + marks)}{more}"


def _good(column: Column) -> Texts:
    """Texts that are read as the column is described, as far as they are looked at."""
    places = np.flatnonzero(column.readings.present)[:_TEXTS]
    texts, counts = column.written.take(pa.array(places)), column.counts[places]
    return _read(list(zip(texts.to_pylist(), counts.tolist(), strict=True)), column.spec)


def date_format(texts: Texts) -> str:
    """`format: ...`: the one, or the two, that read nearly all of the texts."""
    found = date_formats(texts)
    if not found:
        return ""
    others = other_days(texts, found)
    doubt = f" (or {', or '.join(others)}: no day above 12 tells them apart)" if others else ""
    plain = found[0] if re.fullmatch("[A-Za-z0-9/.: -]+", found[0]) else quoted(found[0])
    return f"format: {plain}{doubt}"


def date_formats(texts: Texts) -> list[str]:
    """Those that read most of the texts, and nearly all."""
    written = [text.strip(SPACE) for text, _ in texts]
    shares = {f: share_read(texts, _described(type="date", format=f)) for f in candidates(written)}
    best = max(shares.values())
    return [f for f, found in shares.items() if found == best] if best >= MOST else []


def counts_of_days(texts: Texts) -> dict[str, Value | None]:
    """The counts of days or seconds that nearly all of the texts may be, and the first's day."""
    found = {}
    for name in _COUNTS:
        spec = _described(type="date", format=name)
        if share_read(texts, spec, _likely) >= MOST:
            found[name] = typed(texts[0][0].strip(SPACE), spec)
    return found


def _count_format(texts: Texts) -> str:
    found = counts_of_days(texts)
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
    yes_no = {yes_or_no(category): category for category in column.spec.categories}
    spelt: dict[str, list[str]] = {}
    for text in few:
        if (meaning := yes_or_no(text)) in yes_no and meaning:
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


def yes_or_no(text: str) -> str:
    """What a text says, however it is written; empty where it is neither."""
    folded = text.strip(SPACE).lower()
    return "yes" if folded in _YES else "no" if folded in _NO else ""


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
