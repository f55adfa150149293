"""Writing tables from Spark: Parquet first, a digest of what lies there, then the manifest.

One write per table, whatever the number of months; one digest job for all tables.
Nothing is visible before `publish`, so a crash leaves unreferenced files and nothing else.
"""

import hashlib
import io
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from time import monotonic

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from creditrisk.contracts import Contract
from creditrisk.contracts.check import check_file
from creditrisk.lake import Commit, DataFile, data_key
from creditrisk.period import Period
from creditrisk.stages.etl.frames import MONTH, column, in_one_task
from creditrisk.stages.etl.table_digest import Content, content, contents
from creditrisk.storage import Store

logger = logging.getLogger("creditrisk.stages.etl")
_WRITERS = 4  # tables written at once: Spark plans one while it runs another
# rows of a table's month that are digested in memory: 2 to 3 CPU seconds a million, where a job of
# Spark's took 9; on a cluster its executors share the work
_HELD = 2_000_000
_HELD_AT_ONCE = 2
_READERS = 8  # of its files read at once: each is some round trips to S3


@dataclass(frozen=True)
class Draft:
    """A table about to be written: the contract's columns and `MONTH`."""

    contract: Contract
    rows: DataFrame
    as_delivered: bool = False  # in the order of bronze's files, each of a month


@dataclass(frozen=True)
class Written:
    """A table's files of some months; no reader sees them yet."""

    contract: Contract
    files: Mapping[date, tuple[DataFile, ...]]

    @property
    def rows(self) -> int:
        """Of all its months, as the files count them."""
        return sum(file.rows for files in self.files.values() for file in files)

    def month_rows(self, month: date) -> int:
        return sum(file.rows for file in self.files.get(month, ()))

    def uris(self, store: Store, months: Sequence[date] | None = None) -> list[str]:
        """The files of some months (default: all) as Spark addresses them."""
        wanted = self.files if months is None else months
        return [store.spark_uri(file.key) for m in wanted for file in self.files.get(m, ())]


def write(store: Store, drafts: Sequence[Draft], months: Sequence[date]) -> list[Written]:
    """Write every draft, each to a new folder; in the drafts' order."""
    with ThreadPoolExecutor(_WRITERS) as pool:
        return list(pool.map(lambda draft: _write(store, draft, months), drafts))


def noted(written: Written, started: float) -> Written:
    """One line for who waits: what a table has, and the seconds since `started` (monotonic)."""
    logger.info("%s: %d rows, %.1f s", written.contract.table, written.rows, monotonic() - started)
    return written


def publish(
    period: Period,
    written: Written,
    month: date,
    content: Content | None,
    inputs: Mapping[str, str],
) -> Commit:
    """Make a month of a table visible; `content` is what `read_back` found there."""
    files = written.files.get(month, ())
    return period.lake.publish(
        Commit(
            table=written.contract.table,
            month=month.isoformat(),
            version=0,
            rows=content.rows if content else 0,
            digest=(content or Content()).digest(written.contract),
            schema_sha=written.contract.schema_sha,
            inputs=dict(inputs),
            files=files,
            code=period.code,
            as_of=month.isoformat(),
        )
    )


def read_back(
    spark: SparkSession, store: Store, tables: Sequence[Written]
) -> dict[tuple[str, date], Content]:
    """What the written files hold, by table and month; months without rows are absent."""
    months = [(table, month) for table in tables for month in table.files]
    largest = max((table.month_rows(month) for table, month in months), default=0)
    if largest > _HELD or not str(spark.sparkContext.master).startswith("local"):
        return contents(spark, [(table.contract, table.uris(store)) for table in tables])

    def found(part: tuple[Written, date]) -> Content:
        table, month = part
        return content(table.contract, month, _rows(store, table, month))

    with ThreadPoolExecutor(_HELD_AT_ONCE) as pool:
        digested = pool.map(found, months)
        names = ((table.contract.table, month) for table, month in months)
        return dict(zip(names, digested, strict=True))


def _rows(store: Store, table: Written, month: date) -> pa.Table:
    parts = [pq.read_table(pa.BufferReader(store.read(f.key))) for f in table.files[month]]
    return pa.concat_tables(parts)


def _write(store: Store, draft: Draft, months: Sequence[date]) -> Written:
    started = monotonic()
    rows = draft.rows.select(*map(column, draft.contract.names), column(MONTH))
    if not (draft.as_delivered or in_one_task(rows.sparkSession)):
        rows = rows.hint("rebalance", column(MONTH))  # few files a month
    folder = data_key(draft.contract, months[0]).rpartition("/")[0]
    rows.write.partitionBy(MONTH).parquet(store.spark_uri(folder), compression="snappy")
    keys = [key for key in store.keys(f"{folder}/") if key.endswith(".parquet")]
    with ThreadPoolExecutor(_READERS) as pool:
        files = pool.map(lambda key: data_file(store, key, draft.contract, _month(key)), keys)
        found: dict[date, list[DataFile]] = {}
        for file in files:
            found.setdefault(_month(file.key), []).append(file)
    made = Written(draft.contract, {month: tuple(files) for month, files in found.items()})
    return noted(made, started)


def month_folder(folder: str, month: date) -> str:
    """Where a month's files lie in a table's new folder."""
    return f"{folder}/{MONTH}={month}"


def _month(key: str) -> date:
    return date.fromisoformat(key.split("/")[-2].removeprefix(f"{MONTH}="))


def data_file(store: Store, key: str, contract: Contract, month: date) -> DataFile:
    """A file as it lies there; `RuntimeError` where what it holds breaks the contract."""
    with store.open(key) as file:
        parquet = pq.ParquetFile(file)
        check_file(contract, month, parquet)
        rows, size = parquet.metadata.num_rows, file.seek(0, io.SEEK_END)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return DataFile(key, rows, size, sha256)
