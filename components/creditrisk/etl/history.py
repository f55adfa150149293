"""Event history: per customer, the count and the sums of everything so far."""

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.contracts import PARTITION
from creditrisk.etl.frames import column, text
from creditrisk.portfolio import Events


def history(events: Events, before: DataFrame, new: DataFrame, start: date, end: date) -> DataFrame:
    """One row per customer and month from `start` to `end`, for every customer seen so far.

    `before` is the history of the month before `start` (empty for the first), `new` the
    silver events of the months. A month is the month before plus its own events, added in
    that order whatever the number of months, so that sums agree to the last bit. An event
    counts even where a value of it was lost; the lost value adds nothing.
    """
    names = contracts.history(events).names
    zero = F.lit(0.0)
    added = new.select(
        "customer_id",
        PARTITION,
        F.lit(1).cast("bigint").alias(events.count),
        *(
            F.coalesce(column(name), zero).alias(total)
            for name, total in zip(events.columns, events.sums, strict=True)
        ),
    )
    customer = Window.partitionBy("customer_id").orderBy(PARTITION)
    so_far = customer.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    last = F.coalesce(F.add_months(F.lead(PARTITION).over(customer), -1), text(end))
    running = (
        before.select(*names)
        .unionByName(added)
        .select(
            "customer_id",
            F.sequence(F.col(PARTITION), last, F.expr("interval 1 month")).alias("months"),
            *(
                F.sum(column(name)).over(so_far).alias(name)
                for name in (events.count, *events.sums)
            ),
        )
    )
    return (
        running.withColumn(PARTITION, F.explode("months"))
        .where(F.col(PARTITION) >= text(start))
        .select(*map(column, names))
    )
