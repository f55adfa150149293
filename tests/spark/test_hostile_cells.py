"""No cell stops a month, and none takes long."""

import pytest
from pyspark.sql import SparkSession

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.stages.etl.cleaning import UNREADABLE
from tests.builders.hostile_cells import BLOWN_UP, COLUMNS, differences, hostile_cells

UNREADABLE_CELLS = [
    ("duration", "9223372036854775807 Years"),
    ("duration", "99999999999999999999 Years and 3 Months"),
    ("duration", "768614336404564650 Years and 99 Months"),
    ("duration", "1 Year\u2028"),
    ("number", "1e309"),
    ("number", "12\0"),
    ("number", "0" * 1000 + "5"),
    ("integer", "9" * 400),
    ("date", "0000-01-01"),
    ("date", "-0001-01-01"),
    ("date", "+10000-01-01"),
    ("date", "2024-02-30"),
]


def test_spark_and_python_read_any_cell_alike(spark: SparkSession) -> None:
    cells = {kind: hostile_cells(kind, 3_000, seed=1) for kind in COLUMNS}
    assert list(differences(spark, cells)) == []


def test_a_cell_of_any_length_is_read_in_time(spark: SparkSession) -> None:
    assert list(differences(spark, dict.fromkeys(COLUMNS, BLOWN_UP))) == []


@pytest.mark.parametrize(("kind", "text"), UNREADABLE_CELLS, ids=lambda part: part[:24])
def test_a_cell_beyond_its_type_is_unreadable(spark: SparkSession, kind: str, text: str) -> None:
    assert list(differences(spark, {kind: [text]})) == []
    assert read(text, ColumnSpec.model_validate({"type": kind})) == (None, UNREADABLE)
