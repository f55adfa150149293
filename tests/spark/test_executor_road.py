"""Delivered files copied by tasks of executors are what the driver would have written."""

import gzip
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from creditrisk.contracts import bronze
from creditrisk.deliveries.landing import Landing
from creditrisk.errors import UserError
from creditrisk.stages.etl.bronze import write_bronze
from creditrisk.stages.etl.commit import Written
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery, month
from tests.builders.small_lender import small_portfolio

MONTHS = [month(number) for number in range(3)]


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A folder with a file a month, one with a row too long, one with a blank and an astray row."""
    folder = Path(Delivery(3).write(tmp_path / "landing", monthly=True))
    add(folder, 0, "too,many,cells," + "x," * 9)
    add(folder, 1, ",,,,,")
    add(folder, 1, "someone,2031-05-01,,,,")
    return folder


def add(folder: Path, number: int, line: str) -> None:
    path = folder / "application_form" / f"{month(number)}.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + f"{line}\n".encode()))


def written(root: Path, landing: Path, spark: SparkSession | None) -> Written:
    spec = small_portfolio().sources["form"]
    delivery = Landing(open_store(str(landing)), small_portfolio()).deliveries(MONTHS)["form"]
    assert delivery.spec == spec
    executors = spark.sparkContext if spark else None
    return write_bronze(open_store(str(root)), delivery, MONTHS, executors)


def sums(found: Written) -> dict:
    """Of each month: place in its folder, rows, size and sha256 of the files."""
    return {
        month: [(f.key.rpartition("/")[2], f.rows, f.size, f.sha256) for f in files]
        for month, files in found.files.items()
    }


def test_both_roads_write_the_same_bytes(
    tmp_path: Path, landing: Path, spark: SparkSession
) -> None:
    here, there = written(tmp_path / "a", landing, None), written(tmp_path / "b", landing, spark)
    assert sums(there) == sums(here)
    assert [sum(file.rows for file in here.files[m]) for m in MONTHS] == [7, 7, 6]
    assert there.contract == bronze("form", small_portfolio().sources["form"])


def test_what_a_task_refuses_is_the_line_that_the_driver_says(
    tmp_path: Path, landing: Path, spark: SparkSession
) -> None:
    delivery = Landing(open_store(str(landing)), small_portfolio()).deliveries(MONTHS)["form"]
    add(landing, 2, "one,row,more,after,the,look")
    printed = []
    for name, executors in (("a", None), ("b", spark.sparkContext)):
        with pytest.raises(UserError) as refusal:
            write_bronze(open_store(str(tmp_path / name)), delivery, MONTHS, executors)
        printed.append(str(refusal.value))
    changed = f"application_form/{month(2)}.csv.gz changed while it was read; run the month again"
    assert printed == [changed, changed]
