"""What changes in a column from one month to the next: it is empty, or coded anew."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from creditrisk.calendar_month import year_month
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.remark import Remark
from creditrisk.quality.portfolio_check.table import Table

_FEWEST = 20  # rows of a month
_NEARLY_ALL, _HALF = 0.95, 0.5
_MONTHS = 3  # before: of fewer nothing is known
_CODES = 50  # different texts of a category
Shares = NDArray[np.float64]


def month_changes(table: Table, column: Column) -> Iterator[Remark]:
    """Of a column without a role."""
    if column.spec.role or len(table.months) <= _MONTHS or not table.whole:
        return
    for taken, what in (
        (_empty(table, column), "is empty in nearly every row"),
        (_unseen(table, column), "holds hardly a text that was there before: is it coded anew?"),
    ):
        places = np.flatnonzero(taken > _NEARLY_ALL)
        place = next((p for p in places if p >= _MONTHS and (taken[:p] < _HALF).all()), None)
        if place is not None:
            month = year_month(table.months[place])
            yield Remark(table.source, column.name, "look", f"in {month} it {what}")


def _empty(table: Table, column: Column) -> Shares:
    return _shares(table, ~column.given)


def _unseen(table: Table, column: Column) -> Shares:
    """Of each month the share of rows with a text that no month before has; categories alone."""
    texts, months = len(column.written), table.month_codes
    if column.spec.type != "category" or texts > _CODES:
        return np.zeros(len(table.months))
    first = np.full(texts, len(table.months))
    known = months >= 0
    np.minimum.at(first, column.codes[known], months[known])
    new = _shares(table, column.given & (first[column.codes] == months))
    new[:_MONTHS] = 0.0  # all is new at first
    return new


def _shares(table: Table, rows: NDArray[np.bool_]) -> Shares:
    of_month = table.rows_of_months[1:]
    found: Shares = table.by_month(rows)[1:] / np.maximum(of_month, 1)
    found[of_month < _FEWEST] = 0.0
    return found
