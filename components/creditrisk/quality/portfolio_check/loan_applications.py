"""Do loans find the applications they came from, and does what both say agree?"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.calendar_month import year_month
from creditrisk.policy import Quality
from creditrisk.portfolio.file_column import file_column
from creditrisk.quality.portfolio_check.column import NEVER
from creditrisk.quality.portfolio_check.joins import (
    application_ids,
    customer_column,
    first_rows,
    how_many_among,
    places_among,
    row_months,
    with_month,
)
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.table import Table

_NEARLY_ALL = 0.98
_FEW = 5  # months
_FEWEST = 10  # applications of a month
_SOME = 0.05  # of the loans
_LONG = 12  # months from an application to its loan


def loan_remarks(
    base: Table, table: Table, applied: pa.StringArray, limits: Quality
) -> Iterator[Remark]:
    loan = table.column("loan")
    assert loan is not None  # noqa: S101 - such a table needs one
    start = table.column("start")
    if number := table.column("application") or (base.column("application") and loan):
        ids, column = number.trimmed.take(pa.array(number.codes)), number
    else:
        assert start is not None  # noqa: S101 - without one, applications are numbered
        ids, column = with_month(customer_column(table), start.months[start.codes]), start
    whose = ids.take(pa.array(first_rows(loan)))
    found = how_many_among(whose, applied)
    if found < _NEARLY_ALL * len(whose):
        level: Level = "unusable" if found < limits.max_nulled_share * len(whose) else "look"
        what = f"{share(found, len(whose))} loans find their application"
        by = f"by {column.name}" if number else f"by customer and month ({column.name})"
        by += ", and no others have a start" * table.spec.undated_loans
        change = "role: application here and in the applications, if both bear its number"
        able = table.column("application") is None
        yield Remark(table.source, column.name, level, f"{what} {by}", "role" * able, change * able)
    if number and start:
        yield from _began_early(base, table, whose)
    yield from _of_others(base, table, whose)
    yield from _without_loans(base, table, applied, whose)


def _of_others(base: Table, table: Table, ids: pa.StringArray) -> Iterator[Remark]:
    """Loans of another customer than their application's."""
    loan, who = table.column("loan"), customer_column(table)
    assert loan  # noqa: S101 - such a table needs one
    if file_column(table.spec, who.name) == file_column(table.spec, loan.name):
        return  # nothing says who
    known = application_ids(base).dictionary_encode()
    places = places_among(ids, known.dictionary)
    _, first = np.unique(known.indices, return_index=True)
    mine = customer_column(base).trimmed.take(pa.array(customer_column(base).codes[first]))
    theirs = who.trimmed.take(pa.array(who.codes[first_rows(loan)]))
    found = pa.array(places >= 0)
    same = pc.equal(mine.take(pa.array(places[places >= 0])), theirs.filter(found))
    others, loans = len(same) - (pc.sum(same).as_py() or 0), len(same)
    if others > _SOME * loans:
        what = f"{share(others, loans)} loans are of another customer than their application:"
        yield Remark(table.source, who.name, "look", f"{what} is each written alike in both?")


def _without_loans(
    base: Table, table: Table, applied: pa.StringArray, ids: pa.StringArray
) -> Iterator[Remark]:
    """Months of application of which no loan is here, and of all before some: a file cut?"""
    if len(table.months) < _FEW or not base.months:
        return
    found = np.asarray(pc.is_in(applied, ids), dtype=bool)
    loans = base.by_month(found)[1:]
    seen = np.array([m < min(base.months[-1], table.months[-1]) for m in base.months])
    since = np.array([m >= table.months[0] for m in base.months])
    dark = seen & since & (loans == 0) & (base.rows_of_months[1:] >= _FEWEST)
    if dark.any() and (loans[: int(dark.argmax())] > 0).sum() >= _FEW:
        months = [year_month(base.months[at]) for at in np.flatnonzero(dark)]
        what = f"no loan is here of applications of {months[0]} ({len(months)} months so): is the"
        yield Remark(table.source, "", "look", f"{what} file whole?")


def _began_early(base: Table, table: Table, ids: pa.StringArray) -> Iterator[Remark]:
    """Loans that began in a month before their application's: training sets them aside.

    `ids`: of each loan, its application's.
    """
    loan, start, applied = table.column("loan"), table.column("start"), base.column("snapshot")
    assert loan and start and applied  # noqa: S101 - such tables need them
    known = application_ids(base).dictionary_encode()
    _, first = np.unique(known.indices, return_index=True)
    months = np.append(row_months(base)[first], NEVER)[places_among(ids, known.dictionary)]
    began = start.months[start.codes][first_rows(loan)]
    early = (began != NEVER) & (months > began)
    if early.any():
        what = f"{share(int(early.sum()), len(ids))} loans began before their application"
        yield Remark(table.source, start.name, "look", f"{what} ({applied.name})")
    waited = (began - months)[(began != NEVER) & (months != NEVER)]
    if len(waited) and (median := int(np.median(waited))) > _LONG:
        what = f"half of the loans began {median} months after their application ({applied.name}),"
        yield Remark(table.source, start.name, "look", f"{what} or more: do both count alike?")
