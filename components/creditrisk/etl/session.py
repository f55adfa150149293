"""The Spark session: every setting once, each with its reason."""

import os
import sys
from collections.abc import Mapping
from importlib import resources

from pyspark.sql import SparkSession

from creditrisk.errors import UserError
from creditrisk.etl.java import find_java
from creditrisk.storage import Store

_LOGGING = resources.files("creditrisk.etl").joinpath("log4j2.properties")
_MEMORY = "CREDITRISK_SPARK_MEMORY"


def spark_session(store: Store) -> SparkSession:
    """The session of this process, started on first use (6 s or more).

    A `UserError` says what is missing when this machine has no Java for it.
    """
    _prepare(os.environ)
    builder = SparkSession.builder
    for key, value in conf(os.environ, store).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def conf(environ: Mapping[str, str], store: Store) -> dict[str, str]:
    """Spark's settings for this place: what always holds, then where it runs and what it reads."""
    return _always() | _local(environ) | _store(store)


def _always() -> dict[str, str]:
    one_file = str(128 * 1024 * 1024)
    return {
        "spark.app.name": "creditrisk",
        "spark.sql.session.timeZone": "UTC",  # a month is the same month everywhere
        "spark.sql.caseSensitive": "true",  # a delivered Age and our own age are two columns
        # opening a file costs as much as a full split, so that no task reads two delivered
        # files and a row's number in its file is its number in the task
        "spark.sql.files.maxPartitionBytes": one_file,
        "spark.sql.files.openCostInBytes": one_file,
        # `month=2024-01-01` in a path stays text
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        # files are named one by one: listing them by a Spark job costs more than it saves
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        "spark.sql.files.maxRecordsPerFile": "5000000",  # about 500 MB of a wide table
        # a manifest is the commit, a marker file would only be one more object
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        "spark.ui.showConsoleProgress": "false",  # progress is ours to print
        "spark.pyspark.python": sys.executable,  # the default is whatever python3 is on PATH
    }


def _local(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        "spark.master": "local[*]",
        "spark.driver.bindAddress": "127.0.0.1",  # nobody else has business with this driver
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",  # a port, and a second to start
        "spark.driver.memory": environ.get(_MEMORY, "2g"),
        # errors only, and from the first line on (`spark.log.level` announces itself)
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING}",
        "spark.sql.shuffle.partitions": "8",  # adaptive execution merges the small ones
    }


def _store(store: Store) -> dict[str, str]:
    if store.uri.startswith("file://"):
        # the checksum files Hadoop puts beside each file say less than our manifests' sha256
        return {"spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}
    raise UserError(
        f"Spark reads and writes file:// stores so far, not {store.uri}; set CREDITRISK_STORE"
    )


def _prepare(environ: Mapping[str, str]) -> None:
    if not environ.get("JAVA_HOME"):
        home = find_java()
        if home is None:
            raise UserError(
                "Spark needs Java 17 or newer; install one (apt install openjdk-17-jre-headless)"
                " or run `python -m creditrisk.etl.java`, which fetches one"
            )
        os.environ["JAVA_HOME"] = str(home)
