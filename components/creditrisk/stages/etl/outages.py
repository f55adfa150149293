"""Which optional source is down in a month: it was not delivered, or covers hardly anyone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from creditrisk.contracts import PARTITION
from creditrisk.portfolio import Portfolio
from creditrisk.stages.etl.frames import MONTH, column, lit

_APPLICATION = "application_id"


def coverage(
    portfolio: Portfolio, applications: Mapping[str, DataFrame], histories: Mapping[str, DataFrame]
) -> DataFrame:
    """One row per month of application: of each optional source, the share of applicants in it."""
    base, _ = portfolio.base
    rows = applications[base].select(_APPLICATION, "customer_id", PARTITION)
    shares = []
    for source in portfolio.optional_sources:
        if source in histories:
            known = histories[source].select("customer_id", PARTITION, lit(1).alias(source))
            rows = rows.join(known, ["customer_id", PARTITION], "left")
        elif source in applications:
            known = applications[source].select(_APPLICATION, lit(1).alias(source))
            rows = rows.join(known, _APPLICATION, "left")
        else:
            continue
        shares.append(F.avg(F.coalesce(column(source), lit(0))).alias(source))
    return rows.groupBy(F.col(PARTITION).alias(MONTH)).agg(
        F.count("*").alias("applications"), *shares
    )


def outages(
    delivered: Mapping[str, Collection[date]],
    covered: DataFrame,
    months: Sequence[date],
    limit: float,
) -> dict[str, tuple[date, ...]]:
    """Of each optional source the months it is down: not `delivered`, or its share below `limit`.

    `covered` is a `coverage`. A month in which nobody applied lacks nobody.
    """
    shares = {row[MONTH]: row.asDict() for row in covered.collect()}
    return {
        source: tuple(
            month
            for month in months
            if month not in found or shares.get(month, {}).get(source, 1.0) < limit
        )
        for source, found in delivered.items()
    }
