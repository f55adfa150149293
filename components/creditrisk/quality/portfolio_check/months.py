"""Which months are there, and are there holes between them?"""

from collections.abc import Collection, Iterator
from datetime import date

import numpy as np

from creditrisk.calendar_month import month_range, months_between, year_month
from creditrisk.deliveries import span
from creditrisk.portfolio import SourceRole
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table

_NAMED = 3
_BESIDE = 6  # months before the newest
_SHORT, _APART = 0.7, 4.0  # of their mean; standard deviations below it
_OLDEST, _NEWEST = 1950, 2100  # years of loans
_MAY_LACK: dict[SourceRole, tuple[str, str]] = {  # key, and what to write
    "events": ("optional", "optional: true, if it may be missing"),
    "applications": ("pauses", "pauses: true, if nobody applied then"),
}


def month_remarks(table: Table, elsewhere: Collection[date]) -> Iterator[Remark]:
    """Dates that cannot be read count with their column; here is what the others leave out.

    `elsewhere`: months that other required tables have rows in.
    """
    months = main_months(table, elsewhere)
    if not table.rows:
        begun = table.spec.role not in ("performance", "outcomes")  # else no loan may have
        yield Remark(table.source, "", "unusable" if begun else "look", "no row is there")
    strays = sorted({*table.months} - {*months})
    if strays:
        # all of them are set aside
        level: Level = "look" if months or table.spec.optional else "unusable"
        rows = sum(month_rows(table)[month] for month in strays)
        what = f"{share(rows, table.rows)} rows lie far from all others: {_names(strays)}"
        yield Remark(table.source, table.spec.month_columns[0], level, what)
    if not months:
        return
    if months[-1].year < _OLDEST or months[0].year > _NEWEST:
        what = f"years are {months[0].year} to {months[-1].year}: another calendar?"
        yield Remark(table.source, table.spec.month_columns[0], "look", what)
    if table.spec.role == "outcomes" or table.spec.pauses:
        return  # a month in which no loan was reported, or nobody applied
    yield from _gaps(table, months)
    yield from _without_rows(table, months)
    yield from _cut_short(table, months)


def _without_rows(table: Table, months: list[date]) -> Iterator[Remark]:
    """Months after the last with rows that have a file of their own, and nothing in it."""
    if (empty := sorted(m for m in table.files_of if m > months[-1])) and not table.spec.optional:
        key, change = _MAY_LACK.get(table.spec.role, ("", ""))
        what = f"no row is in the file of {_names(empty)}"
        yield Remark(table.source, "", "unusable", what, key, change)


def _cut_short(table: Table, months: list[date]) -> Iterator[Remark]:
    """A newest month with far fewer rows than months before: a file cut, or a month not over."""
    counts = [month_rows(table)[month] for month in months[-_BESIDE - 1 :]]
    *before, last = counts
    if len(before) < _BESIDE or not table.whole:
        return
    usual, apart = np.mean(before), max(np.std(before), np.sqrt(np.mean(before)))
    if last < min(_SHORT * usual, usual - _APART * apart):
        what = f"{last:,} rows of {year_month(months[-1])}, the newest month, and about"
        what += f" {usual:,.0f} of each before: is the file whole, and the month over?"
        yield Remark(table.source, table.spec.month_columns[0], "look", what)


def behind_remarks(base: Table, table: Table) -> Iterator[Remark]:
    """A panel that ends before the newest month of applications, which the ETL would refuse."""
    applied, months = main_months(base), main_months(table)
    if table.spec.role != "performance" or not (applied and months):
        return
    if months_between(months[-1], applied[-1]) >= max(table.spec.every, _step(months)):
        what = f"no row of {year_month(applied[-1])}, the newest month of applications; the last"
        what += f" are of {year_month(months[-1])}: later months cannot be run"
        yield Remark(table.source, "", "unusable", what, "", "deliver the months that are missing")


def main_months(table: Table, elsewhere: Collection[date] = ()) -> list[date]:
    """The months of a table but those of dates gone astray, as the ETL finds them."""
    spec, (start, end) = table.spec, table.span
    rows = {month: count for month, count in month_rows(table).items() if start <= month <= end}
    return span.main_months(rows, spec.every, elsewhere if spec.pauses else ())


def month_rows(table: Table) -> dict[date, int]:
    return dict(zip(table.months, table.rows_of_months[1:].tolist(), strict=True))


def _gaps(table: Table, months: list[date]) -> Iterator[Remark]:
    every, source = table.spec.every, table.source
    start, end = year_month(months[0]), year_month(months[-1])
    missing = sorted(set(list(month_range(months[0], months[-1]))[::every]) - set(months))
    between = [month for month in months if months_between(months[0], month) % every]
    if between:
        what = f"{share(len(between), len(months))} months lie between snapshots: {_names(between)}"
        yield Remark(source, "", "unusable", what, "every", f"every: {_step(months)}")
    elif missing and (step := _step(months)) > 1 and table.spec.role != "events":
        what = f"a snapshot every {step} months from {start} to {end}"
        yield Remark(source, "", "unusable", what, "every", f"every: {step}")
    elif missing:
        what = f"no row of {_names(missing)}, between {start} and {end}"
        level: Level = "look" if table.spec.optional else "unusable"
        key, change = ("", "") if table.spec.optional else _MAY_LACK.get(table.spec.role, ("", ""))
        yield Remark(source, "", level, what, key, change)


def _step(months: list[date]) -> int:
    gaps = [months_between(months[0], month) for month in months]
    return int(np.gcd.reduce(gaps)) or 1


def _names(months: list[date]) -> str:
    named = ", ".join(map(year_month, months[:_NAMED]))
    return named + (f" and {len(months) - _NAMED} more" if len(months) > _NAMED else "")
