"""Tables as Spark sees them: read from the files of commits, each with its month."""

from collections.abc import Iterable, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from creditrisk.contracts import PARTITION, Contract
from creditrisk.lake import COMMITTED_MONTH

MONTH = COMMITTED_MONTH  # of a row: the folder it is written to
# of a reader: a path names one file, whatever is in it; else `data[1]` would be `data1`, and a
# folder of that name may be there. Spark's own switch, used where it reads what it listed itself
AS_NAMED = {"__globPaths__": "false"}
_FOLDER = rf"/(?:{MONTH}=)?(\d{{4}}-\d{{2}}-\d{{2}})/[^/]+$"


def quoted(name: str) -> str:
    """A column's name as Spark's parser takes it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def column(name: str) -> Column:
    """A column by its exact name."""
    return F.col(quoted(name))


def table(spark: SparkSession, contract: Contract, uris: Sequence[str]) -> DataFrame:
    """The rows of some Parquet files of a table, in the contract's columns."""
    if not uris:
        return spark.createDataFrame([], contract.ddl)
    return spark.read.schema(contract.ddl).options(**AS_NAMED).parquet(*uris)


def table_by_folder(spark: SparkSession, contract: Contract, uris: Sequence[str]) -> DataFrame:
    """Like `table`, plus `MONTH`, read off each file's folder."""
    month = F.regexp_extract(F.col("_metadata.file_path"), _FOLDER, 1) if uris else F.lit("")
    return table(spark, contract, uris).select("*", month.alias(MONTH))


def by_snapshot(rows: DataFrame, contract: Contract) -> DataFrame:
    """Rows ready to be written: the contract's columns, and `MONTH` from the snapshot."""
    return rows.select(
        *(column(name) for name in contract.names), F.col(PARTITION).cast("string").alias(MONTH)
    )


def union(frames: Iterable[DataFrame]) -> DataFrame:
    """Frames of equal columns, one below the other."""
    first, *rest = frames
    for frame in rest:
        first = first.unionByName(frame)
    return first


def text(month: date) -> Column:
    """A month as a date literal."""
    return F.lit(month.isoformat()).cast("date")
