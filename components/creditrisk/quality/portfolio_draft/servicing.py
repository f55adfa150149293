"""Which table says how loans turn out, and by which columns."""

import numpy as np

from creditrisk.portfolio.column import NUMBERS
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.look import Look
from creditrisk.quality.portfolio_draft.part import Part, best, customer_of, distinct

_NEARLY_ALL = 0.9
_REPEATED = 1.3  # rows of an identifier, on average


def servicing_of(looks: list[Look]) -> Part | None:
    """The table that says it best: a panel before dates."""
    for made in (_panel, _dates):
        found = [part for look in looks if (part := made(look))]
        if found:
            return max(found, key=lambda part: (len(part.roles), part.look.rows))
    return None


def _panel(look: Look) -> Part | None:
    """One row per loan and month: what is due, what is overdue."""
    overdue = best(look.of_type(*NUMBERS), "late", without="days")
    found = _loan_and_month(look)
    if overdue is None or found is None:
        return None
    loan, snapshot = found
    start = best([d for d in look.dates if loan.decides(d)], "start", but=[snapshot])
    on_book = _months_since(look, start, snapshot) if start else None
    amounts = look.of_type(*NUMBERS)
    due = best(amounts, "due", without="late", but=[overdue, on_book])
    paid = best(amounts, "paid", without="late", but=[overdue, on_book, due])
    balance = best(amounts, "balance", without="late", but=[overdue, on_book, due, paid])
    roles = distinct(
        {
            "loan": loan,
            "customer": customer_of(look, loan),
            "snapshot": snapshot,
            "start": start,
            "month_on_book": on_book,
            "overdue": overdue,
            "due": due,
            "paid": paid,
            "balance": balance,
        }
    )
    why = f"one row per {loan.name} and month of {snapshot.name}; {overdue.name} says what is late"
    return Part(look, "performance", roles, why, every=_step(snapshot))


def _dates(look: Look) -> Part | None:
    """A row per loan whenever its standing changes, with the date of default."""
    default = best(look.dates, "bad")
    loan = best(look.identifiers, "loan", "application") or next(iter(look.identifiers), None)
    if default is None or loan is None:
        return None
    closed = best(look.dates, "closed", but=[default])
    start = best(look.dates, "start", but=[default, closed])
    roles = distinct(
        {
            "loan": loan,
            "customer": customer_of(look, loan),
            "snapshot": best(look.dates, "snapshot", but=[default, closed, start]),
            "start": start,
            "default_date": default,
            "closed_date": closed,
        }
    )
    why = f"{look.rows / loan.distinct:.1f} rows per {loan.name}; {default.name} says what went bad"
    return Part(look, "outcomes", roles, why)


def _loan_and_month(look: Look) -> tuple[Field, Field] | None:
    """The identifier and the date that tell rows apart together, and not alone."""
    pairs = [
        (loan, day)
        for loan in look.identifiers
        for day in look.dates
        if look.rows >= _REPEATED * loan.distinct
        and not loan.decides(day)
        and loan.unique_by(day.months)
    ]
    order = ("loan", "application", "", "customer")
    return min(pairs, key=lambda pair: order.index(pair[0].noun), default=None)


def _months_since(look: Look, start: Field, snapshot: Field) -> Field | None:
    """The whole number that is the months from one date to the other, in most rows."""
    since = snapshot.months - start.months
    for one in look.of_type("integer"):
        known = ~np.isnan(one.numbers)
        if known.any() and (one.numbers[known] == since[known]).mean() > _NEARLY_ALL:
            return one
    return None


def _step(snapshot: Field) -> int:
    """Months from one snapshot to the next."""
    months = sorted(set(snapshot.months.tolist()) - {-1})
    return int(np.gcd.reduce(np.diff(months))) if len(months) > 1 else 1
