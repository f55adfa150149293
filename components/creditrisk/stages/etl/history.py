"""Event history: per customer, the count and the sums of everything so far."""

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.contracts import PARTITION
from creditrisk.portfolio import Events
from creditrisk.stages.etl.frames import column, lit, text


def history(events: Events, before: DataFrame, new: DataFrame, start: date, end: date) -> DataFrame:
    """One row per customer and month from `start` to `end`, for every customer seen so far.

    `before` is the history of the month before `start` (empty for the first), `new` the
    silver events of the months. A month is the month before plus its own events, added in
    the order of their key whatever the number of months, so that sums agree to the last bit.
    An event counts even where a value of it was lost; the lost value adds nothing.
    """
    names = contracts.history(events).names
    order = [name for name in ("event_date", "event_id") if name in new.columns]
    zero = lit(0.0)
    added = new.select(
        "customer_id",
        PARTITION,
        *order,
        lit(1).cast("bigint").alias(events.count),
        *(
            F.coalesce(column(name), zero).alias(total)
            for name, total in zip(events.columns, events.sums, strict=True)
        ),
    )
    customer = Window.partitionBy("customer_id").orderBy(PARTITION, *order)
    so_far = customer.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    running = (
        before.select(*names)
        .unionByName(added, allowMissingColumns=True)
        .select(
            "customer_id",
            PARTITION,
            F.lead(PARTITION).over(customer).alias("next"),
            *(
                F.sum(column(name)).over(so_far).alias(name)
                for name in (events.count, *events.sums)
            ),
        )
        .where(F.col("next").isNull() | (F.col("next") > F.col(PARTITION)))
    )
    last = F.coalesce(F.add_months("next", -1), text(end))
    months = F.sequence(F.col(PARTITION), last, F.expr("interval 1 month"))
    return (
        running.withColumn(PARTITION, F.explode(months))
        .where(F.col(PARTITION) >= text(start))
        .select(*map(column, names))
    )
