"""Which months have arrived, and which should have."""

from collections.abc import Mapping
from datetime import date

from creditrisk.calendar_month import add_months, month_range
from creditrisk.deliveries.landing import Delivery, Landing
from creditrisk.errors import UserError

_STRAY = 0.05  # of the rows of a table


def first_month(landing: Landing, end: date) -> date:
    """Where a portfolio begins: its first applications, or what arrived just before them."""
    source, spec = landing.portfolio.base
    delivery = landing.deliveries([])[source]
    if not any(month <= end for month in delivery.months):
        raise UserError(
            f"{spec.table} has no row of {end} or before;"
            f" is {landing.store.uri} the right landing folder?"
        )
    return delivery.span[0]


def refuse_gaps(
    landing: Landing,
    deliveries: Mapping[str, Delivery],
    months: list[date],
    begun: Mapping[str, date],
) -> None:
    """`UserError` names the first required source and month without rows.

    Sources may begin at different months; one that has `begun` (the last month it had rows
    in, a snapshot ago) goes on, and applications arrive in every month from their first one on.
    Outcomes, and applications of a lender who pauses, may have none in a month, but must have
    come: a file of the month, or a later row (for applications: of any required source).
    """
    newest = max((d.newest for d in deliveries.values() if not d.spec.optional), default=date.min)
    there = {
        source: {month for month in months if _arrived(delivery, month, newest)}
        for source, delivery in deliveries.items()
    }
    base, _ = landing.portfolio.base
    for source, delivery in deliveries.items():
        if delivery.spec.optional:
            continue  # an outage
        leader = base if delivery.spec.role == "applications" else source
        latest = months[-1] if leader == base else add_months(months[-1], 1)
        every = delivery.spec.every
        since = (
            add_months(begun[leader], every)
            if leader in begun
            else min(there[leader], default=latest)
        )
        due = list(month_range(since, months[-1]))[::every]
        for month in due:
            if month >= months[0] and month not in there[source]:
                raise UserError(_gap(delivery, month))
        _refuse_between(delivery, sorted(there[source] - {*due}))


def _refuse_between(delivery: Delivery, others: list[date]) -> None:
    """`UserError` where a table comes more often than it says; a few stray rows are none."""
    rows = sum(map(delivery.rows, others))
    if delivery.spec.every > 1 and rows > _STRAY * sum(map(delivery.rows, delivery.months)):
        raise UserError(
            f"{delivery.spec.table} has rows of {others[0]}, and comes every"
            f" {delivery.spec.every} months: write every: 1 under sources.{delivery.source}, or"
            " the months there are"
        )


def _arrived(delivery: Delivery, month: date, newest: date) -> bool:
    if delivery.spec.role == "outcomes" or delivery.spec.pauses:
        # a month may hold no loan; were it missing, every loan would seem good
        upto = newest if delivery.spec.pauses else delivery.spec.known_until or delivery.newest
        return month in delivery.monthly or bool(delivery.whole and month <= upto)
    if delivery.whole:
        return month in delivery.whole.months
    return month in delivery.monthly and delivery.monthly[month].rows > 0


def _gap(delivery: Delivery, month: date) -> str:
    table, file = delivery.spec.table, delivery.file(month)
    where = file.key if file else (f"{table}.csv.gz" if "{" in table else f"{table}/{month}.csv.gz")
    newest = max(delivery.months, default=None)
    text = f"the newest there is {newest}" if newest else "no month is there"
    if delivery.spec.extract:
        return (
            f"{table} is an extract of {delivery.spec.extract} and does not cover the whole of"
            f" {month}; deliver a later one, and write its date: sources.{delivery.source}.extract"
        )
    what = f"{table} has no row of {month} in {where} ({text})"
    again = "deliver the month and run it again"
    if delivery.spec.role != "applications" or delivery.spec.pauses:
        return f"{what}; {again}"
    pause = f"write pauses: true under sources.{delivery.source}"
    if month in delivery.monthly:
        return f"{where} has no rows: if nobody applied in that month, {pause}"
    return f"{what}; if nobody applied in it, {pause}; else {again}"
