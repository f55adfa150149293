"""Amounts that are delivered in another unit from some month on: percent, then fractions."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np

from creditrisk.calendar_month import year_month
from creditrisk.portfolio.column import NUMBERS
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.remark import Remark
from creditrisk.quality.portfolio_check.table import Table

_TIMES = 30.0  # between two months: no portfolio moves so, and most units lie further apart
_FEWEST = 10  # amounts of a month
_LOOKED_AT = 100_000  # rows


def unit_remarks(table: Table, column: Column) -> Iterator[Remark]:
    """Months whose amounts are a small part, or many times, of those of the month before."""
    if column.spec.type not in NUMBERS or column.spec.role or column.spec.growing:
        return
    sizes = [(month, size) for month, size in _sizes(table, column) if np.isfinite(size)]
    for (_, before), (month, size) in pairwise(sizes):
        if abs(size - before) >= np.log10(_TIMES):
            times = 10 ** (size - before)
            shown = f"{times:,.0f}" if times > 1 else f"{times:.1g}"
            what = f"from {year_month(month)} on they are about {shown} times what they were"
            change = "have them delivered in one unit, if that is why"
            yield Remark(table.source, column.name, "look", what, "", change)
            return


def _sizes(table: Table, column: Column) -> Iterator[tuple[date, float]]:
    """Of each month, the mean of the amounts' decimal logarithms; NaN of too few."""
    read = [abs(value) if isinstance(value, int | float) else 0.0 for value, _ in column.readings]
    amounts = np.array(read, dtype=np.float64)
    step = max(1, table.rows // _LOOKED_AT)
    months, codes = table.month_codes[::step], column.codes[::step]
    there = (months >= 0) & (amounts[codes] > 0)
    months, logs = months[there], np.log10(amounts[codes[there]])
    rows = np.bincount(months, minlength=len(table.months))
    sums = np.bincount(months, logs, minlength=len(table.months))
    means = np.where(rows >= _FEWEST, sums / np.maximum(rows, 1), np.nan)
    return zip(table.months, means.tolist(), strict=True)
