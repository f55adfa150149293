"""What rows of one customer or loan, in their order, say of how they were dated and counted."""

from collections.abc import Iterator
from datetime import date

import numpy as np
from numpy.typing import NDArray

from creditrisk.portfolio import Role
from creditrisk.portfolio.column import NUMBERS
from creditrisk.quality.portfolio_check.column import NEVER, Column, month_count
from creditrisk.quality.portfolio_check.remark import Remark, share
from creditrisk.quality.portfolio_check.table import Table

_LOOKED_AT = 2_000  # names: enough to see how their rows follow one another
_MONTHS = 4  # of a name: of fewer, that none falls may be chance
_FEWEST = 20  # names with so many
_NEARLY_ALL = 0.95  # of them
_ALIKE = 0.9  # of the steps
_SOME = 0.05  # of the loans
_LOANS = 30  # begun while the table goes on
_HARDLY_ANY = 0.02  # of those
_ASKED: dict[Role, str] = {
    "customer": "is it a running total? Amounts of events are added",
    "loan": "is it a running total? It should be what was paid since last month",
}
Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
Ids = NDArray[np.int64] | NDArray[np.int32]


def sequence_remarks(table: Table) -> Iterator[Remark]:
    """Of a table of events, performance or outcomes that was read whole."""
    if table.whole:
        yield from _several_starts(table)
    if table.whole and table.spec.role in ("events", "performance"):
        yield from _totals(table)
        yield from _begins_late(table)
        yield from _used_again(table)


def _totals(table: Table) -> Iterator[Remark]:
    """Amounts of each event that are those of all events up to it: they would be added again."""
    of: Role = "customer" if table.spec.role == "events" else "loan"
    who = table.column(of)
    if who is None:
        return
    rows = np.flatnonzero((who.codes < _LOOKED_AT) & (table.month_codes >= 0))
    names, month = who.codes[rows].astype(np.int64), table.month_codes[rows]
    order = np.lexsort((month, names))
    for column in _added(table):
        amounts = column.readings.numbers[column.codes[rows]][order]
        known = ~np.isnan(amounts)
        of_names = names[order][known], month[order][known], amounts[known]
        found = _rising(*of_names, table.months) if known.any() else 0
        if found and not (of == "customer" and _is_a_clock(*of_names)):
            what = f"of {found:,} {of}s with {_MONTHS} months or more, nearly all never see it fall"
            yield Remark(table.source, column.name, "look", f"{what}: {_ASKED[of]}")


def _added(table: Table) -> list[Column]:
    """The columns whose amounts are added up."""
    if table.spec.role == "performance":
        return [column for column in (table.column("paid"),) if column]
    columns = table.columns.values()
    return [c for c in columns if c.spec.role is None and c.spec.type in NUMBERS and not c.spec.pii]


def _rising(names: Counts, months: Counts, amounts: Numbers, known: list[date]) -> int:
    """How many names have enough months, if nearly all of them only rise; else 0.

    Rows in the order of names and months; of a month, its highest amount. It may fall once a year,
    where a total of a year begins anew.
    """
    begins = np.flatnonzero(np.r_[True, (np.diff(names) != 0) | (np.diff(months) != 0)])
    who, highest = names[begins], np.maximum.reduceat(amounts, begins)
    each, first = np.unique(who, return_index=True)
    of_name = np.diff(np.r_[first, len(who)])
    step = np.r_[0.0, np.diff(highest)]
    step[first] = 0.0
    of_year = np.array([month.month for month in known])[months[begins]]
    fallen = np.bincount(of_year[step < 0], minlength=13)
    step[(step < 0) & (of_year == fallen.argmax())] = 0.0
    rises = np.add.reduceat(step > 0, first)
    falls = np.add.reduceat(step < 0, first)
    enough = of_name >= _MONTHS
    only = enough & (falls == 0) & (rises > 0)
    most = len(each) and only.sum() >= _NEARLY_ALL * enough.sum()
    return int(enough.sum()) if most and enough.sum() >= _FEWEST else 0


def _is_a_clock(names: Counts, months: Counts, amounts: Numbers) -> bool:
    """Whether it rises by the same each month, as an age does, and no total of events."""
    later = (np.diff(names) == 0) & (np.diff(months) > 0)
    a_month = np.round(np.diff(amounts)[later] / np.diff(months)[later], 6)
    _, rows = np.unique(a_month, return_counts=True)
    return bool(rows.max(initial=0) >= _ALIKE * len(a_month))


def _used_again(table: Table) -> Iterator[Remark]:
    """Balances of a line of credit, of which 0 does not say that it is paid off."""
    balance, loan = table.column("balance"), table.column("loan")
    if balance is None or loan is None:
        return
    again = owed_again(loan.codes, table.month_codes, balance.amounts)
    if again > _SOME * len(loan.written):
        what = f"{share(again, len(loan.written))} loans owe something after a month with nothing,"
        what += " which says paid off: is it a line that may be used again?"
        yield Remark(table.source, balance.name, "look", what, "role", "leave the role out, if so")


def owed_again(loans: Ids, months: Counts, amounts: Numbers) -> int:
    """How many loans have a balance in a month after one in which it was nothing."""
    known = ~np.isnan(amounts)
    order = np.lexsort((months[known], loans[known]))
    who, owed = loans[known][order], amounts[known][order] > 0
    return len(np.unique(who[1:][owed[1:] & ~owed[:-1] & (who[1:] == who[:-1])]))


def _several_starts(table: Table) -> Iterator[Remark]:
    """Loans whose rows do not agree when they began: each row counts in the cohort it names."""
    loan, start = table.column("loan"), table.column("start")
    if loan is None or start is None:
        return
    began = start.months[start.codes]
    known = began != NEVER
    first = np.full(len(loan.written), np.iinfo(np.int64).max)
    last = np.full(len(loan.written), NEVER)
    np.minimum.at(first, loan.codes[known], began[known])
    np.maximum.at(last, loan.codes[known], began[known])
    if several := int((first < last).sum()):
        what = f"{share(several, len(loan.written))} loans began in more than one month, by their"
        what += " rows: is one date of the payout, the other of a change of terms?"
        change = "have each loan keep its first start, or bear another number"
        yield Remark(table.source, start.name, "look", what, "", change)


def _begins_late(table: Table) -> Iterator[Remark]:
    """Loans of which none has a row of the month it began in: rows dated a month late?"""
    loan, start, dated = table.column("loan"), table.column("start"), table.column("snapshot")
    apart = table.spec.every > 1 or table.spec.several  # nor is a payment a snapshot
    if loan is None or start is None or dated is None or apart or not table.months:
        return
    began = np.full(len(loan.written), NEVER)
    began[loan.codes] = start.months[start.codes]
    now = np.array([*map(month_count, table.months), NEVER])[table.month_codes]
    there = now != NEVER
    first = np.full(len(loan.written), np.iinfo(np.int64).max)
    np.minimum.at(first, loan.codes[there], now[there])
    seen = (began >= month_count(table.months[0])) & (began < month_count(table.months[-1]))
    in_time, late = int((seen & (first <= began)).sum()), int((seen & (first == began + 1)).sum())
    if seen.sum() >= _LOANS and in_time <= _HARDLY_ANY * seen.sum() and 2 * late > seen.sum():
        what = f"{share(late, int(seen.sum()))} loans have their first row in the month after they"
        what += " began: is a row dated a month late, as the end of the month before is on the 1st?"
        yield Remark(table.source, dated.name, "look", what)
