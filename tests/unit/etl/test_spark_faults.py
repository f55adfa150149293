"""What of Java's traces becomes one line; no Spark runs here."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark import SparkContext

from creditrisk.errors import UserError
from creditrisk.stages.etl import spark_faults
from creditrisk.stages.etl.spark_faults import answering
from creditrisk.storage import AwayError
from creditrisk.storage.file import FileStore

TRACE = """An error occurred while calling o1.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:1)
Caused by: {}
\t... 14 more
"""


class Bucket(FileStore):
    """A bucket whose server answers our own client with a text, or not at all."""

    def __init__(self, root, text="", kind=UserError):
        super().__init__(root)
        self.uri, self.printed, self.kind = "s3://lake/p", text, kind

    def tag(self, key):
        if self.printed:
            raise self.kind(self.printed)


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ("java.io.IOException: No space left on device", "free some space, or set SPARK_LOCAL"),
        ("java.io.IOException: Disk quota exceeded", "free some space"),
        ("java.nio.file.FileSystemException: /x: Read-only file system", "let this account write"),
        ("java.io.FileNotFoundException: /x (Permission denied)", "let this account write there"),
        ("java.lang.OutOfMemoryError: Java heap space", "set CREDITRISK_SPARK_MEMORY"),
        ("java.io.FileNotFoundException: /x (Too many open files)", "ulimit -n"),
    ],
)
def test_what_the_machine_refuses_is_said_with_the_next_move(cause, text, tmp_path):
    with pytest.raises(UserError, match=text) as error, answering(FileStore(tmp_path)):
        raise Py4JError(TRACE.format(cause))
    assert "\n" not in str(error.value)
    assert cause in str(error.value)


@pytest.mark.parametrize(
    "error", [Py4JNetworkError("Answer from Java side is empty"), ConnectionRefusedError()]
)
def test_a_java_that_has_ended_is_one_line(error, tmp_path):
    with pytest.raises(UserError, match="Java ended while Spark"), answering(FileStore(tmp_path)):
        raise error


REFUSED = TRACE.format("software.amazon.awssdk.services.s3.model.S3Exception: (Status Code: 403)")


def test_a_server_that_refuses_our_client_too_is_heard_in_its_words(tmp_path):
    store = Bucket(tmp_path, "s3://lake/p: host refused the keys (ExpiredToken)")
    with pytest.raises(UserError, match="ExpiredToken"), answering(FileStore(tmp_path), store):
        raise Py4JError(REFUSED)


def test_one_that_refuses_spark_alone_is_named_with_the_cause(tmp_path):
    text = r"s3://lake/p: software.*403\); nothing of it is committed"
    with pytest.raises(UserError, match=text), answering(Bucket(tmp_path)):
        raise Py4JError(REFUSED)


def test_a_server_that_went_away_is_named(tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "k")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    text = "minio:9000 went away while Spark worked"
    with pytest.raises(UserError, match=text), answering(Bucket(tmp_path)):
        raise Py4JError(TRACE.format("java.net.ConnectException: Connection refused"))


def test_a_fault_of_ours_keeps_its_trace(tmp_path):
    with pytest.raises(Py4JError), answering(FileStore(tmp_path)):
        raise Py4JError(TRACE.format("java.lang.IllegalStateException: no such column"))


@pytest.fixture
def java(monkeypatch):
    """A process in Java's place, and a watch that looks often."""
    monkeypatch.setattr(spark_faults, "_LOOK", 0.01)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as java:
        monkeypatch.setattr(SparkContext, "_gateway", SimpleNamespace(proc=java))
        yield java


def test_a_server_that_our_client_gave_up_ends_java_and_is_named(java, tmp_path):
    store = Bucket(tmp_path, "s3://lake/p: minio:9000 does not answer", AwayError)
    text = "minio:9000 does not answer; nothing of it is committed: run it again"
    with pytest.raises(AwayError, match=text), answering(store):
        java.wait(10)  # as Spark's client would, which hears nothing of the server
        raise Py4JNetworkError


def test_a_server_that_answers_or_refuses_leaves_java_alone(java, tmp_path):
    for text in ("", "s3://lake/p: host refused the keys"):
        with answering(Bucket(tmp_path, text)), pytest.raises(subprocess.TimeoutExpired):
            java.wait(0.2)
