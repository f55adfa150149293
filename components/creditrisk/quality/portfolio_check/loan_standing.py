"""What becomes of the loans as they are described: can it be, and is it all there?

A sign, a unit or a code taken the wrong way costs no value. It shows in what all loans have in
common: none is ever bad, or most are.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from creditrisk.portfolio import Role
from creditrisk.portfolio.state import ENDED, MISSED
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.status_window import month_index, window_remarks
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.stages.etl.cleaning import EMPTY

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

_DEBTS: dict[Role, str] = {"overdue": "nothing is past due", "balance": "paid off"}
_NOTHING: dict[Role, str] = {"overdue": '"0"', "days_late": '"0"', "status": "current"}
_SOME_CELLS = 0.05  # of the rows
_TELLING: tuple[Role, ...] = ("overdue", "days_late", "status", "default_date")
_FEWEST = 200  # loans, each so old: of fewer, that none is bad may be chance
_SOME = 30  # loans: of so many, that most are bad is none
_OLD = 6  # months
_MOST_A_MONTH = 5  # instalments, of loans that are paid by the week
_DAYS = 30  # of an instalment
_GONE = 0.05  # of the loans
_CENT = 1e-6  # of an instalment


def standing_remarks(table: Table) -> Iterator[Remark]:
    """Of a table of performance or outcomes that was read whole."""
    loan = table.column("loan")
    if table.spec.role not in ("performance", "outcomes") or not table.whole or loan is None:
        return
    missed, age = _missed(table), _age(table)
    bad = _any(loan, missed >= 1)
    old = _any(loan, age >= _OLD) if table.spec.role == "performance" else _old(table, loan)
    yield from _silent(table)
    yield from _signs(table)
    yield from _too_many(table, missed, age)
    yield from _shares(table, bad, old)
    yield from window_remarks(table)
    if table.spec.role == "performance":
        yield from _gone(table, loan, bad)
        yield from _from_one(table, loan)


def _shares(table: Table, bad: Mask, old: Mask) -> Iterator[Remark]:
    where, loans = _telling(table).name, int(old.sum())
    if loans >= _FEWEST and not (bad & old).any():
        what = f"none of {loans:,} loans is ever bad{_why_none(table)}"
        yield Remark(table.source, where, "look", what)
    if loans >= _SOME and (count := int((bad & old).sum())) > loans / 2:
        what = f"{share(count, loans)} loans turn bad: are those here that do not, and is each"
        yield Remark(table.source, where, "look", f"{what} code the right way round?")


def _why_none(table: Table) -> str:
    late, due = table.column("days_late"), table.column("due")
    if late is not None:
        return f": the latest is {np.nanmax(late.amounts):g} days past due; are they days?"
    if due is not None:
        return ": is the instalment due without arrears, and in the unit of the amount past due?"
    return ": is each code the right way round?"


def _silent(table: Table) -> Iterator[Remark]:
    """Cells with nothing in them: such a month is no evidence, of a good loan neither."""
    for role, says in _NOTHING.items():
        column = table.column(role)
        if column is None or not (count := column.count(EMPTY)):
            continue
        if count > _SOME_CELLS * table.rows:
            what = f"{share(count, table.rows)} are empty, and say nothing of their loan"
            change = f"empty: {says}, if that is what it means"
            yield Remark(table.source, column.name, "look", what, "empty", change)


def _signs(table: Table) -> Iterator[Remark]:
    """Debts below zero: an amount past due that is none, a balance that says paid off."""
    for role, says in _DEBTS.items():
        column = table.column(role)
        if column is None:
            continue
        amounts = column.amounts
        below, other = int((amounts < 0).sum()), int((amounts > 0).sum())
        if below > other:
            what = f"{share(below, below + other)} are below zero, which says {says}"
            yield Remark(table.source, column.name, "look", f"{what}: deliver debts above zero")


def _too_many(table: Table, missed: Numbers, age: Numbers) -> Iterator[Remark]:
    """More instalments past due than there can have been: amounts in two units."""
    overdue = table.column("overdue")
    if overdue is None or table.column("due") is None:
        return
    late = (missed >= 1) & ~np.isnan(age)
    count = int((missed[late] > _MOST_A_MONTH * (age[late] + 1)).sum())
    if count > late.sum() / 2:
        what = f"{share(count, int(late.sum()))} are more instalments than the loan can have had"
        change = "have it delivered in the unit of the instalment"
        yield Remark(table.source, overdue.name, "look", what, "", change)


def _gone(table: Table, loan: Column, bad: Mask) -> Iterator[Remark]:
    """Loans that are in the panel no more, and nothing says that they ended."""
    if not table.months:
        return
    newest = np.full(len(loan.written), -1)
    np.maximum.at(newest, loan.codes, table.month_codes)
    ended = _any(loan, _ended(table) & (table.month_codes == newest[loan.codes]))
    there = newest >= 0
    gone = there & (newest < len(table.months) - 1) & ~ended & ~bad
    gone &= ~_seen_as_long_as_any(table, loan)
    if (count := int(gone.sum())) > _GONE * there.sum():
        what = f"{share(count, int(there.sum()))} loans are gone before the newest month, and"
        what += " nothing says that they ended (balance 0, a state): their outcome stays unknown"
        yield Remark(table.source, loan.name, "look", what)


def _seen_as_long_as_any(table: Table, loan: Column) -> Mask:
    """Of each loan, whether the table tells of no month on book later than its last.

    So it is where a table shows each loan's first months, and no more of any.
    """
    age = np.nan_to_num(_age(table), nan=-1.0)
    last = np.full(len(loan.written), -1.0)
    np.maximum.at(last, loan.codes, age)
    ages, loans = np.unique(last, return_counts=True)
    many = ages[loans > _GONE * loans.sum()]  # a date gone astray makes one loan old
    longest = max(many, default=0)
    known: Mask = last >= (longest if longest >= _OLD else np.inf)
    return known


def _ended(table: Table) -> Mask:
    balance, status = table.column("balance"), table.column("status")
    ended = np.zeros(table.rows, dtype=bool)
    if balance is not None:
        ended |= balance.amounts <= 0
    if status is not None:
        ended |= np.array([value in ENDED for value, _ in status.readings])[status.codes]
    return ended


def _from_one(table: Table, loan: Column) -> Iterator[Remark]:
    """Months on book that no snapshot confirms, and that begin with 1."""
    count = table.column("month_on_book")
    if count is None or table.column("snapshot") is not None:
        return
    first = np.full(len(loan.written), np.inf)
    np.fmin.at(first, loan.codes, count.amounts)
    if np.isfinite(first).any() and (first[np.isfinite(first)] >= 1).all():
        what = "no loan has month 0, that of its start: if the first month is 1, each is one later"
        yield Remark(table.source, count.name, "look", f"{what} than it says")


def _missed(table: Table) -> Numbers:
    """Of each row, full instalments past due, as the ETL counts them; NaN where none tells."""
    found = [np.full(table.rows, np.nan)]
    if (overdue := table.column("overdue")) is not None:
        found.append(_by_amount(table, overdue.amounts))
    if (days := table.column("days_late")) is not None:
        found.append(np.floor(np.maximum(days.amounts, 0) / _DAYS))
    if (status := table.column("status")) is not None:
        of_text = [MISSED.get(f"{value}", np.nan) for value, _ in status.readings]
        found.append(np.array(of_text, dtype=np.float64)[status.codes])
    if (failed := table.column("default_date")) is not None:
        found.append(np.where(failed.given, 3.0, 0.0))
    missed: Numbers = np.fmax.reduce(found)
    return missed


def _by_amount(table: Table, overdue: Numbers) -> Numbers:
    due, loan = table.column("due"), table.column("loan")
    if due is None or loan is None:
        return np.full(table.rows, np.nan)
    instalment = _due_in_month(table, loan, due.amounts)
    largest = np.zeros(len(loan.written))
    np.fmax.at(largest, loan.codes, instalment)
    instalment = np.where(instalment > 0, instalment, largest[loan.codes])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(overdue <= 0, 0.0, np.floor(overdue / instalment + _CENT))


def _due_in_month(table: Table, loan: Column, due: Numbers) -> Numbers:
    """Of each row what was due in its month, where that comes in several rows."""
    if table.spec.several != "added":
        return due
    ids = loan.codes * np.int64(len(table.months) + 1) + table.month_codes
    _, months = np.unique(ids, return_inverse=True)
    sums: Numbers = np.bincount(months, np.nan_to_num(due)).astype(np.float64)
    return sums[months]


def _age(table: Table) -> Numbers:
    """Of each row, months since the loan began; NaN where a date cannot be read."""
    now = np.array([*map(month_index, table.months), np.nan])[table.month_codes]
    start, loan = table.column("start"), table.column("loan")
    if start is None and loan is not None:  # as far as its rows tell
        first = np.full(len(loan.written), np.inf)
        np.fmin.at(first, loan.codes, now)
        return np.asarray(now - first[loan.codes])
    assert start is not None  # noqa: S101 - a loan has a number
    age: Numbers = now - np.array([month_index(value) for value, _ in start.readings])[start.codes]
    return age


def _old(table: Table, loan: Column) -> Mask:
    """Outcomes: loans that began so long before the newest row."""
    start = table.column("start")
    assert start is not None  # noqa: S101 - such a table needs one
    began = np.array([month_index(value) for value, _ in start.readings])[start.codes]
    newest = month_index(table.spec.extract or max(table.months, default=None))
    return _any(loan, newest - began >= _OLD)


def _telling(table: Table) -> Column:
    return next(c for role in _TELLING if (c := table.column(role)) is not None)


def _any(loan: Column, rows: Mask) -> Mask:
    """Of each loan, whether any of its rows is among these."""
    found = np.zeros(len(loan.written), dtype=bool)
    found[loan.codes[rows]] = True
    return found
