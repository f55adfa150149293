"""What `doctor` says of a machine: the probe of a store leaves nothing, faults name a move."""

import errno
import fcntl
import json
import os
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from creditrisk.cli import doctor as module
from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.records.audit import Trail
from creditrisk.storage.file import FileStore
from creditrisk.storage.probe import probe


class Careless(FileStore):
    """Lets everyone win."""

    def create(self, key, data):
        self.write(key, data)

    def swap(self, key, data, expected):
        self.write(key, data)


class Guarded(FileStore):
    """Lets nobody delete."""

    def delete(self, key):
        raise UserError("AccessDenied")


def doctor(*words):
    done = CliRunner().invoke(app, ["doctor", *map(str, words), "--json"])
    return done.exit_code, {item["name"]: item for item in json.loads(done.stdout)}


@pytest.fixture(autouse=True)
def with_java(monkeypatch):
    """The search for a Java starts one; what it finds is its own tests' business."""
    monkeypatch.setattr("creditrisk.stages.etl.java.find_java", lambda: "/java")


def test_a_sound_store_passes_and_holds_nothing_afterwards(tmp_path):
    store = FileStore(tmp_path)
    assert probe(store).state == "ok"
    assert list(store.keys()) == []


def test_a_store_where_two_writers_both_win_fails(tmp_path):
    store = Careless(tmp_path)
    found = probe(store)
    assert (found.state, "two writers at once both win" in found.says) == ("fail", True)
    assert list(store.keys()) == []


def test_an_account_that_may_not_delete_is_told_what_stays(tmp_path):
    store = Guarded(tmp_path)
    found = probe(store)
    assert found.state == "warn"
    assert [key for key in store.keys() if key in found.says]  # noqa: SIM118 - a store is no dict


def test_a_machine_without_faults_is_exit_code_0(tmp_path, monkeypatch):
    monkeypatch.setenv("CREDITRISK_PII_KEY", "0123456789abcdef" * 2)
    monkeypatch.setattr(module, "_SPACE_GB", 0)
    code, found = doctor("--store", tmp_path)
    assert code == 0
    assert {item["state"] for item in found.values()} == {"ok"}


def test_a_store_that_is_not_there_yet_is_not_made(tmp_path):
    _, found = doctor("--store", tmp_path / "new")
    assert found["store"]["state"] == "warn"
    assert not (tmp_path / "new").exists()


def test_a_broken_trail_a_wrong_policy_and_a_missing_store_fail_each_for_itself(
    tmp_path, monkeypatch
):
    trail = Trail(FileStore(tmp_path / "s-audit"))
    for number in range(3):
        trail.append("happened", "me", "2024-01-01", {}, f"{number}")
    (tmp_path / "s-audit/records/0000000002.json").unlink()
    (tmp_path / "policy.yaml").write_text("outcome: {mbo: 6}")
    monkeypatch.setenv("CREDITRISK_POLICY", str(tmp_path / "policy.yaml"))
    code, found = doctor("--store", tmp_path / "s")
    assert code == 1
    assert "record 2 is missing" in found["audit trail"]["says"]
    assert "outcome.mbo: unknown key" in found["policy"]["says"]
    assert found["Python"]["state"] == "ok"


def test_an_unknown_scheme_fails_where_a_store_is_opened():
    code, found = doctor("--store", "ftp://host")
    assert code == 1
    assert [n for n, item in found.items() if item["state"] == "fail"] == ["store", "audit trail"]


def test_pii_without_a_key_is_a_warning_that_names_the_columns(tmp_path):
    _, found = doctor("--store", tmp_path)
    assert found["PII key"]["state"] == "warn"
    assert "attributes.SSN become null" in found["PII key"]["says"]


def test_an_image_without_spark_says_so_and_is_not_failed_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda n: None if n == "pyspark" else find_spec(n))
    code, found = doctor("--store", tmp_path)
    assert code == 0
    assert "not in this image" in found["Java"]["says"]


def test_no_java_names_the_way_to_one(tmp_path, monkeypatch):
    monkeypatch.setattr("creditrisk.stages.etl.java.find_java", lambda: None)
    code, found = doctor("--store", tmp_path)
    assert code == 1
    assert "openjdk-17" in found["Java"]["move"]


def test_a_full_disk_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SPACE_GB", 1e9)
    code, found = doctor("--store", tmp_path)
    assert (code, found["disk"]["state"]) == (0, "warn")


def test_a_java_home_without_a_java_is_named_beside_the_one_that_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", "/nonexistent")
    code, found = doctor("--store", tmp_path)
    assert (code, found["Java"]["state"]) == (0, "warn")
    assert "/java; JAVA_HOME /nonexistent holds none" in found["Java"]["says"]


def test_settings_of_another_spark_are_named_as_not_followed(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARK_CONF_DIR", "/etc/spark")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1g")
    _, found = doctor("--store", tmp_path)
    assert "JAVA_TOOL_OPTIONS" in found["settings"]["says"]
    assert "SPARK_CONF_DIR" in found["settings"]["says"]


def test_an_account_without_a_name_is_told_how_to_have_one(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "account", lambda: "uid 12345")
    code, found = doctor("--store", tmp_path)
    assert (code, found["account"]["state"]) == (0, "warn")
    assert "give the account a name" in found["account"]["move"]


def test_a_disk_that_is_full_is_a_row(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    code, found = doctor("--store", tmp_path)
    assert (code, found["store"]["state"]) == (1, "fail")
    assert "No space left on device; free some space there" in found["store"]["says"]
    assert not list(tmp_path.rglob(".tmp-*"))


@pytest.mark.parametrize("kind", ["without links", "without locks"])
def test_a_disk_without_links_or_locks_is_fit_for_a_store(kind, tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    module_, name = (os, "link") if kind == "without links" else (fcntl, "flock")
    monkeypatch.setattr(module_, name, unsupported)
    _, found = doctor("--store", tmp_path)
    assert found["store"]["state"] == "ok"


def test_a_folder_that_nobody_may_write_to_fails_before_a_run_does(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    code, found = doctor("--store", tmp_path / "new")
    assert code == 1
    assert "is not writable" in found["store"]["says"]
    assert "is not writable" in found["audit trail"]["says"]
    assert found["audit trail"]["move"] == "set CREDITRISK_AUDIT_STORE"


def test_a_place_for_spark_that_cannot_be_made_is_a_row(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path}/new,/tmp")
    monkeypatch.setattr(module, "_SPACE_GB", 0)
    assert doctor("--store", tmp_path)[1]["disk"]["state"] == "ok"
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    _, found = doctor("--store", tmp_path)
    assert found["disk"]["says"] == f"{tmp_path} cannot be written"


@pytest.mark.parametrize(
    ("store", "text"),
    [
        ("s3://lake#1/p", "no URL of a place holds '#'"),
        ("file://host/store", "names host 'host'"),
        ("s3://lake/p", "AWS_ENDPOINT_URL names more than a server; write https://minio:9000"),
    ],
)
def test_a_store_or_server_that_is_misspelt_is_a_row(store, text, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://minio:9000/gate/")
    code, found = doctor("--store", store)
    assert (code, found["store"]["state"]) == (1, "fail")
    assert text in found["store"]["says"]
