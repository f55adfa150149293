"""Which table says how loans turn out, and by which columns."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from creditrisk.portfolio import Role
from creditrisk.portfolio.column import NUMBERS
from creditrisk.portfolio.source import STAR
from creditrisk.portfolio.state import MISSED
from creditrisk.quality.portfolio_check.sequences import owed_again
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.look import Look
from creditrisk.quality.portfolio_draft.part import Part, best, customer_of, distinct
from creditrisk.quality.portfolio_draft.states import Reading, states_of

_NEARLY_ALL = 0.9
_NEVER_AFTER = 0.98  # of the rows
_REPEATED = 1.3  # rows of an identifier, on average
_SOME = 0.05  # of the loans
_MOST_STATES = 30
_WEEKS = 5.5  # rows a month: more are of days, and each says again what is due
_MOST_MONTHS = 100_000  # more than any date's
_WITHIN = 12  # months that a flag without a date looks at, until a person says


def servicing_of(looks: list[Look]) -> Part | None:
    """The table that says it best: a whole panel before dates, dates before a flag."""
    panels, dates, extracts = (
        [part for look in looks if (part := made(look))] for made in (_panel, _dates, _extract)
    )
    # what is past due of an unknown instalment tells of no default
    whole = [part for part in panels if "due" in part.roles or "overdue" not in part.roles]
    found = whole or dates or extracts or panels
    return max(found, key=lambda part: (len(part.roles), part.look.rows), default=None)


def states(field: Field) -> Reading | None:
    """What the texts of a status stand for; None where it is none."""
    if field.distinct > _MOST_STATES or field.type not in ("category", "integer", "text"):
        return None
    return states_of(field.ids[0])


def _panel(look: Look) -> Part | None:
    """One row per loan and month: where it stands, by amounts, days or codes."""
    found = _loan_and_month(look)
    if found is None:
        return None
    loan, snapshot, a_month = found
    firsts = [d for d in look.dates if d is not snapshot and loan.decides(d)]
    start = best(firsts, "start") or _began(firsts, snapshot)
    on_book = _months_since(look, start, snapshot) if start else None
    late = _late(look, on_book)
    if not late:
        return None
    used = [*late.values(), on_book]
    paid = best(look.of_type(*NUMBERS), "paid", without="late", but=used)
    balance = best(look.of_type(*NUMBERS), "balance", without="late", but=[*used, paid])
    if balance and _used_again(loan, snapshot, balance):
        balance = None  # of a line of credit: nothing owed is not paid off
    roles = distinct(
        {
            "loan": loan,
            "customer": customer_of(look, loan),
            "snapshot" if snapshot.type == "date" else "month_on_book": snapshot,
            "start": start,
            **({"month_on_book": on_book} if on_book else {}),
            **late,
            "paid": paid,
            "balance": balance,
        }
    )
    month = "a month in each column" if snapshot.name == STAR else f"month of {snapshot.name}"
    by = " and ".join(field.name for field in late.values())
    why = f"one row per {loan.name} and {month}; {by} says what is late"
    added = "due" in late and a_month <= _WEEKS
    several = "" if a_month == 1 else "added" if added else "last"
    return Part(look, "performance", roles, why, every=step(snapshot), several=several)


def _used_again(loan: Field, snapshot: Field, balance: Field) -> bool:
    if snapshot.type != "date":
        return False
    again = owed_again(loan.ids[1], snapshot.days, balance.numbers)
    return again > _SOME * loan.distinct


def _began(firsts: Sequence[Field], snapshot: Field) -> Field | None:
    """The only date of loans that none of their months lies before."""
    early = [d for d in firsts if snapshot.type == "date" and _never_after(d, snapshot)]
    return early[0] if len(early) == 1 else None


def _never_after(day: Field, snapshot: Field) -> bool:
    known = (day.months >= 0) & (snapshot.months >= 0)
    if known.mean() < _NEARLY_ALL:
        return False
    return bool((day.months <= snapshot.months)[known].mean() > _NEVER_AFTER)


def _late(look: Look, on_book: Field | None) -> Mapping[Role, Field]:
    """What says how late a loan is: amounts, else a count of days, else a status.

    The months on book are none of it, though their name may be a word for what is due.
    """
    numbers = [field for field in look.of_type(*NUMBERS) if field is not on_book]
    overdue = best(numbers, "late", without="days")
    due = best(numbers, "due", without="late", but=[overdue])
    if overdue and due:
        return {"overdue": overdue, "due": due}
    if days := best(look.of_type("integer"), "days"):
        return {"days_late": days}
    able = [field for field in look.fields.values() if not field.identifies and states(field)]
    if status := best(able, "status", "late", but=[on_book]):
        return {"status": status}
    return {"overdue": overdue} if overdue else {}


def _dates(look: Look) -> Part | None:
    """A row per loan whenever its standing changes, with the date of default."""
    default, loan = best(look.dates, "bad"), _loan(look)
    if default is None or loan is None:
        return None
    closed = best(look.dates, "closed", but=[default])
    start = best(look.dates, "start", but=[default, closed])
    snapshot = best(look.dates, "snapshot", but=[default, closed, start])
    newest = _newest(look)
    if snapshot and snapshot.distinct == 1:  # says of one extract when it was taken
        newest, snapshot = date.fromordinal(int(snapshot.days.max())), None
    roles = distinct(
        {
            "loan": loan,
            "customer": customer_of(look, loan),
            "snapshot": snapshot,
            "start": start,
            "default_date": default,
            "closed_date": closed,
        }
    )
    why = f"{look.rows / loan.distinct:.1f} rows per {loan.name}; {default.name} says what went bad"
    return Part(look, "outcomes", roles, why, extract=None if snapshot else newest)


def _extract(look: Look) -> Part | None:
    """A row per loan, and a flag that says what became of it."""
    able = [field for field in look.fields.values() if not field.identifies and states(field)]
    status, loan = best(able, "bad", "status"), _loan(look)
    if status is None or loan is None or not loan.unique:
        return None
    start = best(look.dates, "start") or best(look.dates, "applied") or next(iter(look.dates), None)
    ended = best((day for day in look.dates if _dates_bad(day, status)), "closed", but=[start])
    roles = distinct(
        {
            "loan": loan,
            "customer": customer_of(look, loan),
            "start": start,
            "status": status,
            "closed_date": ended,
        }
    )
    when = f"{ended.name} when" if ended else "and no date of default"
    why = f"one row per {loan.name}, {when}: {status.name} says what went bad"
    within = 0 if ended else _WITHIN
    return Part(look, "outcomes", roles, why, extract=_newest(look), within=within)


def _dates_bad(day: Field, status: Field) -> bool:
    """Whether nearly all loans of a bad status have the date."""
    bad = bad_rows(status)
    return bool(bad.any()) and float((day.days >= 0)[bad].mean()) > _NEARLY_ALL


def bad_rows(status: Field) -> NDArray[np.bool_]:
    """Of each row, whether its status is bad."""
    texts, codes = status.ids
    found = read.spellings.items() if (read := states(status)) else ()
    bad = {text for state, spelt in found if MISSED[state] for text in spelt}
    return np.array([*(text in bad for text in texts), False], dtype=np.bool_)[codes]


def _loan(look: Look) -> Field | None:
    return best(look.identifiers, "loan", "application") or next(iter(look.identifiers), None)


def _newest(look: Look) -> date | None:
    """The newest day in any of its dates: no extract is older."""
    newest = max((int(field.days.max()) for field in look.dates), default=-1)
    return date.fromordinal(newest) if newest > 0 else None


def _loan_and_month(look: Look) -> tuple[Field, Field, float] | None:
    """The identifier and the date that tell rows apart together, and not alone.

    With the rows of a loan and month: of their days, where their months do not.
    """
    days = [STAR] if STAR in look.fields else [day.name for day in look.dates]
    pairs = [
        (loan, day, a_month)
        for loan in look.identifiers
        for day in (look.fields[name] for name in days)
        if look.rows >= _REPEATED * loan.distinct
        and not loan.decides(day)
        and (a_month := _rows_a_month(loan, day))
    ]
    order = ("loan", "application", "", "customer")
    return min(pairs, key=lambda pair: (pair[2] > 1, order.index(pair[0].noun)), default=None)


def _rows_a_month(loan: Field, day: Field) -> float:
    """Rows of a loan and month: 1, or more that differ by their day; 0 where they do not."""
    if loan.unique_by(day.months if day.type == "date" else day.ids[1]):
        return 1
    if day.type != "date" or not loan.unique_by(day.days):
        return 0
    months = np.unique(loan.ids[1] * _MOST_MONTHS + day.months)
    return len(day.months) / len(months)


def _months_since(look: Look, start: Field, snapshot: Field) -> Field | None:
    """The whole number that is the months from one date to the other, in most rows."""
    if snapshot.type != "date":
        return None
    since = snapshot.months - start.months
    for one in look.of_type("integer"):
        known = ~np.isnan(one.numbers)
        if known.any() and (one.numbers[known] == since[known]).mean() > _NEARLY_ALL:
            return one
    return None


def step(snapshot: Field) -> int:
    """Months from one snapshot to the next."""
    if snapshot.type != "date":
        return 1
    months = sorted(set(snapshot.months.tolist()) - {-1})
    return int(np.gcd.reduce(np.diff(months))) if len(months) > 1 else 1
