"""Rows that repeat a key are found alike, whether all rows are sorted or only those in question."""

from datetime import date

import numpy as np
import pytest
from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.stages.etl.frames import MONTH
from creditrisk.stages.etl.quarantine import CONFLICT, COPY, REASON, among_many, with_reason
from creditrisk.stages.etl.silver import check
from tests.builders.small_lender import small_portfolio

JANUARY = date(2023, 1, 1)


def delivered(seed: int) -> list[dict[str, object]]:
    """Events of three customers on some days: copies, conflicts, and rows set aside before."""
    random = np.random.default_rng(seed)
    who, file, pages = (random.choice([*texts], 90).tolist() for texts in ("abc ", "fg", "112"))
    days = random.integers(1, 29, 90).tolist()
    return [
        {"client": who[n], "month": f"2023-01-{days[n]:02}", "pages": pages[n], "noise": "1"}
        | {"source_file": file[n], "source_row": n, MONTH: JANUARY}
        for n in range(90)
    ]


@pytest.mark.parametrize("most", [1_000_000, 3, 0])
def test_of_many_rows_the_same_are_set_aside_as_of_few(spark: SparkSession, most: int) -> None:
    spec = small_portfolio().sources["visits"]
    silver, bronze = contracts.silver("visits", spec), contracts.bronze("visits", spec)
    rows = spark.createDataFrame(delivered(most + 7), f"{bronze.ddl}, {MONTH} DATE")
    few = check("visits", spec, rows).rows
    many = among_many(silver, with_reason(silver, few.drop(REASON)), most)
    of_few, of_many = ({r.source_row: r[REASON] for r in f.collect()} for f in (few, many))
    assert of_many == of_few
    assert len(of_few) == 90
    assert {COPY, CONFLICT, "no customer_id", None} <= {*of_few.values()}


def test_rows_that_repeat_nothing_are_left_as_they_are(spark: SparkSession) -> None:
    spec = small_portfolio().sources["visits"]
    silver, bronze = contracts.silver("visits", spec), contracts.bronze("visits", spec)
    alone = [row | {"client": f"{row['source_row']}"} for row in delivered(1)]
    rows = spark.createDataFrame(alone, f"{bronze.ddl}, {MONTH} DATE")
    few = check("visits", spec, rows).rows
    many = among_many(silver, with_reason(silver, few.drop(REASON)))
    assert {row[REASON] for row in many.collect()} == {None}
