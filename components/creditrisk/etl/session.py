"""The Spark session: every setting once, each with its reason."""

import os
import sys
from collections.abc import Mapping
from importlib import resources

from pyspark.sql import SparkSession

from creditrisk.errors import UserError
from creditrisk.etl.java import find_java
from creditrisk.storage import Store

SMALL = 100_000  # rows; up to here compiling a query costs more than it saves
_LOGGING = resources.files("creditrisk.etl").joinpath("log4j2.properties")
_MEMORY = "CREDITRISK_SPARK_MEMORY"


def spark_session(store: Store, rows: int = 0) -> SparkSession:
    """The session of this process, started on first use (6 s or more), set for so many rows.

    A `UserError` says what is missing when this machine has no Java for it.
    """
    _find_java()
    builder = SparkSession.builder
    for key, value in conf(os.environ, store, rows).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def conf(environ: Mapping[str, str], store: Store, rows: int) -> dict[str, str]:
    """Spark's settings: what always holds, where it runs, what it reads, how much."""
    java = [f"-Dlog4j2.configurationFile={_LOGGING}"]  # errors only, from the first line on
    if rows <= SMALL:
        java.append("-XX:TieredStopAtLevel=1")  # the second compiler has no time to pay off
    return (
        _always()
        | _local(environ)
        | _store(store)
        | _size(rows)
        | {"spark.driver.extraJavaOptions": " ".join(java)}
    )


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
        # `committed_month=2024-01-01` in a path stays text
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
        "spark.sql.shuffle.partitions": "8",  # adaptive execution merges the small ones
    }


def _size(rows: int) -> dict[str, str]:
    compiled = rows > SMALL  # measured: a reference month takes 27 s of CPU against 53 s
    return {
        "spark.sql.codegen.wholeStage": str(compiled).lower(),
        "spark.sql.codegen.factoryMode": "FALLBACK" if compiled else "NO_CODEGEN",
    }


def _store(store: Store) -> dict[str, str]:
    if store.uri.startswith("file://"):
        # the checksum files Hadoop puts beside each file say less than our manifests' sha256
        return {"spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}
    raise UserError(
        f"Spark reads and writes file:// stores so far, not {store.uri}; set CREDITRISK_STORE"
    )


def _find_java() -> None:
    if os.environ.get("JAVA_HOME"):
        return
    home = find_java()
    if home is None:
        raise UserError(
            "Spark needs Java 17 or newer; install one (apt install openjdk-17-jre-headless)"
            " or run `python -m creditrisk.etl.java`, which fetches one"
        )
    os.environ["JAVA_HOME"] = str(home)
