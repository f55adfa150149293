"""What a person sees of the lease, and how a person frees a store."""

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.records import lease
from creditrisk.records.audit import Trail
from creditrisk.records.lease import SILENCE, LostLeaseError, acquire, beat, holder
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_audit_store
from creditrisk.storage.file import FileStore

AT = "2025-01-01T00:00:00+00:00"


@pytest.fixture
def store(tmp_path) -> FileStore:
    (tmp_path / "store").mkdir()
    return FileStore(tmp_path / "store")


def command(store, *words) -> str:
    done = CliRunner().invoke(app, ["lease", *words, "--store", store.uri], catch_exceptions=False)
    return " ".join(done.output.split())


def test_a_free_store_says_so(store):
    assert command(store, "show").endswith("no run holds it")


def test_show_tells_a_run_that_is_alive_from_one_that_gives_no_sign(store, monkeypatch):
    acquire(store, "r1", AT)
    monkeypatch.setattr(lease, "_LOOK", 10.0)
    monkeypatch.setattr("creditrisk.cli.lease.alive", lambda s: lease.alive(s, lambda _: None))
    assert "run r1: no sign of life within 20 s" in command(store, "show")
    beats = lambda s: lease.alive(s, lambda _: beat(s, "r1", AT, SILENCE))  # noqa: E731 - a fake
    monkeypatch.setattr("creditrisk.cli.lease.alive", beats)
    assert command(store, "show").endswith("run r1: it is alive")


def test_breaking_it_frees_the_store_and_is_on_the_audit_trail(store):
    acquire(store, "r1", AT)
    printed = command(store, "break", "--reason", "its node is gone")
    assert "is free, by" in printed
    assert "run r1, if it is alive, ends within 10 s" in printed
    assert holder(store) == ""
    trail = Trail(open_audit_store(store))
    (record,) = trail.records()
    assert (record.event, record.body["run_id"], record.body["reason"]) == (
        "lease_broken",
        "r1",
        "its node is gone",
    )
    assert verify(trail) == []
    with pytest.raises(LostLeaseError, match="was taken from it, and nobody has it now"):
        beat(store, "r1", AT, SILENCE)


def test_without_a_reason_nothing_is_broken(store):
    acquire(store, "r1", AT)
    with pytest.raises(UserError, match="needs a reason"):
        command(store, "break", "--reason", " ")
    assert holder(store) == "r1"
    assert list(Trail(open_audit_store(store)).records()) == []


def test_a_store_that_nobody_holds_is_not_broken(store):
    with pytest.raises(UserError, match="no run holds it"):
        command(store, "break", "--reason", "why not")


@pytest.mark.parametrize("left", ["lease.json", ".lock-held"])
def test_what_a_dead_writer_damaged_or_left_is_freed_too(store, left):
    store.write("lease.json", b"{" if left == "lease.json" else b"")
    (store.root / left).write_bytes(b"{")
    command(store, "break", "--reason", "a crash")
    assert not (store.root / ".lock-held").exists()
    assert acquire(store, "r2", AT).run_id == "r2"
