"""A digest says what a table holds, whatever wrote it and in whichever order."""

import math
import struct
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from creditrisk.contracts import Column, Contract
from creditrisk.lake import table_digest
from creditrisk.stages.etl.frames import MONTH
from creditrisk.stages.etl.session import spark_session
from creditrisk.stages.etl.table_digest import Content, content, contents
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
EVERY_TYPE = Contract(
    "bronze",
    "every_type",
    "one row per number, day, flag, size and text",
    ("number", "day", "flag", "size", "text"),
    (
        Column("number", "long"),
        Column("day", "date"),
        Column("flag", "boolean"),
        Column("size", "double"),
        Column("text", "string"),
        Column("word", "string"),
        Column("value", "double"),
    ),
)
OTHER_NAN = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000123))[0]
TEXTS = [
    "",
    "plain",
    'quote " and \\',
    "\x00\x01\x1f\x7f",
    "\b\t\n\f\r",
    "é ß 漢字 \u2028 😀",
    "</a>",
    "x" * 99,
]


def written(spark: SparkSession, folder: Path, rows: list, files: int = 1) -> list[str]:
    frame = spark.createDataFrame(rows, TABLE.ddl).repartition(files)
    frame.write.parquet(f"file://{folder}/{MONTH}={DAY}")
    return [f"file://{path}" for path in sorted(folder.rglob("*.parquet"))]


def digest(spark: SparkSession, folder: Path, rows: list, files: int = 1) -> str:
    found = contents(spark, [(TABLE, written(spark, folder, rows, files))])
    assert found[TABLE.table, DAY].rows == len(rows)
    return found[TABLE.table, DAY].digest(TABLE)


def in_spark(spark: SparkSession, folder: Path, table: pa.Table) -> str:
    path = folder / f"{MONTH}={DAY}" / "part-0.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    found = contents(spark, [(EVERY_TYPE, [f"file://{path}"])])
    return found[EVERY_TYPE.table, DAY].digest(EVERY_TYPE)


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


def test_the_ugly_values_have_one_digest_with_and_without_spark(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Nulls in every column, NaN of two kinds, -0.0, limits of a long, old dates, any text."""
    doubles = [None, 0.0, -0.0, 1.5, math.nan, OTHER_NAN, math.inf, -math.inf, 5e-324, 1e308, 0.1]
    longs = [2**63 - 1, -(2**63), *range(-300, 400)]  # the key; more than there are buckets
    days = [None, DAY, date(1969, 12, 31), date(1, 1, 1), date(9999, 12, 31)]
    rows = [
        {
            "number": number,
            "day": days[n % len(days)],
            "flag": [None, True, False][n % 3],
            "size": doubles[n % len(doubles)],
            "text": [None, *TEXTS][n % (len(TEXTS) + 1)],
            "word": f"{n}" if n % 4 else None,
            "value": doubles[-n % len(doubles)],
        }
        for n, number in enumerate(longs)
    ]
    table = pa.Table.from_pylist(rows, schema=EVERY_TYPE.arrow)
    assert in_spark(spark, tmp_path, table) == table_digest(EVERY_TYPE, table)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1),
            st.dates(),
            st.booleans(),
            st.floats(),
            st.text(st.characters(codec="utf-8")),
            st.none() | st.text(st.characters(codec="utf-8")),
            st.none() | st.floats(),
        ),
        min_size=1,
        unique_by=lambda row: row[0],
    )
)
def test_any_table_has_one_digest_with_and_without_spark(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, rows: list
) -> None:
    rows_of = [dict(zip(EVERY_TYPE.names, row, strict=True)) for row in rows]
    table = pa.Table.from_pylist(rows_of, schema=EVERY_TYPE.arrow)
    folder = tmp_path_factory.mktemp("any")
    assert in_spark(spark, folder, table) == table_digest(EVERY_TYPE, table)


def test_no_rows_have_a_digest_of_their_own(spark: SparkSession) -> None:
    empty = table_digest(TABLE, TABLE.arrow.empty_table())
    assert empty == Content().digest(TABLE)
    assert empty != table_digest(EVERY_TYPE, EVERY_TYPE.arrow.empty_table())


@pytest.fixture(params=["by a job", "in memory"])
def read(request: pytest.FixtureRequest, spark: SparkSession, tmp_path: Path) -> Callable:
    """What files of these rows hold, found in one of the two ways."""

    def found(rows: list) -> Content:
        files = written(spark, tmp_path / "a", rows)
        if request.param == "by a job":
            return contents(spark, [(TABLE, files)])[TABLE.table, DAY]
        parts = [pq.ParquetFile(file.removeprefix("file://")).read() for file in files]
        return content(TABLE, DAY, pa.concat_tables(parts))

    return found


def test_few_rows_have_in_memory_the_digest_of_many(read: Callable) -> None:
    rows = [dict(zip(TABLE.names, row, strict=True)) for row in ROWS]
    found = read(ROWS)
    assert found.rows == len(ROWS)
    assert found.digest(TABLE) == table_digest(TABLE, pa.Table.from_pylist(rows, TABLE.arrow))


def test_a_repeated_key_is_never_committed(read: Callable) -> None:
    with pytest.raises(RuntimeError, match="gold/test 2024-01-01: 1 rows repeat the key name"):
        read([*ROWS, ("b", 7.0, DAY)])


def test_a_row_of_another_month_is_never_committed(read: Callable) -> None:
    with pytest.raises(RuntimeError, match="1 rows are of another month"):
        read([*ROWS, ("f", 7.0, date(2024, 2, 1))])
