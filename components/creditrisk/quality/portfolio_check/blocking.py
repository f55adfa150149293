"""Would the ETL block a month for this? Its own weights, over the months of given files."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from operator import add

import numpy as np
from numpy.typing import NDArray

from creditrisk import contracts
from creditrisk.calendar_month import months_between
from creditrisk.policy import Quality
from creditrisk.quality.portfolio_check.column import NEVER, Column, month_count
from creditrisk.quality.portfolio_check.months import main_months
from creditrisk.quality.portfolio_check.remark import Level
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.cleaning import OUTCOME_DATES
from creditrisk.stages.etl.quality.severity import severity
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
    values = _values(table, name)
    of = _rows_by_month(table) if values is None else _by_month(table, values)
    months = zip(_by_month(table, struck), of, strict=True)
    found = (weight(rule, name, count, rows, table.spec, limits) for count, rows in months)
    return "unusable" if any(one.blocks for one in found) else "look"


def aside_level(table: Table, aside: Mask, limits: Quality, misfits: bool = False) -> Level:
    """Of rows that would be set aside; with `misfits`, of those that do not split, too."""
    counts = _by_month(table, aside)
    if misfits:
        counts = [*map(add, counts, _misfits_by_month(table))]
    months = zip(counts, _rows_by_month(table), strict=True)
    found = (weight(SET_ASIDE, "", count, rows, table.spec, limits) for count, rows in months)
    return "unusable" if any(one.blocks for one in found) else "look"


def lacking(table: Table) -> Mask:
    """Rows that lack something they need, or are dated before their loan began."""
    aside = np.zeros(table.rows, dtype=bool)
    for column in table.columns.values():
        if column.needed and not column.readings.present.all():
            aside |= ~column.readings.present[column.codes]
    return aside | too_early(table)


def astray(table: Table) -> Mask:
    """Rows of no month of the lender: set aside in the newest. In a file a month all are its."""
    if table.files_of or not table.months:
        return np.zeros(table.rows, dtype=bool)
    known = {*main_months(table)}
    lost = np.array([*(month not in known for month in table.months), False])
    rows: Mask = lost[table.month_codes]
    return rows


def too_early(table: Table) -> Mask:
    """Rows that are dated before their loan began."""
    start = table.column("start")
    if start is None or table.spec.role not in ("performance", "outcomes"):
        return np.zeros(table.rows, dtype=bool)
    began = start.months[start.codes]
    now = np.array([*map(month_count, table.months), NEVER])[table.month_codes]
    early: Mask = (now != NEVER) & (began > now)
    return early


def _values(table: Table, name: str) -> Mask | None:
    """Rows that a rule could strike: of a date of default or closing, those with a value."""
    column = table.columns.get(table.spec.column(name) or "") if name in OUTCOME_DATES else None
    return column.given if column else None


def jumps(table: Table, aside: Mask, limits: Quality) -> Iterator[tuple[date, int, int, Level]]:
    """Months with far fewer or more rows than the one before, of a table that the ETL expects to
    be steady: the month, its rows that are not set aside, those before, what follows.
    """
    if not (table.whole and table.months and contracts.silver(table.source, table.spec).steady):
        return
    kept = dict(zip(table.months, _by_month(table, ~aside), strict=True))
    for before, month in pairwise(main_months(table)):
        if months_between(before, month) > 1 or not kept[before]:
            continue
        ratio = kept[month] / kept[before]
        if not limits.rows_low <= ratio <= limits.rows_high:
            rule = "too few rows" if ratio < 1 else "too many rows"
            blocks = severity(limits.rules, rule, table.spec) == "block"
            yield month, kept[month], kept[before], "unusable" if blocks else "look"


def _rows_by_month(table: Table) -> list[int]:
    """Delivered rows of each month, whether they split into fields or not."""
    return [*map(add, _by_month(table, None), _misfits_by_month(table))]


def _misfits_by_month(table: Table) -> list[int]:
    known = [table.misfits.get(month, 0) for month in table.months]
    return _with_newest(table, sum(table.misfits.values()) - sum(known), known)


def _by_month(table: Table, rows: Mask | None) -> list[int]:
    """Of some rows that split, or all, those of each month."""
    none, *counts = (table.rows_of_months if rows is None else table.by_month(rows)).tolist()
    return _with_newest(table, none, counts)


def _with_newest(table: Table, none: int, counts: list[int]) -> list[int]:
    """Rows by month; what has `none`, or one gone astray, came with the newest."""
    months = main_months(table)
    astray = [place for place, month in enumerate(table.months) if month not in months]
    newest = table.months.index(months[-1]) if months else max(len(counts) - 1, 0)
    counts = counts or [0]
    strays = none + sum(counts[place] for place in astray)
    for place in astray:
        counts[place] = 0
    counts[newest] += strays
    return counts
