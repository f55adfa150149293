"""Do the tables of a lender find one another, and do their dates follow one another?"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.calendar_month import add_months, year_month
from creditrisk.policy import Quality
from creditrisk.policy.yaml_text import quoted
from creditrisk.portfolio.column import SPACE
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.level import struck_level
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.cleaning import BEFORE_START, IN_FUTURE, OUTCOME_DATES

_NEARLY_ALL = 0.98
_NEVER = -1
_FEW = 5


def relation_remarks(tables: list[Table], limits: Quality) -> Iterator[Remark]:
    """Joins that find too little; only between tables that were read whole."""
    base = next((t for t in tables if t.spec.role == "applications" and not t.spec.optional), None)
    if base is None or not base.whole:
        return
    applied = _application_ids(base)
    for table in tables:
        if not table.whole or table is base:
            continue
        if table.spec.role == "applications":
            yield from _coverage(table, applied, _application_ids(table), limits)
        elif table.spec.role == "events":
            yield from _events(base, table, limits)
        elif table.spec.role == "macro":
            yield from _figures(base, table)
        else:
            yield from _loans(base, table, applied, limits)
            yield from _months_on_book(table)
            yield from _one_extract(table)


def _application_ids(table: Table) -> "pd.Series[str]":
    if number := table.column("application"):
        return _text(number)
    return _text(table.columns[table.spec.column("customer") or ""]) + "_" + _month(table)


def _coverage(
    table: Table, applied: "pd.Series[str]", mine: "pd.Series[str]", limits: Quality
) -> Iterator[Remark]:
    found = int(applied.isin(set(mine)).sum())
    if found < _NEARLY_ALL * len(applied):
        limit = limits.outage_coverage if table.spec.optional else limits.max_nulled_share
        level: Level = "unusable" if found < limit * len(applied) else "look"
        what = f"{share(found, len(applied))} applications have a row here"
        yield Remark(table.source, table.spec.column("customer") or "", level, what)


def _figures(base: Table, table: Table) -> Iterator[Remark]:
    """Months of application without a figure known by then."""
    known = {add_months(m, held) for m in table.months for held in range(table.spec.every)}
    if without := [month for month in base.months if month not in known]:
        what = f"{share(len(without), len(base.months))} months of application have no figure known"
        yield Remark(table.source, "", "look", f"{what} by then, first {year_month(without[0])}")


def _events(base: Table, table: Table, limits: Quality) -> Iterator[Remark]:
    rows = pd.DataFrame(
        {
            "who": _text(_customer(table)),
            "month": table.month_codes,
            "known": table.month_codes >= 0,
        }
    )
    month = np.array([*table.months, None], dtype=object)
    since = rows[rows["known"]].groupby("who")["month"].min().map(lambda place: month[place])
    applied = pd.DataFrame({"who": _text(_customer(base)), "month": _month(base)})
    first = applied["who"].map(since).map(lambda day: day.isoformat(), na_action="ignore")
    applied["found"] = first.notna() & (first.fillna("9") <= applied["month"])
    found = int(applied["found"].sum())
    shares = applied.groupby("month")["found"].mean()
    dark = [name[:7] for name in shares.index[shares < limits.outage_coverage] if name]
    if not found:
        what = "no applicant has a row here at the time of application"
        yield Remark(table.source, _customer(table).name, "unusable", what)
    elif dark:
        what = f"applicants of {dark[0]} to {dark[-1]} ({len(dark)} months) have no row here"
        change = "optional: true, so that these months are an outage"
        able = not table.spec.optional
        level: Level = "unusable" if able else "look"
        yield Remark(table.source, "", level, what, "optional" * able, change * able)


def _loans(
    base: Table, table: Table, applied: "pd.Series[str]", limits: Quality
) -> Iterator[Remark]:
    loan = table.column("loan")
    assert loan is not None  # noqa: S101 - such a table needs one
    start = table.columns[table.spec.column("start") or ""]
    if number := table.column("application") or (base.column("application") and loan):
        ids, column = _text(number), number
    else:
        ids, column = _text(_customer(table)) + "_" + _dates(start), start
    whose = ids.groupby(loan.codes).first()
    found = int(whose.isin(set(applied)).sum())
    if found < _NEARLY_ALL * len(whose):
        level: Level = "unusable" if found < limits.max_nulled_share * len(whose) else "look"
        what = f"{share(found, len(whose))} loans find their application"
        by = f"by {column.name}" if number else f"by customer and month ({start.name})"
        change = "role: application here and in the applications, if both bear its number"
        able = table.column("application") is None
        yield Remark(table.source, column.name, level, f"{what} {by}", "role" * able, change * able)
    if number:
        yield from _began_early(base, table, ids)


def _began_early(base: Table, table: Table, ids: "pd.Series[str]") -> Iterator[Remark]:
    """Loans that began in a month before their application's: training sets them aside."""
    loan, start, applied = table.column("loan"), table.column("start"), base.column("snapshot")
    assert loan and start and applied  # noqa: S101 - such tables need them
    months = _month(base).groupby(_application_ids(base)).first()
    loans = pd.DataFrame({"id": ids, "began": _dates(start)}).groupby(loan.codes).first()
    early = (loans["began"] != "") & (loans["id"].map(months).fillna("") > loans["began"])
    if early.any():
        what = f"{share(int(early.sum()), len(loans))} loans began before their application"
        yield Remark(table.source, start.name, "look", f"{what} ({applied.name})")


def _one_extract(table: Table) -> Iterator[Remark]:
    """Outcomes of many cohorts, all as of one month: those that matured before it get none."""
    dated, start = table.column("snapshot"), table.column("start")
    if table.spec.role != "outcomes" or dated is None or start is None or len(table.months) != 1:
        return
    began = {day.replace(day=1) for day, _ in start.readings if isinstance(day, date)}
    days = [day for day, _ in dated.readings if isinstance(day, date)]
    if len(began - {*table.months}) > 1:
        what = f"all rows are as of {table.months[0]:%Y-%m}: cohorts that matured before it"
        change = f"extract: {max(days)}, in place of {dated.name}"
        yield Remark(table.source, "", "look", f"{what} get no outcome", "extract", change)


def _months_on_book(table: Table) -> Iterator[Remark]:
    text, start = table.column("month_on_book"), table.column("start")
    if text is None or start is None:
        return
    seen = np.array([*map(_index, table.months), _NEVER])[table.month_codes]
    began = np.array([_index(v) for v, _ in start.readings])[start.codes]
    months = np.array([v if isinstance(v, int) else _NEVER for v, _ in text.readings])[text.codes]
    known = (seen != _NEVER) & (began != _NEVER) & (months != _NEVER)
    wrong = int((known & (seen - began != months)).sum())
    if wrong:
        what = f"{share(wrong, int(known.sum()))} are not the months since {start.name}"
        level: Level = "unusable" if wrong > known.sum() / 2 else "look"
        yield Remark(table.source, text.name, level, what)


def date_remarks(table: Table, limits: Quality) -> Iterator[Remark]:
    """Dates of an outcome before its loan began, or after they were delivered."""
    seen = _known_on(table)
    start = table.column("start")
    began = np.array([_index(v) for v, _ in start.readings])[start.codes] if start else seen
    for role in OUTCOME_DATES:
        column = table.column(role)
        if column is None:
            continue
        when = np.array([_index(v) for v, _ in column.readings])[column.codes]
        early = (when != _NEVER) & (began != _NEVER) & (when < began)
        late = (when != _NEVER) & (seen != _NEVER) & (when > seen)
        for rows, rule, what in (
            (early, BEFORE_START, "before the loan began"),
            (late, IN_FUTURE, "after their delivery"),
        ):
            if count := int(rows.sum()):
                text = f"{share(count, column.filled)} lie {what}"
                level = struck_level(table, role, rule, rows, limits)
                yield Remark(table.source, column.name, level, text, *_never(column, rows))


def _never(column: Column, rows: NDArray[np.bool_]) -> tuple[str, str]:
    """Key and change where one text stands in most of the rows: it says that it did not happen."""
    counts = np.bincount(column.codes[rows], minlength=len(column.texts))
    if counts.max() <= max(rows.sum() / 2, _FEW):
        return "", ""
    text = column.texts[int(counts.argmax())].strip(SPACE)
    return "missing", f"add to missing: [{quoted(text)}], if it says: never"


def _known_on(table: Table) -> NDArray[np.int64]:
    """The month that each row was known in: its own, or that of the one extract."""
    if table.spec.extract:
        return np.full(table.rows, _index(table.spec.extract))
    return np.array([*map(_index, table.months), _NEVER])[table.month_codes]


def _index(value: object) -> int:
    return value.year * 12 + value.month if isinstance(value, date) else _NEVER


def _customer(table: Table) -> Column:
    return table.columns[table.spec.column("customer") or ""]


def _text(column: Column) -> "pd.Series[str]":
    values = np.array([text.strip(SPACE) for text in column.texts], dtype=object)
    return pd.Series(values[column.codes])


def _month(table: Table) -> "pd.Series[str]":
    names = np.array([*(month.isoformat() for month in table.months), ""], dtype=object)
    return pd.Series(names[table.month_codes])


def _dates(column: Column) -> "pd.Series[str]":
    read = [str(value)[:7] + "-01" if value else "" for value, _ in column.readings]
    return pd.Series(np.array(read, dtype=object)[column.codes])
