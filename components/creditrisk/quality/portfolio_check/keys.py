"""Are rows unique by their key, and how many would be set aside in all?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.calendar_month import year_month
from creditrisk.policy import Quality
from creditrisk.policy.yaml_text import quoted
from creditrisk.portfolio import Role
from creditrisk.quality.portfolio_check.advice import MEAN_MISSING
from creditrisk.quality.portfolio_check.blocking import Mask, aside_level, astray, jumps, lacking
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table

_NAMES: tuple[Role, ...] = ("customer", "application", "loan")
_SCIENTIFIC = r"\A\d([.,]\d+)?[Ee]\+\d+\z"  # what a spreadsheet makes of a long number
_FEWEST = 20  # names
_MANY_TIMES = 10  # the rows of the second
_SHARE = 0.01  # of the rows
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Shared:
    """Rows that share key and month: those that differ from another, and how many are equal."""

    conflicts: Mask  # of each row
    copies: int


def key_remarks(table: Table, shared: Shared, limits: Quality) -> Iterator[Remark]:
    """Rows that share their key within a month."""
    conflicts, copies = shared.conflicts, shared.copies
    key = [column.name for role in _key(table) if (column := table.column(role))]
    where = (key or table.spec.month_columns)[0]
    if conflicts.any():
        names = " and ".join([*key, "month"])
        what = f"{share(int(conflicts.sum()), table.rows)} rows share {names}, and differ"
        level = aside_level(table, conflicts, limits)
        yield Remark(table.source, where, level, what, *_told_apart(table))
    if several := _in_several_months(table):
        what = f"{several:,} applications are delivered in several months: each counts once, as it"
        what += " was last known when its loan began, and is scored in each"
        yield Remark(table.source, where, "look", what)
    if copies:
        what = f"{share(copies, table.rows)} rows are there twice, and equal: one is kept"
        yield Remark(table.source, where, "look", what)


def _told_apart(table: Table) -> tuple[str, str]:
    """Key and change by which rows of one key would be several; empty where none is left."""
    if table.spec.role == "applications" and not table.column("application"):
        return "role", "role: application on the column that numbers applications"
    if table.spec.role == "performance" and table.column("snapshot") and not table.spec.several:
        return "", "several: last (or added), if a loan has several rows a month"
    return "", ""


def _in_several_months(table: Table) -> int:
    """Numbers of applications whose rows are of more than one month."""
    number = table.column("application")
    if table.spec.role != "applications" or number is None:
        return 0
    known = table.month_codes >= 0
    first = np.full(len(number.written), len(table.months))
    last = np.full(len(number.written), -1)
    np.minimum.at(first, number.codes[known], table.month_codes[known])
    np.maximum.at(last, number.codes[known], table.month_codes[known])
    return int((first < last).sum())


def name_remarks(table: Table) -> Iterator[Remark]:
    """Names of customers, applications and loans that are none, or no longer whole."""
    for role in _NAMES:
        if (column := table.column(role)) is None:
            continue
        names = column.trimmed
        if rows := _rows(column, pc.match_substring_regex(names, _SCIENTIFIC)):
            what = f"{share(rows, column.rows)} are written as 1.23E+11: their last digits are lost"
            what += ", and several have one name; deliver them as text"
            yield Remark(table.source, column.name, "look", what)
        none = pc.is_in(pc.utf8_lower(names), pa.array(sorted(MEAN_MISSING)))
        if rows := _rows(column, none):
            what = f"{share(rows, column.rows)} may mean that there is none, and are taken for one"
            words = pc.unique(names.filter(none)).to_pylist()
            words = [word for word in words if word not in column.spec.missing]
            change = f"add to missing: [{', '.join(map(quoted, words))}]"
            yield Remark(table.source, column.name, "look", what, "missing", change)
        elif role == "customer" and (text := _everyone(column)):
            rows = int(column.counts.max())
            what = f"{share(rows, column.rows)} are of one, '{column.shown(text)}': is it anybody?"
            change = "add its text to missing, if it is nobody"
            yield Remark(table.source, column.name, "look", what, "missing", change)


def _rows(column: Column, found: pa.BooleanArray) -> int:
    """Rows of these texts that are read as names."""
    named = np.asarray(found, dtype=bool) & column.readings.present
    return int(column.counts[named].sum())


def _everyone(column: Column) -> str:
    """A name that far more rows bear than any other; empty where there is none."""
    if len(column.written) < _FEWEST:
        return ""
    second, most = np.partition(column.counts, -2)[-2:]
    place = int(column.counts.argmax())
    if most < max(_MANY_TIMES * second, _SHARE * column.rows) or not column.readings.present[place]:
        return ""
    return str(column.trimmed[place])


def aside_remarks(table: Table, shared: Shared, limits: Quality) -> Iterator[Remark]:
    """Too many rows of a month set aside, for one reason or another; too few left, or too many."""
    aside = shared.conflicts | lacking(table) | astray(table)
    for month, rows, before, level in jumps(table, aside, limits):
        what = f"{rows:,} rows of {year_month(month)} after {before:,} of the month before"
        change = (
            "deliver the whole month; what may be is quality.rows_low and rows_high of the policy"
        )
        yield Remark(table.source, "", level, what, "", change)
    if aside_level(table, aside, limits, misfits=True) == "unusable":
        misfits = sum(table.misfits.values())
        what = f"{share(int(aside.sum()) + misfits, table.rows + misfits)} rows would be set aside,"
        what += " too many of a month"
        yield Remark(table.source, "", "unusable", what)


def shared_keys(table: Table) -> Shared:
    """Of rows with a month and all that they need."""
    key = [column for role in _key(table) if (column := table.column(role))]
    conflicts = np.zeros(table.rows, dtype=bool)
    if not key and table.spec.role != "macro":
        return Shared(conflicts, 0)
    known = np.flatnonzero((table.month_codes >= 0) & ~lacking(table))
    ids = table.month_codes[known]
    for column in key:
        ids = ids * len(column.written) + column.codes[known]
    ordered = np.sort(ids)
    often = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(often):
        return Shared(conflicts, 0)
    twice = np.isin(ids, often)
    of_key, kinds = _kinds(ids[twice], [c.codes[known][twice] for c in table.columns.values()])
    differ = np.isin(ids[twice], of_key[kinds > 1])
    conflicts[known[twice][differ]] = True
    return Shared(conflicts, int(twice.sum() - differ.sum()) - int((kinds == 1).sum()))


def _kinds(ids: Ids, content: list[NDArray[np.int32]]) -> tuple[Ids, Ids]:
    """Keys, and of each how many rows of it are unlike one another."""
    columns = {f"{number}": codes for number, codes in enumerate([ids, *content])}
    rows = pa.table(columns).group_by(list(columns), use_threads=False).aggregate([])
    return np.unique(rows["0"].to_numpy(), return_counts=True)


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
            return ("loan", "snapshot") if table.spec.several else ("loan",)
