"""Which months are there, and are there holes between them?"""

from collections.abc import Iterator
from datetime import date

import numpy as np

from creditrisk.calendar import month_range, months_between
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table

_ASTRAY = 12  # months without a row: what follows is a date gone astray
_NAMED = 3


def month_remarks(table: Table) -> Iterator[Remark]:
    """Dates that cannot be read count with their column; here is what the others leave out."""
    months = main_months(table)
    if not months:
        if not table.rows:
            yield Remark(table.source, "", "unusable", "no row is there")
        return
    strays = [month for month in table.months if not months[0] <= month <= months[-1]]
    if strays:
        rows = sum(month_rows(table)[month] for month in strays)
        what = f"{share(rows, table.rows)} rows lie far from all others: {_names(strays)}"
        yield Remark(table.source, table.spec.column("snapshot") or "", "look", what)
    if table.spec.role == "outcomes":
        return  # a month in which no loan was reported
    yield from _gaps(table, months)


def main_months(table: Table) -> list[date]:
    """The months of the largest group without a year's hole in it."""
    groups: list[list[date]] = []
    for month in table.months:
        if groups and months_between(groups[-1][-1], month) < _ASTRAY:
            groups[-1].append(month)
        else:
            groups.append([month])
    rows = month_rows(table)
    return max(groups, key=lambda group: sum(rows[month] for month in group), default=[])


def month_rows(table: Table) -> dict[date, int]:
    """Rows of each month."""
    rows = np.bincount(table.month_codes[table.month_codes >= 0], minlength=len(table.months))
    return dict(zip(table.months, rows.tolist(), strict=True))


def _gaps(table: Table, months: list[date]) -> Iterator[Remark]:
    every, source = table.spec.every, table.source
    missing = sorted(set(list(month_range(months[0], months[-1]))[::every]) - set(months))
    between = [month for month in months if months_between(months[0], month) % every]
    if between:
        what = f"{share(len(between), len(months))} months lie between snapshots: {_names(between)}"
        yield Remark(source, "", "unusable", what, "every", f"every: {_step(months)}")
    elif missing and (step := _step(months)) > 1 and table.spec.role == "performance":
        what = f"a snapshot every {step} months from {months[0]:%Y-%m} to {months[-1]:%Y-%m}"
        yield Remark(source, "", "unusable", what, "every", f"every: {step}")
    elif missing:
        what = f"no row of {_names(missing)}, between {months[0]:%Y-%m} and {months[-1]:%Y-%m}"
        change = "optional: true, if it may be missing" if table.spec.role == "events" else ""
        level: Level = "look" if table.spec.optional else "unusable"
        key = "optional" if change and not table.spec.optional else ""
        yield Remark(source, "", level, what, key, change if key else "")


def _step(months: list[date]) -> int:
    gaps = [months_between(months[0], month) for month in months]
    return int(np.gcd.reduce(gaps)) or 1


def _names(months: list[date]) -> str:
    named = ", ".join(f"{month:%Y-%m}" for month in months[:_NAMED])
    return named + (f" and {len(months) - _NAMED} more" if len(months) > _NAMED else "")
