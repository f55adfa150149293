"""Column by column: does what was delivered fit what the portfolio file says?"""

import re
from collections.abc import Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.policy import Quality
from creditrisk.policy.yaml_text import quoted
from creditrisk.quality.portfolio_check import advice
from creditrisk.quality.portfolio_check.blocking import aside_level, rule_level
from creditrisk.quality.portfolio_check.column import MASS, Column, far_off
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.quality.portfolio_check.units import unit_marks
from creditrisk.stages.etl.cleaning import EMPTY, MISSING, OUT_OF_RANGE, UNKNOWN, UNREADABLE

_FEW = 5  # amounts: fewer may have three digits behind the point by chance
_GROUPED = re.compile(r"^[^\d.]*[1-9]\d{0,2}\.\d{3}[^\d.]*$")


def column_remarks(table: Table, column: Column, limits: Quality) -> Iterator[Remark]:
    """What does not fit in one column, the worst first."""
    level = partial(rule_level, table, column, limits=limits)
    if count := column.count(UNREADABLE):
        texts = list(column.commonest(UNREADABLE))
        key, change = advice.unreadable(column, texts)
        what = f"{share(count, column.filled)} are no {column.spec.type}"
        what += f": {column.samples(UNREADABLE)}"
        yield _remark(table, column, level(rule=UNREADABLE), what, key, change)
    if count := column.count(OUT_OF_RANGE):
        yield _out_of_range(table, column, level(rule=OUT_OF_RANGE), count)
    if count := column.count(UNKNOWN):
        key, change = advice.categories(column, list(column.commonest(UNKNOWN)))
        what = f"{share(count, column.filled)} are no declared category"
        what += f": {column.samples(UNKNOWN)}"
        yield _remark(table, column, level(rule=UNKNOWN), what, key, change)
    if column.needed and (count := column.count(EMPTY, MISSING)):
        empty = column.struck(EMPTY, MISSING)[column.codes]
        what = f"{share(count, column.rows)} are empty; such a row is set aside"
        yield _remark(table, column, aside_level(table, empty, limits), what, "", "")
    yield from _suspected(table, column)


def _remark(table: Table, column: Column, level: Level, what: str, key: str, change: str) -> Remark:
    return Remark(table.source, column.name, level, what, key if change else "", change)


def _out_of_range(table: Table, column: Column, level: Level, count: int) -> Remark:
    low, high = column.spec.range or (0.0, 0.0)
    what = f"{share(count, column.filled)} are outside {low:g} to {high:g}"
    what += f": {column.samples(OUT_OF_RANGE)}"
    text, rows = next(column.commonest(OUT_OF_RANGE))
    if rows > max(count / 4, 5) and rows / column.rows > MASS:
        change = f"add to missing: [{quoted(text)}], if it means that"
        return _remark(table, column, level, what, "missing", change)
    if level == "unusable":
        return _remark(table, column, level, what, "range", "widen the range, or name its unit")
    return _remark(table, column, level, what, "", "")


def _suspected(table: Table, column: Column) -> Iterator[Remark]:
    """Values that may mean missing and are not declared so."""
    spec = column.spec
    yield from unit_marks(table.source, column)
    if spec.role or spec.pii:
        return
    if spec.type in ("number", "integer", "duration"):
        values, rows = column.numbers
        for value, count in far_off(values, rows):
            what = f"{share(count, column.filled)} are {value + 0.0:g}, far from any other value"
            texts = ", ".join(map(quoted, column.texts_of(value)))
            change = f"add to missing: [{texts}], if it means that"
            yield _remark(table, column, "look", what, "missing", change)
    if grouped_by_points(column):
        what = f"three digits stand behind every {spec.decimal}: fractions, or thousands?"
        yield _remark(table, column, "look", what, "thousands", _marks_exchanged(column))
    if spec.type in ("category", "text") and not spec.categories:
        words = [
            (text, int(count))
            for text, count in zip(column.texts, column.counts, strict=True)
            if text.strip().lower() in advice.MEAN_MISSING and text not in spec.missing
        ]
        if words:
            found = ", ".join(f"'{text}' x {count:,}" for text, count in words[:3])
            change = f"add to missing: [{', '.join(quoted(text) for text, _ in words)}]"
            yield _remark(table, column, "look", f"{found} may mean missing", "missing", change)
        if spec.type == "category" and len(column.written) > advice.MANY:
            what = f"{len(column.written):,} categories: hardly any will be seen twice"
            yield _remark(table, column, "look", what, "type", "type: text, excluded: true")


def _marks_exchanged(column: Column) -> str:
    spec = column.spec
    if spec.thousands and pc.any(pc.match_substring(column.written, spec.thousands)).as_py():
        return "have them delivered in one notation, if they are thousands"
    other = "," if spec.decimal == "." else "."
    return f'thousands: "{spec.decimal}", decimal: "{other}", if they are thousands'


def grouped_by_points(column: Column) -> bool:
    """Whether amounts that are read as fractions may be thousands: 1.234 of 1.234, 12.345.

    So they may where others are grouped as it is described: 1.234 beside 1,234.
    """
    spec = column.spec
    if spec.type != "number" or spec.decimal not in ".,":
        return False
    amounts = np.nan_to_num(column.readings.numbers) != 0
    pointed = pc.and_(pa.array(amounts), pc.match_substring(column.written, spec.decimal))
    texts = (f"{text}".replace(spec.decimal, ".") for text in column.written.filter(pointed))
    return (pc.sum(pointed).as_py() or 0) >= _FEW and all(map(_GROUPED.search, texts))
