"""Would the ETL block a month for this? Its own weights, over the months of given files."""

import numpy as np
from numpy.typing import NDArray

from creditrisk.policy import Quality
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.months import main_months
from creditrisk.quality.portfolio_check.remark import Level
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.cleaning import OUTCOME_DATES
from creditrisk.stages.etl.quality.weight import SET_ASIDE, weight

Mask = NDArray[np.bool_]


def rule_level(table: Table, column: Column, rule: str, limits: Quality) -> Level:
    """Of a rule that struck values of a column: rows set aside where they need one, else nulls."""
    if column.needed:
        return aside_level(table, column.struck(rule)[column.codes], limits)
    name = table.spec.name_of(column.name)
    return struck_level(table, name, rule, column.struck(rule)[column.codes], limits)


def struck_level(table: Table, name: str, rule: str, struck: Mask, limits: Quality) -> Level:
    """Of rows whose value a rule took, the column by its silver name."""
    of = _by_month(table, _values(table, name))
    months = zip(_by_month(table, struck).tolist(), of.tolist(), strict=True)
    found = (weight(rule, name, count, rows, table.spec, limits) for count, rows in months)
    return "unusable" if any(one.blocks for one in found) else "look"


def aside_level(table: Table, aside: Mask, limits: Quality) -> Level:
    """Of rows that would be set aside."""
    every = _by_month(table, np.ones(table.rows, dtype=bool))
    months = zip(_by_month(table, aside).tolist(), every.tolist(), strict=True)
    found = (weight(SET_ASIDE, "", count, rows, table.spec, limits) for count, rows in months)
    return "unusable" if any(one.blocks for one in found) else "look"


def lacking(table: Table) -> Mask:
    """Rows that lack something they need."""
    aside = np.zeros(table.rows, dtype=bool)
    for column in table.columns.values():
        if column.needed:
            nothing = np.array([value is None for value, _ in column.readings], dtype=bool)
            aside |= nothing[column.codes]
    return aside


def _values(table: Table, name: str) -> Mask:
    """Rows that a rule could strike: of a date of default or closing, those with a value."""
    column = table.columns.get(table.spec.column(name) or "") if name in OUTCOME_DATES else None
    if column is None:
        return np.ones(table.rows, dtype=bool)
    return column.given


def _by_month(table: Table, rows: Mask) -> NDArray[np.int64]:
    """Rows of each month; what has none, or one gone astray, came with the newest."""
    codes = table.month_codes.copy()
    newest = max(len(table.months) - 1, 0)
    if months := main_months(table):
        newest = table.months.index(months[-1])
    codes[_astray(table)] = newest
    return np.bincount(codes[rows], minlength=newest + 1)


def _astray(table: Table) -> Mask:
    """Rows without a month, or of one far from all others."""
    months = main_months(table)
    known = [code for code, month in enumerate(table.months) if month in months]
    return ~np.isin(table.month_codes, known)
