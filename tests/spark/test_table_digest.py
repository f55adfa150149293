"""A digest says what a table holds, whatever wrote it and in whichever order."""

import hashlib
import json
import struct
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from creditrisk.contracts import Column, Contract
from creditrisk.etl.frames import MONTH
from creditrisk.etl.session import spark_session
from creditrisk.etl.table_digest import contents
from creditrisk.storage import open_store

TABLE = Contract(
    "gold",
    "test",
    "one row per name",
    ("name",),
    (Column("name", "string"), Column("value", "double"), Column("snapshot_date", "date")),
)
DAY = date(2024, 1, 1)
ROWS = [('a"\\é', 0.1, DAY), ("b", None, DAY), ("c", -1e300, DAY), ("d", 3.0, DAY), ("e", 5.5, DAY)]


def written(spark: SparkSession, folder: Path, rows: list, files: int = 1) -> list[str]:
    frame = spark.createDataFrame(rows, TABLE.ddl).repartition(files)
    frame.write.parquet(f"file://{folder}/{MONTH}={DAY}")
    return [f"file://{path}" for path in sorted(folder.rglob("*.parquet"))]


def digest(spark: SparkSession, folder: Path, rows: list, files: int = 1) -> str:
    found = contents(spark, [(TABLE, written(spark, folder, rows, files))])
    assert found[TABLE.table, DAY].rows == len(rows)
    return found[TABLE.table, DAY].digest(TABLE)


def test_order_and_number_of_files_make_no_difference(spark: SparkSession, tmp_path: Path) -> None:
    one = digest(spark, tmp_path / "a", ROWS)
    assert digest(spark, tmp_path / "b", ROWS[::-1], files=3) == one


def test_one_value_one_row_or_one_null_more_is_another_digest(
    spark: SparkSession, tmp_path: Path
) -> None:
    others = [
        ROWS[:-1],
        [*ROWS[:-1], ("e", 5.500000000000001, DAY)],
        [*ROWS[:-1], ("e", None, DAY)],
    ]
    tables = [ROWS, *others]
    found = {digest(spark, tmp_path / f"{i}", rows) for i, rows in enumerate(tables)}
    assert len(found) == len(tables)


def test_compiled_or_interpreted_the_digest_is_the_same(
    spark: SparkSession, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path))
    one = digest(spark, tmp_path / "a", ROWS)
    try:
        assert digest(spark_session(store, rows=10**9), tmp_path / "b", ROWS) == one
    finally:
        spark_session(store)


def test_the_digest_can_be_computed_without_spark(spark: SparkSession, tmp_path: Path) -> None:
    """The documented recipe, followed in Python: another engine can check a table."""
    buckets: dict[int, list[str]] = {}
    for name, value, day in ROWS:
        number = None if value is None else xxhash64(struct.pack("<d", value))
        body = {"c0": name, "c1": number, "c2": str(day)}
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        bucket = xxhash64(name.encode()) % 256
        buckets.setdefault(bucket, []).append(sha256(text))
    parts = sorted(f"{n:03d}{sha256(''.join(sorted(rows)))}" for n, rows in buckets.items())
    expected = sha256(TABLE.schema_sha + sha256("".join(parts)))
    assert digest(spark, tmp_path / "a", ROWS) == expected


def test_a_repeated_key_is_never_committed(spark: SparkSession, tmp_path: Path) -> None:
    files = written(spark, tmp_path / "a", [*ROWS, ("b", 7.0, DAY)])
    with pytest.raises(RuntimeError, match="gold/test 2024-01-01: 1 rows repeat the key name"):
        contents(spark, [(TABLE, files)])


def test_a_row_of_another_month_is_never_committed(spark: SparkSession, tmp_path: Path) -> None:
    files = written(spark, tmp_path / "a", [*ROWS, ("f", 7.0, date(2024, 2, 1))])
    with pytest.raises(RuntimeError, match="1 rows are of another month"):
        contents(spark, [(TABLE, files)])


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def xxhash64(data: bytes) -> int:
    """XXH64 of up to 31 bytes with Spark's seed 42, as a signed number."""
    p1, p2, p3 = 11400714785074694791, 14029467366897019727, 1609587929392839161
    p4, p5, mask = 9650029242287828579, 2870177450012600261, 2**64 - 1

    def turned(number: int, bits: int) -> int:
        return ((number << bits) | (number >> (64 - bits))) & mask

    found, rest = (42 + p5 + len(data)) & mask, data
    while len(rest) >= 8:
        word, rest = struct.unpack("<Q", rest[:8])[0], rest[8:]
        found ^= turned(word * p2 & mask, 31) * p1 & mask
        found = (turned(found, 27) * p1 + p4) & mask
    if len(rest) >= 4:
        word, rest = struct.unpack("<I", rest[:4])[0], rest[4:]
        found = (turned(found ^ (word * p1 & mask), 23) * p2 + p3) & mask
    for byte in rest:
        found = turned(found ^ (byte * p5 & mask), 11) * p1 & mask
    found = (found ^ (found >> 33)) * p2 & mask
    found = (found ^ (found >> 29)) * p3 & mask
    found ^= found >> 32
    return found - 2**64 if found >= 2**63 else found
