import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.errors import UserError
from creditrisk.storage import open_audit_store, open_store
from tests.builders.nasty_names import NASTY
from tests.builders.store_promises import StorePromises


@pytest.fixture
def store(tmp_path):
    return open_store((tmp_path / "store").as_uri())


class TestStoreInADirectory(StorePromises):
    """The promises, on a disk."""


def test_a_listing_passes_over_folders_that_vanish_meanwhile(store):
    store.write("data/kept", b"1")
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            for name in ("a", "b", "c"):
                store.write(f"data/{name}/_temporary/0/part", b"1")
                shutil.rmtree(store.root / "data" / name)

    busy = threading.Thread(target=come_and_go)
    busy.start()
    try:
        for _ in range(300):
            assert "data/kept" in list(store.keys("data/"))
            assert "data/kept" in [item.key for item in store.objects()]
    finally:
        stop.set()
        busy.join()


def test_half_written_files_are_not_listed(store):
    store.write("b/1", b"")
    (Path(store.root) / "b" / ".tmp-crashed").write_bytes(b"half")
    assert list(store.keys()) == ["b/1"]


def test_whoever_writes_next_removes_what_a_killed_writer_left(store, monkeypatch):
    def killed(*_):
        raise MemoryError

    with monkeypatch.context() as without, pytest.raises(MemoryError):
        without.setattr(Path, "unlink", lambda *_, **__: None)
        without.setattr("os.link", killed)
        store.create("lake/table/_delta_log/0.json", b"whole")
    (left,) = store.root.rglob(".tmp-*")
    store.write("elsewhere", b"1")
    assert [*store.root.rglob(".tmp-*")] == [left]  # it may still be written
    two_hours_ago = left.stat().st_mtime - 7200
    os.utime(left, (two_hours_ago, two_hours_ago))
    store.write("elsewhere", b"2")
    assert not [*store.root.rglob(".tmp-*")]
    assert list(store.keys()) == ["elsewhere"]


def test_what_killed_writers_left_anywhere_goes_when_a_store_is_freed(store):
    store.write("a/b/c", b"1")
    old, new = (store.root / "a" / "b" / f".tmp-{name}" for name in ("old", "new"))
    for path in (old, new):
        path.touch()
    os.utime(old, (1, 1))
    assert store.unlock() is False
    assert {*store.root.rglob(".tmp-*")} == {new}


@pytest.mark.parametrize("key", ["../secret", "a/../../secret", "/etc/secret"])
def test_a_key_cannot_leave_the_store(store, key):
    with pytest.raises(ValueError, match="leaves the store"):
        store.read(key)


def test_the_audit_store_stands_beside_the_store_unless_it_has_its_own(
    store, tmp_path, monkeypatch
):
    monkeypatch.delenv("CREDITRISK_AUDIT_STORE", raising=False)
    assert open_audit_store(store).uri == f"{store.uri}-audit"
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", (tmp_path / "locked").as_uri())
    assert open_audit_store(store).uri == (tmp_path / "locked").as_uri()


def test_an_unknown_scheme_is_named():
    with pytest.raises(UserError, match="scheme 'ftp' is unknown"):
        open_store("ftp://host/dir")


@pytest.mark.parametrize("missing", ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"])
def test_an_s3_store_says_which_setting_is_missing(missing, monkeypatch):
    for name in {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} - {missing}:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(UserError, match=f"needs {missing} in the environment"):
        open_store("s3://bucket/prefix")


def test_an_endpoint_without_a_scheme_is_named(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:9000")
    with pytest.raises(UserError, match=r"'localhost:9000' is no URL; write http://host:port"):
        open_store("s3://bucket/prefix")


names = st.one_of(
    st.sampled_from([name for name in NASTY if "/" not in name]),
    st.text(
        st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60
    ).filter(lambda name: name not in (".", "..") and name[0] != "~"),
)


@settings(max_examples=200)
@given(st.lists(names, min_size=1, max_size=3), names.filter(lambda name: name[0] != "."))
def test_a_store_in_any_folder_keeps_any_key(tmp_path_factory, folders, key):
    root = tmp_path_factory.mktemp("any")
    store = open_store(str(root.joinpath(*folders)))
    store.create(f"t/{key}", b"1")
    store.swap(f"t/{key}", b"2", store.tag(f"t/{key}"))
    again = open_store(store.uri)
    assert list(again.keys("t/")) == [f"t/{key}"]
    assert again.read(f"t/{key}") == root.joinpath(*folders, "t", key).read_bytes() == b"2"
