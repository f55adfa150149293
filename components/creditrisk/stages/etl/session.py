"""The Spark session: every setting once, each with its reason (a cluster's in `cluster.py`)."""

import atexit
import logging
import os
import pwd
import re
import shutil
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
from creditrisk.stages.etl.cluster import EXECUTORS, cluster_conf, on_cluster
from creditrisk.stages.etl.gateway import end_on_interrupt, launch
from creditrisk.stages.etl.jars import find_jars
from creditrisk.stages.etl.java import find_java, prepare
from creditrisk.stages.etl.spark_faults import cause
from creditrisk.storage import Store
from creditrisk.storage.connection import Connection

SMALL = 100_000  # rows; up to here compiling a query costs more than it saves
_LOGGING = resources.files("creditrisk.stages.etl").joinpath("log4j2.properties")
_MEMORY = "CREDITRISK_SPARK_MEMORY"
_TRUSTED = "javax.net.ssl.trustStore"
_SIZE = re.compile(r"[1-9]\d*[kmgtKMGT]?")
logger = logging.getLogger("creditrisk.stages.etl")


def spark_session(*stores: Store, rows: int = 0, alone: bool = False) -> SparkSession:
    """The session of this process, started on first use (6 s or more), set for so many rows.

    `stores`: all it reads and writes. `alone`: no executors, whatever the rows. A `UserError`
    says what is missing when this machine has no Java for it, or no jars for `s3://`.
    """
    environ = os.environ | ({EXECUTORS: "0"} if alone else {})
    remote, settings = on_cluster(environ, rows), conf(environ, stores, rows)
    if SparkContext._active_spark_context is None:
        prepare(os.environ, _java(), local=not remote)
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    with _starting(settings["spark.driver.memory"]):
        if SparkContext._gateway is None:
            launch(settings)
        if _nameless():
            _give_name()
        session = builder.getOrCreate()
        end_on_interrupt()
    if any(map(_in_bucket, stores)):
        _trust(session, Connection.from_environment().authorities)
    if remote:
        _leave_no_executor(session)
    return session


def conf(environ: Mapping[str, str], stores: Iterable[Store], rows: int) -> dict[str, str]:
    """Spark's settings: what always holds, where it runs, what it reads, how much."""
    java = [
        f"-Dlog4j2.configurationFile={_LOGGING}",  # errors only, from the first line on
        "-XX:ReservedCodeCacheSize=240m",  # 48 MB with one compiler: full after ten months
    ]
    if rows <= SMALL:
        java.append("-XX:TieredStopAtLevel=1")  # the second compiler has no time to pay off
    if _nameless():
        java.append(f"-Duser.home={tempfile.gettempdir()}")  # Java's own guess is `?`
    return (
        _always()
        | {"spark.driver.memory": _memory(environ)}
        | (cluster_conf(environ) if on_cluster(environ, rows) else _local())
        | _filesystems(stores)
        | _size(rows)
        | {"spark.driver.extraJavaOptions": " ".join(java)}
    )


def _always() -> dict[str, str]:
    one_file = str(128 * 1024 * 1024)
    return {
        "spark.app.name": "creditrisk",
        "spark.sql.session.timeZone": "UTC",  # a month is the same month everywhere
        "spark.sql.caseSensitive": "true",  # a delivered Age and our own age are two columns
        "spark.sql.legacy.javaCharsets": "true",  # windows-1252 is what Excel writes
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
        "spark.sql.codegen.wholeStage": str(compiled).lower(),
        "spark.sql.codegen.factoryMode": "FALLBACK" if compiled else "NO_CODEGEN",
        # Java compiles no method longer than this, and a cleaned row's would be: split it
        "spark.sql.codegen.hugeMethodLimit": "8000",
        # a task of ten rows costs as much as one of ten thousand
        "spark.sql.shuffle.partitions": str(max(2, rows // 250_000)),
    }


def _filesystems(stores: Iterable[Store]) -> dict[str, str]:
    if not any(map(_in_bucket, stores)):
        # the checksum files Hadoop puts beside each file say less than our manifests' sha256;
        # with S3 it needs the class that writes them, for its buffers on disk
        return {"spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}
    jars, server = ":".join(map(str, find_jars())), Connection.from_environment()
    return {
        "spark.driver.extraClassPath": jars,  # not spark.jars, which copies 650 MB at each start
        "spark.executor.extraClassPath": jars,
        "spark.hadoop.fs.s3a.endpoint": server.endpoint,  # its scheme decides on TLS
        "spark.hadoop.fs.s3a.endpoint.region": server.region,  # else the SDK asks around for one
        "spark.hadoop.fs.s3a.path.style.access": "true",  # no DNS name per bucket
        # AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: no key in a setting, a log or a page
        "spark.hadoop.fs.s3a.aws.credentials.provider": (
            "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider"
        ),
        # a server that hangs costs 30 s, not 200 (as in storage/s3.py); one that is away is tried
        # again for 8 s, and for as long at each of the ten steps in which a job is undone
        "spark.hadoop.fs.s3a.connection.timeout": "30s",
        "spark.hadoop.fs.s3a.retry.limit": "4",
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


def _in_bucket(store: Store) -> bool:
    return store.uri.startswith("s3://")


def _trust(session: SparkSession, authorities: str) -> None:
    """Let Java trust the authorities of a PEM file, which it takes in a form of its own only."""
    gateway = session.sparkContext._gateway
    if not authorities or gateway is None or gateway.jvm.System.getProperty(_TRUSTED):
        return
    java = gateway.jvm.java
    factory = java.security.cert.CertificateFactory.getInstance("X.509")
    trusted = java.security.KeyStore.getInstance("JKS")  # read without its password, unlike PKCS12
    trusted.load(None, None)
    for number, found in enumerate(
        factory.generateCertificates(java.io.FileInputStream(authorities))
    ):
        trusted.setCertificateEntry(str(number), found)
    place = Path(tempfile.mkdtemp(prefix="creditrisk-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    out = java.io.FileOutputStream(str(place / "trusted"))
    trusted.store(out, gateway.new_array(gateway.jvm.char, 1))
    out.close()
    gateway.jvm.System.setProperty(_TRUSTED, str(place / "trusted"))


def _leave_no_executor(session: SparkSession) -> None:
    """However the task ends, its executors' pods go before it does."""
    atexit.register(session.stop)
    # a run that is ended from outside ends as an exit, with the code a shell would give
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


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
