"""Spark processes that are killed or race, and a reader that looks all the time.

`make bench-crash` does the same at fifty moments.
"""

import threading
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession

from bench.crash import Tally, build, contents, crash, run
from bench.reader_beside import FEATURES, Reader
from creditrisk.lake import Lake
from creditrisk.storage import open_store
from tests.builders.deliveries import Delivery, month

MONTHS, KILLS, SEED = 2, 4, 1
SOON = 6.0  # seconds: no machine starts Java and builds two months within


def test_an_etl_killed_and_started_again_ends_as_if_nothing_had_been(
    spark: SparkSession, tmp_path: Path
) -> None:
    landing = Delivery(MONTHS).write(tmp_path / "landing")
    undisturbed = (tmp_path / "undisturbed").as_uri()
    build(undisturbed, landing, "backfill", MONTHS)
    tally, rng = Tally(MONTHS), np.random.default_rng(SEED)
    expected = contents(open_store(undisturbed))
    crash((tmp_path / "killed").as_uri(), landing, expected, tally, rng, SOON, KILLS)
    assert tally.kills > 0
    assert tally.polls > 100
    assert tally.faults == []
    assert tally.unequal == []


def test_two_runs_of_one_month_end_in_one_commit_of_each_table(
    spark: SparkSession, tmp_path: Path
) -> None:
    landing, uri = Delivery(1).write(tmp_path / "landing"), (tmp_path / "store").as_uri()
    other = threading.Thread(target=run, args=(uri, landing, "months", 1))
    with Reader(open_store(uri)) as reader:
        other.start()
        while other.is_alive() and not list(open_store(uri).keys("lake/")):
            reader.look()  # until it writes
        build(uri, landing, "months", 1)
        other.join()
    assert reader.faults == []
    lake = Lake(open_store(uri))
    found = [lake.versions(key.split(" ")[0], month(0)) for key in contents(lake.store)]
    assert {len(versions) for versions in found} == {1}
    assert lake.need(FEATURES, month(0)).rows == 6
