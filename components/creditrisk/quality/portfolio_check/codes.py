"""Numbers that are none: codes described as amounts, amounts described as who somebody is."""

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from creditrisk.portfolio import Role
from creditrisk.portfolio.column import NUMBERS
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.quality.portfolio_draft.words import meaning, words_in_order

_LEADING = r"\A\s*0\d+\s*\z"  # 07: no amount is written so, but where all are filled up with zeros
_FEW = 100  # distinct values: filled-up amounts have more
_SOME = 0.01  # of the rows
_FRACTION = r"\A\s*-?\d+[.,]\d*[1-9]\d*\s*\z"  # not 17.0, as a number is exported that lacks some
_MANY = 0.05  # of the rows
_OFTEN = 2.0  # applications of a customer in a month
_FEWEST = 30  # customers
_NAMES: tuple[Role, ...] = ("customer", "application", "loan")


def code_remarks(table: Table, column: Column) -> Iterator[Remark]:
    """Of a number without a role: leading zeros, or a name that says so."""
    if column.spec.role or column.spec.type not in NUMBERS or column.spec.partial:
        return
    numbers, _ = column.numbers
    if not len(numbers) or len(numbers) > _FEW or not (numbers == np.floor(numbers)).all():
        return
    rows = _rows(column, _LEADING)
    last = words_in_order(column.name)[-1:]
    if rows > _SOME * column.rows:
        what = f"{share(rows, column.rows)} begin with a 0, as codes do"
    elif meaning("code").intersection(last):
        what = f"its name says {last[0]}: codes, not amounts?"
    else:
        return
    yield Remark(table.source, column.name, "look", what, "type", "type: category, if codes")


def amount_remarks(table: Table) -> Iterator[Remark]:
    """Of columns that say who: fractions, or a customer who applies again and again."""
    for column in filter(None, map(table.column, _NAMES)):
        if (rows := _rows(column, _FRACTION)) > _MANY * column.rows:
            what = f"{share(rows, column.rows)} have a fraction: is it an amount? It should say who"
            yield Remark(table.source, column.name, "look", what, "role")
    who = table.column("customer")
    if who is None or table.spec.role != "applications" or not table.column("application"):
        return
    known = table.month_codes >= 0
    pairs = who.codes[known].astype(np.int64) * len(table.months) + table.month_codes[known]
    customers = len(np.unique(pairs))
    if customers >= _FEWEST and known.sum() > _OFTEN * customers:
        what = f"in a month each has {known.sum() / customers:.1f} applications: does it say who?"
        yield Remark(table.source, who.name, "look", what, "role")


def _rows(column: Column, shape: str) -> int:
    found = np.asarray(pc.match_substring_regex(column.written, shape), dtype=bool)
    return int(column.counts[found].sum())
