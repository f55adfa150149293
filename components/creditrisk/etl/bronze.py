"""Bronze: rows as delivered, all text, each with the file and the row it came from."""

from datetime import date
from itertools import groupby
from operator import attrgetter

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.etl.delivered_file import DeliveredFile
from creditrisk.etl.frames import MONTH, column, quoted, union
from creditrisk.etl.landing import Delivery
from creditrisk.portfolio import SourceSpec

_UNREADABLE = "unreadable"
_COUNTER = (1 << 33) - 1
_header = attrgetter("header")
_CSV = {
    "header": "true",
    "multiLine": "true",  # a quoted field may hold line ends; keeps a file in one task, too
    "quote": '"',
    "escape": '"',  # RFC 4180 doubles a quote, Spark's default is a backslash
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": _UNREADABLE,
    "columnPruning": "false",  # a row that does not fit shows only when all of it is parsed
}


def bronze(spark: SparkSession, delivery: Delivery, months: list[date]) -> DataFrame:
    """One row per delivered row of some months: the bronze contract, plus `MONTH`.

    In a file that holds every month a row belongs to its snapshot's month; one whose month
    cannot be told belongs to the file's newest, the delivery it came with. In a file of
    one month every row belongs to that month, whatever it says.
    """
    contract = contracts.bronze(delivery.source, delivery.spec)
    parts = [
        _with_origin(_lines(spark, list(alike)), delivery.files, contract.names)
        for _, alike in groupby(sorted(delivery.files, key=_header), _header)
    ]
    rows = union(parts) if parts else spark.createDataFrame([], contract.ddl)
    if delivery.whole:
        newest = F.lit(max(delivery.months, default=None))
        month = F.coalesce(_snapshot_month(delivery.spec), newest).cast("string")
    else:
        folder = {file.key: month.isoformat() for month, file in delivery.monthly.items()}
        month = _lookup(folder, F.col("source_file"))
    wanted = [month.isoformat() for month in months]
    return rows.select("*", month.alias(MONTH)).where(F.col(MONTH).isin(wanted))


def _snapshot_month(spec: SourceSpec) -> Column:
    """The first of the month a delivered row speaks of; null where its date cannot be read."""
    name = spec.column("snapshot") or ""
    return F.trunc(F.try_to_date(F.trim(column(name)), spec.columns[name].format), "month")


def _lines(spark: SparkSession, files: list[DeliveredFile]) -> DataFrame:
    """Rows of files with one and the same header; each tells whether it fits."""
    schema = ", ".join(f"{quoted(name)} STRING" for name in (*files[0].header, _UNREADABLE))
    return spark.read.schema(schema).options(**_CSV).csv([file.uri for file in files])


def _with_origin(
    rows: DataFrame, files: tuple[DeliveredFile, ...], names: tuple[str, ...]
) -> DataFrame:
    # months of a folder have plain names; a name with a blank would come back escaped
    short = {file.key.rpartition("/")[2]: file.key for file in files}
    key = F.lit(files[0].key) if len(files) == 1 else _lookup(short, F.col("_metadata.file_name"))
    sums = {file.key: file.sha256 for file in files}
    return (
        rows.withColumn("source_file", key)
        .withColumn("source_sha256", _lookup(sums, F.col("source_file")))
        # a task reads one file (session.py): its counter, less the task's number above bit 33
        .withColumn("source_row", F.monotonically_increasing_id().bitwiseAND(_COUNTER) + 1)
        .select(*map(column, names))
    )


def _lookup(table: dict[str, str], key: Column) -> Column:
    pairs = [F.lit(part) for pair in table.items() for part in pair]
    return F.create_map(*pairs)[key] if pairs else F.lit(None).cast("string")
