"""Spark's settings: every one once, each with its reason (a cluster's in `cluster.py`)."""

import os
import pwd
import re
import tempfile
from collections.abc import Iterable, Mapping
from importlib import resources

from creditrisk.errors import UserError
from creditrisk.stages.etl.cluster import cluster_conf, on_cluster
from creditrisk.stages.etl.frames import PARTITIONS
from creditrisk.stages.etl.jars import find_jars
from creditrisk.storage import Store
from creditrisk.storage.connection import READ, Connection
from creditrisk.storage.location import in_bucket

SMALL = 100_000  # rows; up to here compiling a query costs more than it saves
# rows; up to here Java's second compiler costs more than it saves (measured: 346,000 rows take
# 127 s of CPU without it and 175 s with it, 3.5 million are no faster without)
MIDDLING = 1_000_000
_LOGGING = resources.files("creditrisk.stages.etl").joinpath("log4j2.properties")
JAVA_OPTIONS, CLASS_PATH = "spark.driver.extraJavaOptions", "spark.driver.extraClassPath"
_MEMORY = "CREDITRISK_SPARK_MEMORY"
_SIZE = re.compile(r"[1-9]\d*[kmgtKMGT]?")


def conf(environ: Mapping[str, str], stores: Iterable[Store], rows: int) -> dict[str, str]:
    """Spark's settings: what always holds, where it runs, what it reads, how much."""
    java = [
        f"-Dlog4j2.configurationFile={_LOGGING}",  # errors only, from the first line on
        "-Duser.language=en",  # elsewhere than on Linux letters' cases would be the user's
        "-XX:+UseParallelGC",  # nobody waits for a pause: a tenth less CPU than G1 takes
        "-XX:ReservedCodeCacheSize=240m",  # 48 MB with one compiler: full after ten months
    ]
    if rows <= MIDDLING:
        java.append("-XX:TieredStopAtLevel=1")  # the second compiler has no time to pay off
    if nameless():
        java.append(f"-Duser.home={tempfile.gettempdir()}")  # Java's own guess is `?`
    return (
        _always()
        | {"spark.driver.memory": _memory(environ)}
        | (cluster_conf(environ) if on_cluster(environ, rows) else _local())
        | _filesystems(stores)
        | _size(rows)
        | {JAVA_OPTIONS: " ".join(java)}
    )


def _always() -> dict[str, str]:
    return {
        "spark.app.name": "creditrisk",
        "spark.sql.session.timeZone": "UTC",  # a month is the same month everywhere
        # tasks in Python import nothing of the folder they are started in
        "spark.executorEnv.PYTHONSAFEPATH": "1",
        # `lower` as Java has it: ICU's tables take a second to load in each process
        "spark.sql.icu.caseMappings.enabled": "false",
        "spark.sql.caseSensitive": "true",  # a delivered Age and our own age are two columns
        "spark.sql.legacy.javaCharsets": "true",  # windows-1252 is what Excel writes
        # files are named one by one: listing them by a Spark job costs more than it saves
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        "spark.sql.files.maxRecordsPerFile": "5000000",  # about 500 MB of a wide table
        # a manifest is the commit, a marker file would only be one more object
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        # nobody reads how Spark describes a plan; to write it took a fortieth of a month
        "spark.sql.ui.explainMode": "simple",
        "spark.ui.showConsoleProgress": "false",  # progress is ours to print
    }


def _memory(environ: Mapping[str, str]) -> str:
    given = environ.get(_MEMORY) or "2g"
    if not _SIZE.fullmatch(given):
        raise UserError(f"{_MEMORY} is '{given}', not a size such as 4g")
    return given


def _local() -> dict[str, str]:
    return {
        "spark.master": "local[*]",
        "spark.driver.bindAddress": "127.0.0.1",  # nobody else has business with this driver
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",  # a port, and a second to start
    }


def _size(rows: int) -> dict[str, str]:
    compiled = rows > SMALL  # measured: a reference month takes 27 s of CPU against 53 s
    return {
        # few rows meet in one task: no shuffle to plan, none to adapt, no join worth a broadcast
        "spark.sql.adaptive.enabled": str(compiled).lower(),
        "spark.sql.autoBroadcastJoinThreshold": "10MB" if compiled else "-1",
        "spark.sql.codegen.wholeStage": str(compiled).lower(),
        "spark.sql.codegen.factoryMode": "FALLBACK" if compiled else "NO_CODEGEN",
        # Java compiles no method longer than this, and a cleaned row's would be: split it
        "spark.sql.codegen.hugeMethodLimit": "8000",
        # and with the columns of a wide table it would not fit a class at all
        "spark.sql.codegen.maxFields": "60",
        # a task's months are written side by side, where they would be sorted first
        "spark.sql.maxConcurrentOutputFileWriters": "32" if compiled else "0",
        # a task of ten rows costs as much as one of ten thousand
        # held rows are read again at once: to look for how they compress costs more
        "spark.sql.inMemoryColumnarStorage.compressed": str(compiled).lower(),
        PARTITIONS: str(max(2, rows // 250_000) if compiled else 1),
    }


def _filesystems(stores: Iterable[Store]) -> dict[str, str]:
    if not any(in_bucket(store.uri) for store in stores):
        # the checksum files Hadoop puts beside each file say less than our manifests' sha256;
        # with S3 it needs the class that writes them, for its buffers on disk
        return {"spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}
    jars, server = ":".join(map(str, find_jars())), Connection.from_environment()
    return {
        CLASS_PATH: jars,  # not spark.jars, which copies 650 MB at each start
        "spark.executor.extraClassPath": jars,
        "spark.hadoop.fs.s3a.endpoint": server.endpoint,  # its scheme decides on TLS
        "spark.hadoop.fs.s3a.endpoint.region": server.region,  # else the SDK asks around for one
        "spark.hadoop.fs.s3a.path.style.access": "true",  # no DNS name per bucket
        # AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: no key in a setting, a log or a page
        "spark.hadoop.fs.s3a.aws.credentials.provider": (
            "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider"
        ),
        # a server that hangs costs 30 s, not 200; one that is away is tried again after 1, 2, 4, 8
        # and 16 s, at each of the ten steps in which a job is undone: not to the end, because
        # `spark_faults` ends Java once our own client has given up (`connection.PATIENCE`)
        "spark.hadoop.fs.s3a.connection.timeout": f"{READ:.0f}s",
        "spark.hadoop.fs.s3a.retry.limit": "5",
        "spark.hadoop.fs.s3a.attempts.maximum": "1",  # the SDK would try each attempt five times
        # a task's files are uploads that the job completes at its end: nothing is renamed,
        # which on S3 means copied, and a job that dies leaves nothing to see
        "spark.hadoop.fs.s3a.committer.name": "magic",
        "spark.sql.sources.commitProtocolClass": (
            "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"
        ),
        "spark.sql.parquet.output.committer.class": (
            "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"
        ),
    }


def nameless() -> bool:
    """Whether the system knows no name for this account, as for a container's arbitrary one."""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return True
    return False
