"""Gold features: one row per application, only what was known at the application date."""

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.contracts import PARTITION
from creditrisk.portfolio import ColumnSpec, Events, Portfolio, list_flags
from creditrisk.stages.etl.frames import column, lit

_APPLICATION = "application_id"


def features(
    portfolio: Portfolio,
    applications: Mapping[str, DataFrame],
    histories: Mapping[str, DataFrame],
    figures: Mapping[str, DataFrame],
    outages: Mapping[str, tuple[date, ...]],
) -> DataFrame:
    """The `gold/features` contract, from silver applications and event histories.

    `figures`: of each macro source its rows by the month they are published in. `outages`: of each
    optional source the months it was down. Its columns are null then; when it is up, a customer
    without events has count and sums 0.
    """
    up = {
        source: ~F.col(PARTITION).cast("string").isin([m.isoformat() for m in outages[source]])
        for source in portfolio.optional_sources
    }
    base, _ = portfolio.base
    rows = _values(portfolio, base, applications[base], _APPLICATION, "customer_id", PARTITION)
    for source, _ in portfolio.by_role("applications"):
        if source != base:
            # of its month: another month's row of the same application would double it
            mine = _values(portfolio, source, applications[source], _APPLICATION, PARTITION)
            rows = rows.join(mine, [_APPLICATION, PARTITION], "left")
    for source, spec in portfolio.by_role("macro"):
        known = _values(portfolio, source, _holding(figures[source], spec.every), PARTITION)
        rows = rows.join(known, PARTITION, "left")
    for events in portfolio.events:
        known = histories[events.name]
        rows = rows.join(known, ["customer_id", PARTITION], "left")
        rows = rows.withColumns(_counted(events, up.get(events.name)))
    rows = rows.withColumns({f"{source}_available": is_up for source, is_up in up.items()})
    masked = _masked(portfolio, up)
    rows = rows.withColumns(masked) if masked else rows
    ratios = {
        name: F.try_divide(*(column(part).cast("double") for part in derived.ratio))
        for name, derived in portfolio.derived.items()
    }
    return rows.withColumns(ratios).select(*map(column, contracts.features(portfolio).names))


def _holding(figures: DataFrame, every: int) -> DataFrame:
    """Figures in each month they hold for: until the next are published."""
    months = F.sequence(
        F.col(PARTITION), F.add_months(PARTITION, every - 1), F.expr("interval 1 month")
    )
    return figures.withColumn(PARTITION, F.explode(months)) if every > 1 else figures


def _values(portfolio: Portfolio, source: str, rows: DataFrame, *keep: str) -> DataFrame:
    values = portfolio.sources[source].values().items()
    features_ = [part for name, spec in values for part in _application_features(name, spec)]
    return rows.select(*keep, *features_)


def _application_features(name: str, spec: ColumnSpec) -> list[Column]:
    if spec.type != "list":
        return [column(name)]
    # an empty list has no members; a list that is missing says nothing about them
    members = F.filter(F.split(column(name), r"\|"), lambda member: member != "")
    flags = [
        F.array_contains(members, member).cast("bigint").alias(flag)
        for flag, member in list_flags(name, spec).items()
    ]
    count = F.when(column(name).isNotNull(), F.size(members)).cast("bigint")
    return [count.alias(f"{name}_count"), *flags]


def _counted(events: Events, up: Column | None) -> dict[str, Column]:
    counted: dict[str, Column] = {events.count: F.coalesce(column(events.count), lit(0))}
    counted |= {name: F.coalesce(column(name), lit(0.0)) for name in events.sums}
    if up is None:
        return counted
    return {name: F.when(up, value) for name, value in counted.items()}


def _masked(portfolio: Portfolio, up: Mapping[str, Column]) -> dict[str, Column]:
    """Columns of optional application tables: null while their source is down."""
    return {
        feature.name: F.when(up[feature.source], column(feature.name))
        for feature in portfolio.features
        if feature.source in up and feature.name not in portfolio.derived
    }
