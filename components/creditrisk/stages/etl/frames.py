"""Tables as Spark sees them: read from the files of commits, each with its month."""

from collections.abc import Iterable, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from creditrisk.contracts import PARTITION, Contract
from creditrisk.lake import COMMITTED_MONTH
from creditrisk.stages.etl.sql_text import literal, quoted

PARTITIONS = "spark.sql.shuffle.partitions"
MONTH = COMMITTED_MONTH  # a date: the folder a row is written to
# of a reader: a path names one file, whatever is in it; else `data[1]` would be `data1`, and a
# folder of that name may be there. Spark's own switch, used where it reads what it listed itself
AS_NAMED = {"__globPaths__": "false"}
_PATTERN = "{}[]*?\\"  # what makes a path look like one, to Spark


def column(name: str) -> Column:
    """A column by its exact name."""
    return F.col(quoted(name))


def lit(value: str | float | None) -> Column:
    match value:
        case None:
            return F.expr("NULL")
        case str():
            return F.expr(literal(value))
        case float():
            return F.expr(f"{value!r}D")
        case _:
            return F.expr(str(value))


def table(spark: SparkSession, contract: Contract, uris: Sequence[str]) -> DataFrame:
    """The rows of some Parquet files of a table, in the contract's columns."""
    if uris:
        return _read(spark, contract.ddl, uris)
    empty = spark.range(0)
    return empty.select(*(lit(None).cast(c.spark).alias(c.name) for c in contract.columns))


def table_by_folder(spark: SparkSession, contract: Contract, uris: Sequence[str]) -> DataFrame:
    """Like `table`, of files that one write of this run has left, plus their `MONTH`."""
    if not uris:  # nothing was delivered
        return table(spark, contract, uris).withColumn(MONTH, lit(None).cast("date"))
    folder = uris[0].partition(f"/{MONTH}=")[0]
    return _read(spark, f"{contract.ddl}, {MONTH} DATE", uris, basePath=folder)


def _read(spark: SparkSession, ddl: str, uris: Sequence[str], **options: str) -> DataFrame:
    reader = spark.read.schema(ddl).options(**AS_NAMED, **options)
    # of several paths that look like patterns, Spark reads all of them for each of them
    one_by_one = any({*_PATTERN} & {*uri} for uri in uris)
    rows = union(map(reader.parquet, uris)) if one_by_one else reader.parquet(*uris)
    # read as one, rows that meet in one task anyway are never shuffled
    return rows.coalesce(1) if in_one_task(spark) else rows


def in_one_task(spark: SparkSession) -> bool:
    """Whether this session works on so few rows that one task at a time takes them all."""
    return spark.conf.get(PARTITIONS) == "1"


def by_snapshot(rows: DataFrame, contract: Contract) -> DataFrame:
    """Rows ready to be written: the contract's columns, and `MONTH` from the snapshot."""
    return rows.select(*(column(name) for name in contract.names), F.col(PARTITION).alias(MONTH))


def union(frames: Iterable[DataFrame]) -> DataFrame:
    """Frames of equal columns, one below the other."""
    first, *rest = frames
    for frame in rest:
        first = first.unionByName(frame)
    return first


def text(month: date) -> Column:
    return lit(month.isoformat()).cast("date")
