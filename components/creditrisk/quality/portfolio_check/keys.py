"""Are rows unique by their key, and how many would be set aside in all?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from creditrisk.policy import Quality
from creditrisk.portfolio import Role
from creditrisk.quality.portfolio_check.level import Mask, aside_level, lacking
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table


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
