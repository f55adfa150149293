"""Amounts that are delivered in another unit from some month on: percent, then fractions."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.calendar_month import year_month
from creditrisk.metrics.apart import apart
from creditrisk.portfolio.column import NUMBERS
from creditrisk.quality.portfolio_check.column import Column, far_off
from creditrisk.quality.portfolio_check.number_advice import MANY_TIMES, PARTS_OF_ONE
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.quality.comparison import lies_together

_TIMES = 30.0  # between two months: no portfolio moves so, and most units lie further apart
# a year's income for a month's, another currency: where all other months hardly move
_TIMES_AMONG_STEADY, _STEADIER, _AROUND = 4.0, 5.0, 6  # moves
_FEWEST = 10  # amounts of a month
_LOOKED_AT = 100_000  # rows
_SOME = 0.01  # of the amounts: fewer are slips
_ROUNDED = re.compile(r"[+-]?\d(?:[.,](\d{1,5}))?[Ee]\+(\d\d)")  # what a spreadsheet writes


def unit_remarks(table: Table, column: Column) -> Iterator[Remark]:
    """Amounts in another unit than the others: from some month on, or in some rows."""
    if not lies_together(column.spec):
        return
    yield from _apart(table, column)
    sizes = [(month, size) for month, size in _sizes(table, column) if np.isfinite(size)]
    moves = [(size - before, month) for (_, before), (month, size) in pairwise(sizes)]
    if (jump := _jump(moves)) is not None:
        move, month = jump
        times = 10**move
        shown = f"{times:,.0f}" if times > 1 else f"{times:.1g}"
        what = f"from {year_month(month)} on they are about {shown} times what they were"
        change = "have them delivered in one unit, if that is why"
        yield Remark(table.source, column.name, "look", what, "", change)


def _apart(table: Table, column: Column) -> Iterator[Remark]:
    """A few rows whose amounts are many times all others, or a small part."""
    values, rows = column.numbers
    found = apart(values, rows)
    if found and not any(far_off(values, rows)):  # one amount of many rows: it may mean missing
        what = f"{share(found.count, int(rows.sum()))} {found.text}: of another unit or currency?"
        change = "have them delivered in one unit, if so"
        yield Remark(table.source, column.name, "look", what, "", change)


def _jump(moves: list[tuple[float, date]]) -> tuple[float, date] | None:
    """The first move that no portfolio makes, or one among months that hardly move."""
    if far := [one for one in moves if abs(one[0]) >= np.log10(_TIMES)]:
        return far[0]
    if len(moves) < _AROUND:
        return None
    *others, most = sorted(moves, key=lambda one: abs(one[0]))
    steady = abs(others[-1][0]) * _STEADIER <= abs(most[0])
    return most if steady and abs(most[0]) >= np.log10(_TIMES_AMONG_STEADY) else None


def unit_marks(source: str, column: Column) -> Iterator[Remark]:
    """Marks that are taken off and were not the same for all: 5% beside 0.05, $ beside €."""
    spec = column.spec
    money = [one for one in spec.strip if unicodedata.category(one) == "Sc"]
    parts = [one for one in spec.strip if one in PARTS_OF_ONE]
    if spec.type not in NUMBERS:
        return
    yield from _many_times(source, column)
    yield from _rounded(source, column)
    if not (parts or money[1:]):
        return
    read = column.readings.present
    rows = {one: _bearing(column, one, read) for one in (*money, *parts)}
    filled = int(column.counts[read].sum())
    for one in parts:
        if _SOME * filled < rows[one] < (1 - _SOME) * filled:
            what = f"{share(rows[one], filled)} bear {one}, the others do not"
            yield Remark(source, column.name, "look", f"{what}: are they of one unit?", "strip")
    if len(seen := [one for one in money if rows[one] > _SOME * filled]) > 1:
        what = f"amounts bear {' and '.join(seen)}, and are added as if they were of one currency"
        yield Remark(source, column.name, "look", what, "strip")


def _many_times(source: str, column: Column) -> Iterator[Remark]:
    """Words for thousands and millions that are taken off: 5k is read as 5."""
    letters = {one.lower() for one in column.spec.strip if one.isalpha()}
    if not letters:
        return
    ends = (re.search(r"([^\W\d_]+)\W*$", text) for text in column.texts)
    words = [found[1].lower() if found else "" for found in ends]
    many = [word in MANY_TIMES and letters >= {*word} for word in words]
    read = column.readings.present
    rows = int(column.counts[np.array(many, dtype=bool) & read].sum())
    if rows:
        word = next(word for word, is_one in zip(words, many, strict=True) if is_one)
        what = f"{share(rows, int(column.counts[read].sum()))} bear '{word}', which is taken off:"
        what += f" 5{word} is read as 5"
        yield Remark(source, column.name, "look", what, "strip", "have them delivered in full")


def _rounded(source: str, column: Column) -> Iterator[Remark]:
    """2.01E+04 of 20123.45: such a number has lost what stood behind its first digits."""
    exponents = pc.match_substring_regex(column.written, r"[Ee]\+\d\d\s*\z")
    places = np.flatnonzero(np.asarray(exponents, dtype=bool) & column.readings.present)
    texts = zip(places.tolist(), column.trimmed.take(pa.array(places)).to_pylist(), strict=True)
    found = ((place, _ROUNDED.fullmatch(text)) for place, text in texts)
    cut = [place for place, one in found if one and int(one[2]) > len(one[1] or "")]
    if rows := int(column.counts[cut].sum()):
        what = f"{share(rows, column.filled)} are written as 2.01E+04: their last digits are lost"
        yield Remark(source, column.name, "look", what, "", "have them delivered in full")


def _bearing(column: Column, mark: str, read: NDArray[np.bool_]) -> int:
    bears = np.asarray(pc.match_substring(column.written, mark), dtype=bool)
    return int(column.counts[bears & read].sum())


def _sizes(table: Table, column: Column) -> Iterator[tuple[date, float]]:
    """Of each month, the mean of the amounts' decimal logarithms; NaN of too few."""
    amounts = np.abs(np.nan_to_num(column.readings.numbers))
    step = max(1, table.rows // _LOOKED_AT)
    months, codes = table.month_codes[::step], column.codes[::step]
    there = (months >= 0) & (amounts[codes] > 0)
    months, logs = months[there], np.log10(amounts[codes[there]])
    rows = np.bincount(months, minlength=len(table.months))
    sums = np.bincount(months, logs, minlength=len(table.months))
    means = np.where(rows >= _FEWEST, sums / np.maximum(rows, 1), np.nan)
    return zip(table.months, means.tolist(), strict=True)
