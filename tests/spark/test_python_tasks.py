"""What Spark's tasks in Python run in."""

import os
import sys

from pyspark.sql import SparkSession


def test_they_run_in_this_python_and_import_nothing_of_the_folder_they_are_started_in(
    spark: SparkSession,
) -> None:
    asked = spark.sparkContext.parallelize([1], 1).map(
        lambda _: (sys.executable, bool(sys.flags.safe_path))
    )
    assert asked.collect() == [(sys.executable, True)]
    assert "PYTHONSAFEPATH" not in os.environ  # what else this process starts may do so
