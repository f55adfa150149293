"""Do the tables of a lender find one another, and do their dates follow one another?"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
from creditrisk.quality.portfolio_check.column import NEVER, Column, month_at, month_count
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.cleaning import BEFORE_START, IN_FUTURE, OUTCOME_DATES

_NEARLY_ALL = 0.98
_FEW = 5
_LATER = np.iinfo(np.int64).max  # than any month
Counts = NDArray[np.int64]


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


def _application_ids(table: Table) -> pa.StringArray:
    """Of each row: the application's number, else its customer and month."""
    if number := table.column("application"):
        return number.trimmed.take(pa.array(number.codes))
    return _with_month(_customer(table), _months(table))


def _coverage(
    table: Table, applied: pa.StringArray, mine: pa.StringArray, limits: Quality
) -> Iterator[Remark]:
    found = _among(applied, mine)
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
    who, mine = _customer(table), _customer(base)
    people = who.trimmed.dictionary_encode()  # several texts may be trimmed to one
    since = np.full(len(people.dictionary) + 1, _LATER)  # the last: who has no row
    rows = np.where(_months(table) == NEVER, _LATER, _months(table))
    np.minimum.at(since, people.indices.to_numpy()[who.codes], rows)
    places = _places(mine.trimmed, people.dictionary)
    seen = since[places][mine.codes] <= _months(base)
    found = int(seen.sum())
    shares = base.by_month(seen)[1:] / base.rows_of_months[1:]
    dark = [year_month(base.months[at]) for at in np.flatnonzero(shares < limits.outage_coverage)]
    if not found:
        what = "no applicant has a row here at the time of application"
        yield Remark(table.source, _customer(table).name, "unusable", what)
    elif dark:
        what = f"applicants of {dark[0]} to {dark[-1]} ({len(dark)} months) have no row here"
        change = "optional: true, so that these months are an outage"
        able = not table.spec.optional
        level: Level = "unusable" if able else "look"
        yield Remark(table.source, "", level, what, "optional" * able, change * able)


def _loans(base: Table, table: Table, applied: pa.StringArray, limits: Quality) -> Iterator[Remark]:
    loan = table.column("loan")
    assert loan is not None  # noqa: S101 - such a table needs one
    start = table.columns[table.spec.column("start") or ""]
    if number := table.column("application") or (base.column("application") and loan):
        whose, column = number.trimmed.take(pa.array(number.codes[_first_rows(loan)])), number
    else:
        ids, column = _with_month(_customer(table), start.months[start.codes]), start
        whose = ids.take(pa.array(_first_rows(loan)))
    found = _among(whose, applied)
    if found < _NEARLY_ALL * len(whose):
        level: Level = "unusable" if found < limits.max_nulled_share * len(whose) else "look"
        what = f"{share(found, len(whose))} loans find their application"
        by = f"by {column.name}" if number else f"by customer and month ({start.name})"
        change = "role: application here and in the applications, if both bear its number"
        able = table.column("application") is None
        yield Remark(table.source, column.name, level, f"{what} {by}", "role" * able, change * able)
    if number:
        yield from _began_early(base, table, whose)


def _began_early(base: Table, table: Table, ids: pa.StringArray) -> Iterator[Remark]:
    """Loans that began in a month before their application's: training sets them aside.

    `ids`: of each loan, its application's.
    """
    loan, start, applied = table.column("loan"), table.column("start"), base.column("snapshot")
    assert loan and start and applied  # noqa: S101 - such tables need them
    known = _application_ids(base).dictionary_encode()
    _, first = np.unique(known.indices, return_index=True)
    months = np.append(_months(base)[first], NEVER)[_places(ids, known.dictionary)]
    began = start.months[start.codes][_first_rows(loan)]
    early = (began != NEVER) & (months > began)
    if early.any():
        what = f"{share(int(early.sum()), len(ids))} loans began before their application"
        yield Remark(table.source, start.name, "look", f"{what} ({applied.name})")


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
    seen, began = _months(table), start.months[start.codes]
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
    return _months(table)


def _customer(table: Table) -> Column:
    return table.columns[table.spec.column("customer") or ""]


def _months(table: Table) -> Counts:
    """Of each row its month as a count; `NEVER` where it cannot be read."""
    return np.array([*map(month_count, table.months), NEVER])[table.month_codes]


def _first_rows(column: Column) -> Counts:
    """Of each text the first row that holds it."""
    first = np.zeros(len(column.written), dtype=np.int64)
    first[column.codes[::-1]] = np.arange(column.rows)[::-1]  # what is assigned last stays
    return first


def _with_month(customer: Column, months: Counts) -> pa.StringArray:
    """Of each row, customer and month as the ETL makes an application's number of them."""
    counts, places = np.unique(months, return_inverse=True)
    names = ["_" if count == NEVER else f"_{month_at(count)}" for count in counts.tolist()]
    who = customer.trimmed.take(pa.array(customer.codes))
    return pc.binary_join_element_wise(who, pa.array(names, pa.string()).take(pa.array(places)), "")


def _places(texts: pa.StringArray, among: pa.StringArray) -> Counts:
    """Of each text its place among others, -1 where it is not there."""
    return np.asarray(pc.index_in(texts, among).fill_null(-1).to_numpy(zero_copy_only=False))


def _among(texts: pa.StringArray, others: pa.StringArray) -> int:
    """How many of the texts are there."""
    return pc.sum(pc.is_in(texts, others)).as_py() or 0
