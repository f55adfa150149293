"""Quarantine: which delivered rows are set aside, and for which reason."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from creditrisk.contracts import PARTITION, Contract
from creditrisk.portfolio import SourceSpec
from creditrisk.stages.etl.cleaning import EARLIER
from creditrisk.stages.etl.frames import MONTH, column, in_one_task, lit

DOES_NOT_FIT = "unreadable row"  # does not split into the header's fields
OTHER_MONTH = "of another month"
CONFLICT = "conflicting duplicate"  # same key, other content: which one is right nobody can say
COPY = "equal duplicate"  # same key, same content: one is kept
UNHARMED = (COPY, EARLIER)  # left out, and nothing of it is lost
REASON = "reason#"  # null of a row that silver keeps
_PLACE = ["source_file", "source_row"]  # of a row, its own
_MOST_REPEATED = 1_000_000  # keys; some 50 MB here


def with_reason(silver: Contract, rows: DataFrame) -> DataFrame:
    """Cleaned rows of all of silver's columns, each with its `REASON`, looked at alone."""
    return rows.withColumn(REASON, _reason(silver))


def without_repeats(silver: Contract, rows: DataFrame) -> DataFrame:
    """The same, and rows that repeat a key have their `REASON`, too.

    Of many rows, which are to be persisted before, only those are sorted whose key comes twice by
    its hash: a 64-bit number a row is counted, where whole rows would be moved. So few are found
    that they fit this process; of a delivery in which they do not, all rows are sorted.
    """
    if in_one_task(rows.sparkSession):
        return _compared(silver, rows)
    return among_many(silver, rows)


def among_many(silver: Contract, rows: DataFrame, most: int = _MOST_REPEATED) -> DataFrame:
    """`without_repeats` of many rows; `most`: keys that may come twice, before all are sorted."""
    hashed = F.xxhash64(MONTH, *map(column, silver.key))
    sound = rows.where(F.col(REASON).isNull()).withColumn("key#", hashed)
    counts = sound.groupBy("key#").agg(F.count("*").alias("rows#")).where("`rows#` > 1")
    repeated = counts.select("key#").limit(most + 1).toArrow()
    if len(repeated) > most:
        return _compared(silver, rows)
    if not len(repeated):
        return rows
    spark = rows.sparkSession
    suspects = sound.join(F.broadcast(spark.createDataFrame(repeated)), "key#", "left_semi")
    found = _compared(silver, suspects).where(F.col(REASON).isNotNull())
    struck = found.select(*_PLACE, F.col(REASON).alias("repeat#")).toArrow()
    known = rows.join(F.broadcast(spark.createDataFrame(struck)), _PLACE, "left")
    return known.withColumn(REASON, F.coalesce(REASON, "repeat#")).drop("repeat#")


def quarantined(source: str, rows: DataFrame) -> DataFrame:
    """One row per row set aside: the quarantine contract, plus `MONTH`."""
    aside = F.col(REASON).isNotNull() & ~F.col(REASON).isin(*UNHARMED)
    return rows.where(aside).select(
        lit(source).alias("source"),
        F.col(REASON).alias("reason"),
        "source_file",
        "source_row",
        F.col(MONTH).alias(PARTITION),
        MONTH,
    )


def one_a_month(spec: SourceSpec, rows: DataFrame) -> DataFrame:
    """Of a loan's several rows of a month the last has no `REASON`; their day is gone."""
    if not spec.several:
        return rows
    sound = F.col(REASON).isNull()
    of_month = Window.partitionBy("loan_id", MONTH, sound)
    reason = F.when(sound & (F.col(PARTITION) < F.max(PARTITION).over(of_month)), EARLIER)
    added = [n for n in ("due", "paid") if spec.several == "added" and spec.column(n)]
    values = {name: F.sum(name).over(of_month) for name in added}
    values |= {REASON: F.coalesce(reason, REASON), PARTITION: F.trunc(PARTITION, "month")}
    return rows.withColumns(values)


def _reason(silver: Contract) -> Column:
    reason = F.when(F.col("unreadable").isNotNull(), DOES_NOT_FIT)
    elsewhere = F.trunc(PARTITION, "month") != F.col(MONTH)
    reason = reason.when(elsewhere, OTHER_MONTH)
    for name in silver.required:
        reason = reason.when(column(name).isNull(), f"no {name}")
    if "cohort" in silver.names:  # of a loan reported before it began
        reason = reason.when(F.col("cohort") > F.col(PARTITION), "no cohort yet")
    return reason


def _compared(silver: Contract, rows: DataFrame) -> DataFrame:
    content = F.xxhash64(*map(column, silver.names))
    sound = F.col(REASON).isNull()
    alike = Window.partitionBy(MONTH, *map(column, silver.key), sound)
    place = F.struct(*_PLACE)
    conflict = F.min("content#").over(alike) != F.max("content#").over(alike)
    reason = (
        F.when(~sound, F.col(REASON))
        .when(conflict, CONFLICT)
        .when(place != F.min(place).over(alike), COPY)
    )
    return rows.withColumn("content#", content).withColumn(REASON, reason)
