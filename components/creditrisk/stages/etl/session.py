"""The Spark session: every setting once, each with its reason (a cluster's in `cluster.py`)."""

import atexit
import logging
import os
import pwd
import re
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from creditrisk.errors import UserError
from creditrisk.stages.etl.authorities import trust
from creditrisk.stages.etl.class_archive import ClassArchive
from creditrisk.stages.etl.cluster import EXECUTORS, cluster_conf, on_cluster
from creditrisk.stages.etl.frames import PARTITIONS
from creditrisk.stages.etl.gateway import ending_on_interrupt, launch
from creditrisk.stages.etl.jars import find_jars
from creditrisk.stages.etl.java import find_java, prepare
from creditrisk.stages.etl.spark_faults import cause
from creditrisk.storage import Store
from creditrisk.storage.connection import READ, Connection
from creditrisk.storage.location import in_bucket

SMALL = 100_000  # rows; up to here compiling a query costs more than it saves
# rows; up to here Java's second compiler costs more than it saves (measured: 346,000 rows take
# 127 s of CPU without it and 175 s with it, 3.5 million are no faster without)
MIDDLING = 1_000_000
_LOGGING = resources.files("creditrisk.stages.etl").joinpath("log4j2.properties")
_JAVA_OPTIONS, _CLASS_PATH = "spark.driver.extraJavaOptions", "spark.driver.extraClassPath"
_MEMORY = "CREDITRISK_SPARK_MEMORY"
_SIZE = re.compile(r"[1-9]\d*[kmgtKMGT]?")
logger = logging.getLogger("creditrisk.stages.etl")


def spark_session(*stores: Store, rows: int = 0, alone: bool = False) -> SparkSession:
    """The session of this process, started on first use (6 s or more), set for so many rows.

    `stores`: all it reads and writes. `alone`: no executors, whatever the rows. A `UserError`
    says what is missing when this machine has no Java for it, or no jars for `s3://`.
    """
    environ = os.environ | ({EXECUTORS: "0"} if alone else {})
    remote, settings = on_cluster(environ, rows), conf(environ, stores, rows)
    archive = None
    if SparkContext._active_spark_context is None:
        java = _java()
        refuse_no_room(os.environ.get("SPARK_LOCAL_DIRS", ""))
        prepare(os.environ, java, local=not remote)
        archive = ClassArchive.of(java, _jars(settings))
        settings[_JAVA_OPTIONS] += f" {archive.options()}"
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    with _starting(settings["spark.driver.memory"]), ending_on_interrupt():
        if SparkContext._gateway is None:
            launch(settings)
        if _nameless():
            _give_name()
        session = builder.getOrCreate()
    if archive and (gateway := session.sparkContext._gateway):
        archive.keep_at_exit(gateway.proc)
    if any(in_bucket(store.uri) for store in stores):
        trust(session, Connection.from_environment().authorities)
    if remote:
        _leave_no_executor(session)
    return session


def conf(environ: Mapping[str, str], stores: Iterable[Store], rows: int) -> dict[str, str]:
    """Spark's settings: what always holds, where it runs, what it reads, how much."""
    java = [
        f"-Dlog4j2.configurationFile={_LOGGING}",  # errors only, from the first line on
        "-Duser.language=en",  # elsewhere than on Linux letters' cases would be the user's
        "-XX:ReservedCodeCacheSize=240m",  # 48 MB with one compiler: full after ten months
    ]
    if rows <= MIDDLING:
        java.append("-XX:TieredStopAtLevel=1")  # the second compiler has no time to pay off
    if _nameless():
        java.append(f"-Duser.home={tempfile.gettempdir()}")  # Java's own guess is `?`
    return (
        _always()
        | {"spark.driver.memory": _memory(environ)}
        | (cluster_conf(environ) if on_cluster(environ, rows) else _local())
        | _filesystems(stores)
        | _size(rows)
        | {_JAVA_OPTIONS: " ".join(java)}
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
        PARTITIONS: str(max(2, rows // 250_000) if compiled else 1),
    }


def _filesystems(stores: Iterable[Store]) -> dict[str, str]:
    if not any(in_bucket(store.uri) for store in stores):
        # the checksum files Hadoop puts beside each file say less than our manifests' sha256;
        # with S3 it needs the class that writes them, for its buffers on disk
        return {"spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}
    jars, server = ":".join(map(str, find_jars())), Connection.from_environment()
    return {
        _CLASS_PATH: jars,  # not spark.jars, which copies 650 MB at each start
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


def _jars(settings: Mapping[str, str]) -> list[Path]:
    """All that Java loads classes from."""
    ours = [Path(jar) for jar in settings.get(_CLASS_PATH, "").split(":") if jar]
    return [*ours, *Path(os.environ["SPARK_HOME"], "jars").glob("*.jar")]


def _nameless() -> bool:
    """Whether the system knows no name for this account, as for a container's arbitrary one."""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return True
    return False


def _give_name() -> None:
    """Tell Hadoop who this is: it would ask the system, and not start without an answer."""
    assert SparkContext._jvm is not None  # noqa: S101 - `launch` has started it
    users = SparkContext._jvm.org.apache.hadoop.security.UserGroupInformation
    users.setLoginUser(users.createRemoteUser(f"uid-{os.getuid()}"))


def _leave_no_executor(session: SparkSession) -> None:
    """However the task ends, its executors' pods go before it does."""
    atexit.register(session.stop)
    # a run that is ended from outside ends as an exit, with the code a shell would give
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def refuse_no_room(folders: str) -> None:
    """`UserError` where none of the folders given can be made: Spark would end, and not say why."""
    refused = []
    for place in filter(None, map(str.strip, folders.split(","))):
        try:
            Path(place).mkdir(parents=True, exist_ok=True)
            return
        except OSError as error:
            refused.append(f"{place} ({error.strerror})")
    if refused:
        what = ", ".join(refused)
        raise UserError(f"SPARK_LOCAL_DIRS: no folder can be made at {what}; name another place")


@contextmanager
def _starting(memory: str) -> Iterator[None]:
    try:
        yield
    except (PySparkException, Py4JError, OSError) as error:  # Java has ended, or says why not
        raise UserError(
            f"Spark does not start on {os.environ['JAVA_HOME']} with {memory} of memory"
            f" ({cause(error)}); creditrisk doctor looks at what it needs"
        ) from None


def _java() -> Path:
    home, text = find_java(), os.environ.get("JAVA_HOME")
    if home is None:
        raise UserError(
            "Spark needs Java 17 or newer; install one (apt install openjdk-17-jre-headless)"
            " or run `make jars` in a clone, which fetches one"
        )
    if text and Path(text) != home:
        logger.warning("JAVA_HOME %s holds no Java 17 or newer; using %s", text, home)
    return home
