"""The digest of a table's content (`creditrisk.lake.digest` has the recipe), computed in Spark.

No task ever holds more than a 256th of a month: the rows are sorted bucket by bucket.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from creditrisk.contracts import PARTITION, Contract
from creditrisk.lake.digest import folded_rows, under_schema
from creditrisk.stages.etl.frames import MONTH, column, lit, table_by_folder, union


@dataclass(frozen=True)
class Content:
    """What a month of a table holds."""

    rows: int = 0
    buckets: str = ""  # sha256 over the buckets; empty without rows

    def digest(self, contract: Contract) -> str:
        """The table's digest: content under a schema."""
        return under_schema(contract, self.buckets)


def contents(
    spark: SparkSession, tables: Sequence[tuple[Contract, Sequence[str]]]
) -> dict[tuple[str, date], Content]:
    """Read files and say what each month of each table holds; one job for all of them.

    `RuntimeError` names a table whose rows repeat their key or are of another month: the
    transformation that wrote it is wrong, and nothing of it may be committed.
    """
    hashed = [_hashed(spark, contract, uris) for contract, uris in tables if uris]
    contract_of = {contract.table: contract for contract, _ in tables}
    found = {}
    for row in _folded(union(hashed)).collect() if hashed else []:
        _refuse(contract_of[row["table"]], row[MONTH], row["rows"] - row["keys"], row["strays"])
        found[row["table"], row[MONTH]] = Content(row["rows"], row["buckets"])
    return found


def content(contract: Contract, month: date, rows: pa.Table) -> Content:
    """The same of rows in memory. Errors as above."""
    keys = rows.select(list(contract.key)).group_by(list(contract.key)).aggregate([])
    strays = 0
    if _dated(contract):
        strays = pc.sum(pc.not_equal(rows[PARTITION], month).fill_null(True)).as_py() or 0
    _refuse(contract, month, len(rows) - len(keys), strays)
    return Content(len(rows), folded_rows(contract, rows))


def _refuse(contract: Contract, month: date, repeated: int, strays: int) -> None:
    where = f"{contract.table} {month}"
    if repeated:
        raise RuntimeError(
            f"{where}: {repeated:,} rows repeat the key {', '.join(contract.key)};"
            f" the grain is {contract.grain}"
        )
    if strays:
        raise RuntimeError(f"{where}: {strays:,} rows are of another month")


def _dated(contract: Contract) -> bool:
    """Whether its rows say of which month they are."""
    return PARTITION in contract.names and contract.layer != "bronze"


def _hashed(spark: SparkSession, contract: Contract, uris: Sequence[str]) -> DataFrame:
    stray = lit(False)
    if _dated(contract):
        stray = ~F.col(PARTITION).eqNullSafe(F.col(MONTH))
    return table_by_folder(spark, contract, uris).select(
        lit(contract.table).alias("table"),
        MONTH,
        stray.alias("stray"),
        F.xxhash64(*map(column, contract.key)).alias("key"),
        F.sha2(
            F.to_json(F.struct(*_canonical(contract)), {"ignoreNullFields": "false"}), 256
        ).alias("row"),
    )


def _canonical(contract: Contract) -> list[Column]:
    return [
        F.when(column(c.name).isNotNull(), F.xxhash64(column(c.name))).alias(f"c{number}")
        if c.type == "double"
        else column(c.name).alias(f"c{number}")
        for number, c in enumerate(contract.columns)
    ]


def _folded(rows: DataFrame) -> DataFrame:
    buckets = rows.groupBy("table", MONTH, F.pmod("key", lit(256)).alias("bucket")).agg(
        F.count("*").alias("rows"),
        F.size(F.array_distinct(F.collect_list("key"))).alias("keys"),
        F.count_if("stray").alias("strays"),
        _folding("row").alias("digest"),
    )
    numbered = F.concat(F.format_string("%03d", "bucket"), "digest")
    return (
        buckets.withColumn("numbered", numbered)
        .groupBy("table", MONTH)
        .agg(
            F.sum("rows").alias("rows"),
            F.sum("keys").alias("keys"),
            F.sum("strays").alias("strays"),
            _folding("numbered").alias("buckets"),
        )
    )


def _folding(name: str) -> Column:
    return F.sha2(F.array_join(F.sort_array(F.collect_list(name)), ""), 256)
