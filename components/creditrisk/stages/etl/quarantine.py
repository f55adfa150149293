"""Quarantine: which delivered rows are set aside, and for which reason."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from creditrisk.contracts import PARTITION, Contract
from creditrisk.stages.etl.frames import MONTH, column, lit

DOES_NOT_FIT = "unreadable row"  # does not split into the header's fields
OTHER_MONTH = "of another month"
CONFLICT = "conflicting duplicate"  # same key, other content: which one is right nobody can say
COPY = "equal duplicate"  # same key, same content: one is kept
REASON = "reason#"  # null of a row that silver keeps


def with_reason(silver: Contract, rows: DataFrame) -> DataFrame:
    """Cleaned rows of all of silver's columns, each with its `REASON`."""
    return _without_duplicates(silver, rows.withColumn(REASON, _reason(silver)))


def quarantined(source: str, rows: DataFrame) -> DataFrame:
    """One row per row set aside: the quarantine contract, plus `MONTH`."""
    aside = F.col(REASON).isNotNull() & (F.col(REASON) != COPY)
    return rows.where(aside).select(
        lit(source).alias("source"),
        F.col(REASON).alias("reason"),
        "source_file",
        "source_row",
        F.col(MONTH).alias(PARTITION),
        MONTH,
    )


def _reason(silver: Contract) -> Column:
    reason = F.when(F.col("unreadable").isNotNull(), DOES_NOT_FIT)
    elsewhere = F.col(PARTITION) != F.col(MONTH)
    reason = reason.when(elsewhere, OTHER_MONTH)
    for name in silver.required:
        reason = reason.when(column(name).isNull(), f"no {name}")
    if "cohort" in silver.names:  # of a loan reported before it began
        reason = reason.when(F.col("cohort") > F.col(PARTITION), "no cohort yet")
    return reason


def _without_duplicates(silver: Contract, rows: DataFrame) -> DataFrame:
    content = F.xxhash64(*map(column, silver.names))
    sound = F.col(REASON).isNull()
    alike = Window.partitionBy(MONTH, *map(column, silver.key), sound)
    place = F.struct("source_file", "source_row")
    conflict = F.min("content#").over(alike) != F.max("content#").over(alike)
    reason = (
        F.when(~sound, F.col(REASON))
        .when(conflict, CONFLICT)
        .when(place != F.min(place).over(alike), COPY)
    )
    return rows.withColumn("content#", content).withColumn(REASON, reason)
