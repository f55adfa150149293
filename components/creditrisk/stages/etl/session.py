"""The Spark session of this process, started on first use; its settings are in `settings.py`."""

import atexit
import logging
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from creditrisk.errors import UserError
from creditrisk.signals import exit_code
from creditrisk.stages.etl.class_archive import ClassArchive
from creditrisk.stages.etl.cluster import EXECUTORS, on_cluster
from creditrisk.stages.etl.gateway import ending_on_interrupt, launch
from creditrisk.stages.etl.java import find_java, prepare
from creditrisk.stages.etl.settings import CLASS_PATH, JAVA_OPTIONS, conf, nameless
from creditrisk.stages.etl.spark_faults import cause
from creditrisk.storage import Store
from creditrisk.storage.connection import Connection
from creditrisk.storage.location import in_bucket
from creditrisk.temporary_folder import temporary_folder

logger = logging.getLogger("creditrisk.stages.etl")
_FILES, _FEWEST_FILES = 4096, 400  # Java's classes alone are in some 250
_TRUSTED = "javax.net.ssl.trustStore"


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
        allow_files()
        refuse_no_room(os.environ.get("SPARK_LOCAL_DIRS", ""))
        prepare(os.environ, java, local=not remote)
        archive = ClassArchive.of(java, _jars(settings))
        settings[JAVA_OPTIONS] += f' {archive.options()} "-Djava.io.tmpdir={_java_folder()}"'
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    with _starting(settings["spark.driver.memory"]), ending_on_interrupt():
        if SparkContext._gateway is None:
            launch(settings)
        if nameless():
            _give_name()
        session = builder.getOrCreate()
    if archive and (gateway := session.sparkContext._gateway):
        archive.keep_at_exit(gateway.proc)
    if any(in_bucket(store.uri) for store in stores):
        trust(session, Connection.from_environment().authorities)
    if remote:
        _leave_no_executor(session)
    return session


def _jars(settings: Mapping[str, str]) -> list[Path]:
    """All that Java loads classes from."""
    ours = [Path(jar) for jar in settings.get(CLASS_PATH, "").split(":") if jar]
    return [*ours, *Path(os.environ["SPARK_HOME"], "jars").glob("*.jar")]


def _give_name() -> None:
    """Tell Hadoop who this is: it would ask the system, and not start without an answer."""
    assert SparkContext._jvm is not None  # noqa: S101 - `launch` has started it
    users = SparkContext._jvm.org.apache.hadoop.security.UserGroupInformation
    users.setLoginUser(users.createRemoteUser(f"uid-{os.getuid()}"))


def _leave_no_executor(session: SparkSession) -> None:
    """However the task ends, its executors' pods go before it does."""
    atexit.register(session.stop)
    # a run that is ended from outside ends as an exit, with the code a shell would give
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(exit_code(signal.SIGTERM)))


def allow_files() -> None:
    """Let Java open as many files as it may; a `UserError` where those are too few for Spark."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < _FEWEST_FILES:
        raise UserError(
            f"Spark opens {_FEWEST_FILES} files and more, and this account may open {most};"
            " allow it more: ulimit -n 4096"
        )
    if now < _FILES:
        enough = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, enough), most))


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
    home, asked = find_java(), os.environ.get("JAVA_HOME")
    if home is None:
        raise UserError(
            "Spark needs Java 17 or newer; install one (apt install openjdk-17-jre-headless)"
            " or run `make jars` in a clone, which fetches one"
        )
    if asked and Path(asked) != home:
        logger.warning("JAVA_HOME %s holds no Java 17 or newer; using %s", asked, home)
    return home


@cache
def _java_folder() -> Path:
    """What Java keeps on disk: it asks for no TMPDIR, and removes nothing where it is killed."""
    until_exit = ExitStack()
    atexit.register(until_exit.close)
    return until_exit.enter_context(temporary_folder())


def trust(session: SparkSession, authorities: str) -> None:
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
    place = f"{_java_folder() / 'trusted'}"
    out = java.io.FileOutputStream(place)
    trusted.store(out, gateway.new_array(gateway.jvm.char, 1))
    out.close()
    gateway.jvm.System.setProperty(_TRUSTED, place)
