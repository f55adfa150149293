"""Bronze: rows as delivered, all text, each with the file and the row it came from."""

from datetime import date
from itertools import groupby
from operator import attrgetter

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.portfolio import SourceSpec
from creditrisk.stages.etl.casts import SPACE, literal, parsed
from creditrisk.stages.etl.delivered_file import DeliveredFile
from creditrisk.stages.etl.frames import MONTH, column, quoted, union
from creditrisk.stages.etl.landing import Delivery

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
    cannot be told, or lies outside all that was delivered, belongs to the file's newest, the
    delivery it came with. In a file of one month every row belongs to that month, whatever
    it says.
    """
    contract = contracts.bronze(delivery.source, delivery.spec)
    parts = [
        _with_origin(_lines(spark, list(alike), delivery.spec), delivery.files, contract.names)
        for _, alike in groupby(sorted(delivery.files, key=_header), _header)
    ]
    rows = union(parts) if parts else spark.createDataFrame([], contract.ddl)
    if delivery.whole:
        said = _snapshot_month(delivery.spec)
        known = F.when(said.between(*map(F.lit, delivery.span)), said)
        month = F.coalesce(known, F.lit(delivery.newest)).cast("string")
    else:
        folder = {file.key: month.isoformat() for month, file in delivery.monthly.items()}
        month = _lookup(folder, F.col("source_file"))
    wanted = [month.isoformat() for month in months]
    return rows.select("*", month.alias(MONTH)).where(F.col(MONTH).isin(wanted))


def _snapshot_month(spec: SourceSpec) -> Column:
    """The first of the month a delivered row speaks of; null where its date cannot be read."""
    name = spec.column("snapshot") or ""
    text = f"btrim({quoted(name)}, {literal(SPACE + spec.columns[name].strip)})"
    return F.trunc(F.expr(parsed(text, spec.columns[name])), "month")


def _lines(spark: SparkSession, files: list[DeliveredFile], spec: SourceSpec) -> DataFrame:
    """Rows of files with one and the same header; each tells whether it fits.

    Columns nobody asked for go by their place: they may be called anything, even as ours are.
    """
    names = (
        name if name in spec.columns else f"#{place}" for place, name in enumerate(files[0].header)
    )
    schema = ", ".join(f"{quoted(name)} STRING" for name in (*names, _UNREADABLE))
    written = _CSV | {"sep": spec.delimiter, "encoding": spec.encoding}
    return spark.read.schema(schema).options(**written).csv([file.uri for file in files])


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
