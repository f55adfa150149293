"""Are rows unique by their key, and how many would be set aside in all?"""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from creditrisk.policy import Quality
from creditrisk.policy.yaml_text import quoted
from creditrisk.portfolio import Role
from creditrisk.portfolio.column import SPACE
from creditrisk.quality.portfolio_check.advice import MEAN_MISSING
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.level import Mask, aside_level, lacking
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table

_NAMES: tuple[Role, ...] = ("customer", "application", "loan")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[Ee]\+\d+")  # what a spreadsheet makes of a long number
_FEWEST = 20  # names
_MANY_TIMES = 10  # the rows of the second
_SHARE = 0.01  # of the rows


def key_remarks(table: Table, limits: Quality) -> Iterator[Remark]:
    """Rows that share their key within a month."""
    conflicts, copies = _shared(table)
    key = [column.name for role in _key(table) if (column := table.column(role))]
    where = (key or table.spec.month_columns)[0]
    if conflicts.any():
        names = " and ".join([*key, "month"])
        what = f"{share(int(conflicts.sum()), table.rows)} rows share {names}, and differ"
        change = "role: application on the column that numbers applications"
        able = table.spec.role == "applications" and not table.column("application")
        level = aside_level(table, conflicts, limits)
        yield Remark(table.source, where, level, what, "role" * able, change * able)
    if copies:
        what = f"{share(copies, table.rows)} rows are there twice, and equal: one is kept"
        yield Remark(table.source, where, "look", what)


def name_remarks(table: Table) -> Iterator[Remark]:
    """Names of customers, applications and loans that are none, or no longer whole."""
    for role in _NAMES:
        if (column := table.column(role)) is None:
            continue
        if rows := _rows(column, lambda text: bool(_SCIENTIFIC.fullmatch(text))):
            what = f"{share(rows, column.rows)} are written as 1.23E+11: their last digits are lost"
            what += ", and several have one name; deliver them as text"
            yield Remark(table.source, column.name, "look", what)
        if rows := _rows(column, _means_none):
            what = f"{share(rows, column.rows)} may mean that there is none, and are taken for one"
            words = dict.fromkeys(filter(_means_none, map(_bare, column.texts)))
            change = f"add to missing: [{', '.join(map(quoted, words))}]"
            yield Remark(table.source, column.name, "look", what, "missing", change)
        elif role == "customer" and (text := _everyone(column)):
            rows = _rows(column, text.__eq__)
            what = f"{share(rows, column.rows)} are of one, '{column.shown(text)}': is it anybody?"
            change = "add its text to missing, if it is nobody"
            yield Remark(table.source, column.name, "look", what, "missing", change)


def _bare(text: str) -> str:
    return text.strip(SPACE)


def _means_none(text: str) -> bool:
    return text.lower() in MEAN_MISSING


def _rows(column: Column, fits: Callable[[str], bool]) -> int:
    """Rows that bear such a name."""
    read = zip(column.texts, column.readings, strict=True)
    found = [value is not None and fits(_bare(text)) for text, (value, _) in read]
    return int(column.counts[found].sum())


def _everyone(column: Column) -> str:
    """A name that far more rows bear than any other; empty where there is none."""
    if len(column.texts) < _FEWEST:
        return ""
    second, most = np.sort(column.counts)[-2:]
    if most < max(_MANY_TIMES * second, _SHARE * column.rows):
        return ""
    return _bare(column.texts[int(column.counts.argmax())])


def aside_remarks(table: Table, limits: Quality) -> Iterator[Remark]:
    """Too many rows of a month set aside, for one reason or another."""
    aside = _shared(table)[0] | lacking(table)
    if aside_level(table, aside, limits) == "unusable":
        what = f"{share(int(aside.sum()), table.rows)} rows would be set aside, too many of a month"
        yield Remark(table.source, "", "unusable", what)


def _shared(table: Table) -> tuple[Mask, int]:
    """Rows that differ from another of their key and month, and how many are equal to one."""
    key = [column for role in _key(table) if (column := table.column(role))]
    conflicts = np.zeros(table.rows, dtype=bool)
    known = np.flatnonzero((table.month_codes >= 0) & ~lacking(table))
    if not key and table.spec.role != "macro":
        return conflicts, 0
    ids = table.month_codes[known]
    for column in key:
        ids = ids * len(column.texts) + column.codes[known]
    _, place, counts = np.unique(ids, return_inverse=True, return_counts=True)
    twice = counts[place] > 1
    if not twice.any():
        return conflicts, 0
    content = np.column_stack([column.codes[known][twice] for column in table.columns.values()])
    frame = pd.DataFrame(content).assign(key=ids[twice])
    kinds = frame.drop_duplicates().groupby("key").size()
    differ = frame["key"].isin(kinds.index[kinds > 1]).to_numpy()
    conflicts[known[twice][differ]] = True
    return conflicts, int(twice.sum() - differ.sum()) - int((kinds == 1).sum())


def _key(table: Table) -> tuple[Role, ...]:
    """What tells rows of a month apart."""
    match table.spec.role:
        case "applications":
            return ("application",) if table.column("application") else ("customer",)
        case "events":
            return ("customer", "snapshot", "event")
        case "macro":
            return ()
        case _:
            return ("loan",)
