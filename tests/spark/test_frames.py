"""Files of a table, read by Spark: each once, whatever its folder is called."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from creditrisk.contracts import LABELS
from creditrisk.stages.etl.frames import MONTH, table, table_by_folder
from creditrisk.storage.file import FileStore
from tests.builders.deliveries import month


@pytest.mark.parametrize("name", ["plain", "data[1]", "{a,b}", "a*?", "back\\slash"])
def test_each_file_is_read_once(name: str, tmp_path: Path, spark: SparkSession) -> None:
    """A folder of another name, which the first would stand for as a pattern, is not read."""
    keys = [f"{MONTH}={month(number)}/part-0.parquet" for number in range(3)]
    row = dict.fromkeys(LABELS.names)
    for folder in (name, "data1", "a", "abc"):
        for key in keys:
            path = tmp_path / folder / key
            path.parent.mkdir(parents=True)
            pq.write_table(LABELS.arrow.empty_table().from_pylist([row], LABELS.arrow), path)
    uris = list(map(FileStore(tmp_path / name).spark_uri, keys))
    assert table(spark, LABELS, uris).count() == len(keys)
    months = table_by_folder(spark, LABELS, uris).select(MONTH).collect()
    assert sorted(row[0] for row in months) == [month(number) for number in range(3)]
