"""What a loan's rows say of each other: one of another unit, a month that is the one before."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from creditrisk.calendar_month import year_month
from creditrisk.portfolio import Role
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table

_SUMS: tuple[Role, ...] = ("due", "balance")
_STANDS: tuple[Role, ...] = ("due", "paid", "overdue", "balance", "days_late", "status")
_TIMES = 3.0  # two instalments are twice one
_ALIKE, _SAME = 0.05, 0.1  # of the factor, of the amounts before and after
_FEWEST = 3  # rows by one factor
_PAIRS = 30  # loans seen in both of two months
_NEARLY_ALL, _HALF = 0.95, 0.5
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


def loan_row_remarks(table: Table) -> Iterator[Remark]:
    """Of a table of performance that was read whole, with a row a month."""
    loan = table.column("loan")
    if table.spec.role != "performance" or not table.whole or table.spec.several or loan is None:
        return
    rows = np.flatnonzero(table.month_codes >= 0)
    rows = rows[np.lexsort((table.month_codes[rows], loan.codes[rows]))]
    follows = loan.codes[rows][1:] == loan.codes[rows][:-1]
    yield from _apart(table, rows, follows)
    yield from _repeated(table, rows, follows)


def _apart(table: Table, rows: Places, follows: NDArray[np.bool_]) -> Iterator[Remark]:
    """Single rows that are by one factor more, or less, than the loan's before and after."""
    for role in _SUMS:
        if (column := table.column(role)) is None or len(rows) < _FEWEST:
            continue
        before, now, after = (column.amounts[rows][n : len(rows) - 2 + n] for n in range(3))
        three = follows[:-1] & follows[1:] & (before > 0) & (now > 0) & (after > 0)
        three &= np.abs(after - before) <= _SAME * np.abs(before)
        factor = now[three] / before[three]
        factor = factor[(factor >= _TIMES) | (factor <= 1 / _TIMES)]
        times = float(np.median(factor)) if len(factor) else 1.0
        if (count := int((np.abs(factor - times) <= _ALIKE * times).sum())) >= _FEWEST:
            what = f"{share(count, len(rows))} are about {times:.2g} times those of the loan before"
            what += " and after: of another unit or currency?"
            yield Remark(
                table.source, column.name, "look", what, "", "have them in one unit, if so"
            )


def _repeated(table: Table, rows: Places, follows: NDArray[np.bool_]) -> Iterator[Remark]:
    """A month in which no loan stands otherwise than in the one before, as in no other month."""
    columns = [column for role in _STANDS if (column := table.column(role))]
    same = follows & np.logical_and.reduce(
        [column.codes[rows][1:] == column.codes[rows][:-1] for column in columns]
    )
    months = table.month_codes[rows][1:]
    pairs = np.bincount(months[follows], minlength=len(table.months))
    equal = np.bincount(months[same], minlength=len(table.months)) / np.maximum(pairs, 1)
    stale = (pairs >= _PAIRS) & (equal >= _NEARLY_ALL)
    others = equal[(pairs >= _PAIRS) & ~stale]
    if stale.sum() == 1 and len(others) >= _FEWEST and others.max() <= _HALF:
        month = year_month(table.months[int(stale.argmax())])
        what = f"in {month} every loan stands as in the month before, in no other month half of"
        what += " them: is it that month's file once more?"
        yield Remark(table.source, "", "look", what, "", "deliver the month's own, if so")
