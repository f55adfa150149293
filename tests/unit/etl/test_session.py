"""What Spark is told for a store and an environment; no Spark starts here."""

import os
import pickle
import resource

import pytest

from creditrisk.errors import UserError
from creditrisk.stages.etl import jars, session
from creditrisk.stages.etl.session import allow_files, refuse_no_room
from creditrisk.stages.etl.settings import MIDDLING, SMALL, conf
from creditrisk.storage import open_store
from creditrisk.storage.connection import Connection
from creditrisk.storage.s3 import S3Store

S3 = {"AWS_ENDPOINT_URL": "https://s3.example:9000", "AWS_REGION": "eu-west-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "the-access-key", "AWS_SECRET_ACCESS_KEY": "the-secret-key"}


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A store on S3 that nobody has to answer for, and the jars for it."""
    for name, value in (S3 | KEYS).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CREDITRISK_SPARK_JARS", str(tmp_path))
    for coordinate in jars.JARS:
        _, artifact, version = coordinate.split(":")
        (tmp_path / f"{artifact}-{version}.jar").touch()
    return S3Store(Connection.from_environment(), "lake", "prefix")


@pytest.fixture
def disk(tmp_path):
    return open_store(str(tmp_path))


def test_a_disk_needs_no_jar_and_no_server(disk):
    found = conf({}, [disk], 0)
    assert found["spark.hadoop.fs.file.impl"] == "org.apache.hadoop.fs.RawLocalFileSystem"
    assert not [key for key in found if "s3a" in key or "ClassPath" in key or "ommit" in key[:30]]


def test_a_bucket_gets_jars_server_and_the_magic_committer(bucket, tmp_path):
    found = conf({}, [bucket], 0)
    path = found["spark.driver.extraClassPath"].split(":")
    assert len(path) == len(jars.JARS)
    assert all(jar.startswith(f"{tmp_path}/") for jar in path)
    assert found["spark.executor.extraClassPath"] == found["spark.driver.extraClassPath"]
    assert found["spark.hadoop.fs.s3a.endpoint"] == "https://s3.example:9000"
    assert found["spark.hadoop.fs.s3a.endpoint.region"] == "eu-west-1"
    assert found["spark.hadoop.fs.s3a.path.style.access"] == "true"
    assert found["spark.hadoop.fs.s3a.committer.name"] == "magic"
    assert found["spark.sql.sources.commitProtocolClass"].endswith("PathOutputCommitProtocol")
    assert found["spark.sql.parquet.output.committer.class"].endswith(
        "BindingParquetOutputCommitter"
    )
    # its buffers on disk need Hadoop's own local filesystem
    assert "spark.hadoop.fs.file.impl" not in found


def test_deliveries_in_a_bucket_are_enough_to_need_them(bucket, disk):
    assert conf({}, [disk, bucket], 0)["spark.hadoop.fs.s3a.endpoint"] == S3["AWS_ENDPOINT_URL"]


def test_no_key_stands_in_a_setting(bucket):
    text = " ".join(conf({}, [bucket], 0).values())
    assert not [key for key in KEYS.values() if key in text]


def test_a_store_is_sent_to_executors_without_its_keys(bucket):
    sent = pickle.dumps(bucket)
    assert b"prefix" in sent
    assert not [key for key in KEYS.values() if key.encode() in sent]


def test_missing_jars_are_named_before_spark_starts(bucket, tmp_path):
    next(tmp_path.glob("hadoop-aws-*")).unlink()
    with pytest.raises(UserError, match=r"hadoop-aws-.* run `make jars`"):
        conf({}, [bucket], 0)


def test_memory_is_the_environment_s_to_say(disk):
    assert conf({"CREDITRISK_SPARK_MEMORY": "6g"}, [disk], 0)["spark.driver.memory"] == "6g"


@pytest.mark.parametrize("text", ["lots", "2 g", "0", "-1g", "1.5g"])
def test_memory_that_is_no_size_is_named(text, disk):
    with pytest.raises(UserError, match=f"CREDITRISK_SPARK_MEMORY is '{text}', not a size such"):
        conf({"CREDITRISK_SPARK_MEMORY": text}, [disk], 0)


def test_a_java_home_without_a_java_gives_way_and_is_named(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("JAVA_HOME", "/nonexistent")
    monkeypatch.setattr(session, "find_java", lambda: tmp_path)
    assert session._java() == tmp_path
    assert "JAVA_HOME /nonexistent holds no Java 17 or newer; using" in caplog.text


def test_a_machine_without_a_java_is_one_line(monkeypatch):
    monkeypatch.setattr(session, "find_java", lambda: None)
    with pytest.raises(UserError, match="Spark needs Java 17 or newer; install one"):
        session._java()


def test_an_account_without_a_name_has_a_home_that_java_can_use(disk, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    text = conf({}, [disk], 0)["spark.driver.extraJavaOptions"]
    assert "-Duser.home=/" in text


def test_few_rows_meet_in_one_task(disk):
    few, many = conf({}, [disk], SMALL), conf({}, [disk], SMALL + 1)
    assert few["spark.sql.shuffle.partitions"] == "1"
    assert few["spark.sql.adaptive.enabled"] == "false"
    assert many["spark.sql.shuffle.partitions"] == "2"
    assert many["spark.sql.adaptive.enabled"] == "true"


def test_a_middling_book_is_done_before_the_second_compiler_pays_off(disk):
    java = [conf({}, [disk], rows)["spark.driver.extraJavaOptions"] for rows in (MIDDLING, 10**7)]
    assert ["TieredStopAtLevel=1" in options for options in java] == [True, False]


def test_many_rows_are_worth_compiling(disk):
    assert conf({}, [disk], SMALL)["spark.sql.codegen.wholeStage"] == "false"
    assert conf({}, [disk], SMALL + 1)["spark.sql.codegen.wholeStage"] == "true"


def test_a_place_to_spill_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    taken = f"{tmp_path}/file/spill"
    with pytest.raises(
        UserError, match=r"SPARK_LOCAL_DIRS: no folder can be made at .*/file/spill"
    ):
        refuse_no_room(taken)
    refuse_no_room(f"{taken}, {tmp_path}/spill")
    refuse_no_room("")


@pytest.mark.parametrize(
    ("now", "most", "then"),
    [(256, 8192, 4096), (256, 1024, 1024), (9000, 9000, 9000), (256, -1, 4096)],
)
def test_java_may_open_as_many_files_as_the_account_may(monkeypatch, now, most, then):
    """A shell of macOS allows 256 until it is asked for more."""
    allowed = [(now, most)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: allowed[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: allowed.append(limits))
    allow_files()
    assert allowed[-1] == (then, most)


def test_an_account_that_may_open_too_few_files_for_spark_is_told_so(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    with pytest.raises(UserError, match="this account may open 256; allow it more: ulimit -n"):
        allow_files()
