"""Do the tables of a lender find one another, and do their dates follow one another?"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditrisk.calendar_month import add_months, year_month
from creditrisk.policy import Quality
from creditrisk.policy.yaml_text import quoted
from creditrisk.quality.portfolio_check.blocking import (
    aside_level,
    lacking,
    struck_level,
    too_early,
)
from creditrisk.quality.portfolio_check.column import NEVER, Column, month_count
from creditrisk.quality.portfolio_check.joins import (
    application_ids,
    customer_column,
    how_many_among,
    places_among,
    row_months,
)
from creditrisk.quality.portfolio_check.loan_applications import loan_remarks
from creditrisk.quality.portfolio_check.months import behind_remarks
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.cleaning import BEFORE_START, IN_FUTURE, OUTCOME_DATES

_NEARLY_ALL = 0.98
_FEW = 5
_LATER = np.iinfo(np.int64).max  # than any month


def relation_remarks(tables: list[Table], limits: Quality) -> Iterator[Remark]:
    """Joins that find too little; only between tables that were read whole."""
    base = next((t for t in tables if t.spec.role == "applications" and not t.spec.optional), None)
    if base is None or not base.whole:
        return
    applied = application_ids(base)
    for table in tables:
        if not table.whole or table is base:
            continue
        if table.spec.role == "applications":
            yield from _coverage(table, applied, application_ids(table), limits)
        elif table.spec.role == "events":
            yield from _events(base, table, limits)
        elif table.spec.role == "macro":
            yield from _figures(base, table)
        else:
            yield from loan_remarks(base, table, applied, limits)
            yield from _months_on_book(table)
            yield from _one_extract(table)
            yield from behind_remarks(base, table)


def _coverage(
    table: Table, applied: pa.StringArray, mine: pa.StringArray, limits: Quality
) -> Iterator[Remark]:
    found = how_many_among(applied, mine)
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
    who, mine = customer_column(table), customer_column(base)
    people = who.trimmed.dictionary_encode()  # several texts may be trimmed to one
    since = np.full(len(people.dictionary) + 1, _LATER)  # the last: who has no row
    rows = np.where(row_months(table) == NEVER, _LATER, row_months(table))
    np.minimum.at(since, people.indices.to_numpy()[who.codes], rows)
    places = places_among(mine.trimmed, people.dictionary)
    seen = since[places][mine.codes] <= row_months(base)
    found = int(seen.sum())
    shares = base.by_month(seen)[1:] / base.rows_of_months[1:]
    dark = [year_month(base.months[at]) for at in np.flatnonzero(shares < limits.outage_coverage)]
    if not found:
        what = "no applicant has a row here at the time of application"
        yield Remark(table.source, customer_column(table).name, "unusable", what)
    elif dark:
        what = f"applicants of {dark[0]} to {dark[-1]} ({len(dark)} months) have no row here"
        change = "optional: true, so that these months are an outage"
        able = not table.spec.optional
        level: Level = "unusable" if able else "look"
        yield Remark(table.source, "", level, what, "optional" * able, change * able)


def _one_extract(table: Table) -> Iterator[Remark]:
    """Outcomes of many cohorts, all as of one month: those that matured before it get none."""
    dated, start = table.column("snapshot"), table.column("start")
    if table.spec.role != "outcomes" or dated is None or start is None or len(table.months) != 1:
        return
    began = {*start.months.tolist()} - {NEVER, *map(month_count, table.months)}
    days = [day for day in dated.readings.others.values() if isinstance(day, date)]
    if len(began) > 1:
        what = f"all rows are as of {table.months[0]:%Y-%m}: cohorts that matured before it"
        change = f"extract: {max(days)}, in place of {dated.name}"
        yield Remark(table.source, "", "look", f"{what} get no outcome", "extract", change)


def _months_on_book(table: Table) -> Iterator[Remark]:
    text, start = table.column("month_on_book"), table.column("start")
    if text is None or start is None:
        return
    seen, began = row_months(table), start.months[start.codes]
    months = np.nan_to_num(text.readings.numbers, nan=NEVER)[text.codes]
    known = (seen != NEVER) & (began != NEVER) & (months != NEVER)
    wrong = int((known & (seen - began != months)).sum())
    if wrong:
        what = f"{share(wrong, int(known.sum()))} are not the months since {start.name}"
        level: Level = "unusable" if wrong > known.sum() / 2 else "look"
        yield Remark(table.source, text.name, level, what)


def date_remarks(table: Table, limits: Quality) -> Iterator[Remark]:
    """Dates of an outcome before its loan began, or after they were delivered."""
    seen = _known_on(table)
    start = table.column("start")
    sound = ~lacking(table)  # what is set aside has no values
    if start and (early := too_early(table)).any():
        text = f"{share(int(early.sum()), table.rows)} rows are dated before their loan began"
        level = aside_level(table, early, limits)
        yield Remark(table.source, start.name, level, f"{text}, and set aside")
    began = start.months[start.codes] if start else seen
    for role in OUTCOME_DATES:
        column = table.column(role)
        if column is None:
            continue
        when = column.months[column.codes]
        there = (when != NEVER) & sound
        early = there & (began != NEVER) & (when < began)
        late = there & (seen != NEVER) & (when > seen)
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
    counts = np.bincount(column.codes[rows], minlength=len(column.written))
    if counts.max() <= max(rows.sum() / 2, _FEW):
        return "", ""
    text = str(column.trimmed[int(counts.argmax())])
    return "missing", f"add to missing: [{quoted(text)}], if it says: never"


def _known_on(table: Table) -> NDArray[np.int64]:
    """The month that each row was known in: its own, or that of the one extract."""
    if table.spec.extract:
        return np.full(table.rows, month_count(table.spec.extract))
    return row_months(table)
