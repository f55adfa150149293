"""Which months have arrived, and which should have."""

from collections.abc import Mapping
from datetime import date

from creditrisk.errors import UserError
from creditrisk.etl.features import base_source
from creditrisk.etl.landing import Delivery, Landing
from creditrisk.month import add_months, month_range


def first_month(landing: Landing, end: date) -> date:
    """Where a portfolio begins: its first applications, or what arrived just before them.

    Months of other sources count as far as they reach back without a gap: a row with a
    date gone astray does not make decades of empty months.
    """
    deliveries = landing.deliveries([])
    source, spec = base_source(landing.portfolio)
    found = [month for month in deliveries[source].months if month <= end]
    if not found:
        raise UserError(
            f"{spec.table} has no row of {end} or before;"
            f" is {landing.store.uri} the right landing folder?"
        )
    start = min(found)
    while any(add_months(start, -1) in delivery.months for delivery in deliveries.values()):
        start = add_months(start, -1)
    return start


def refuse_gaps(
    landing: Landing,
    deliveries: Mapping[str, Delivery],
    months: list[date],
    begun: set[str],
) -> None:
    """`UserError` names the first required source and month without rows.

    Sources may begin at different months; one that has `begun` (had rows a month earlier)
    goes on, and applications arrive in every month from their first one on.
    """
    there = {
        source: {month for month in months if _has_rows(delivery, month)}
        for source, delivery in deliveries.items()
    }
    base, _ = base_source(landing.portfolio)
    for source, delivery in deliveries.items():
        if delivery.spec.optional or delivery.spec.role == "outcomes":
            continue  # an outage; or a month in which no loan was reported
        leader = base if delivery.spec.role == "applications" else source
        latest = months[-1] if leader == base else add_months(months[-1], 1)
        since = months[0] if leader in begun else min(there[leader], default=latest)
        for month in month_range(since, months[-1]):
            if month not in there[source]:
                raise UserError(_gap(delivery, month))


def _has_rows(delivery: Delivery, month: date) -> bool:
    if delivery.whole:
        return month in delivery.whole.months
    return month in delivery.monthly and delivery.monthly[month].rows > 0


def _gap(delivery: Delivery, month: date) -> str:
    table, file = delivery.spec.table, delivery.file(month)
    where = file.key if file else f"{table}/{month}.csv.gz"
    newest = max(delivery.months, default=None)
    said = f"the newest there is {newest}" if newest else "no month is there"
    return f"{table} has no row of {month} in {where} ({said}); deliver the month and run it again"
