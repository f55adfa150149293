import threading
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.storage import ConflictError, open_audit_store, open_store


@pytest.fixture
def store(tmp_path):
    return open_store((tmp_path / "store").as_uri())


def test_what_was_written_is_read(store):
    store.write("a/b.json", b"1")
    store.write("a/b.json", b"2")
    assert store.read("a/b.json") == b"2"


def test_an_absent_object_is_a_key_error_and_has_no_tag(store):
    with pytest.raises(KeyError, match=r"a/b.json"):
        store.read("a/b.json")
    assert store.tag("a/b.json") is None


def test_an_object_is_created_once(store):
    store.create("one", b"first")
    with pytest.raises(ConflictError):
        store.create("one", b"second")
    assert store.read("one") == b"first"


def test_a_swap_needs_the_state_it_saw(store):
    store.swap("pointer", b"1", None)
    seen = store.tag("pointer")
    store.swap("pointer", b"2", seen)
    with pytest.raises(ConflictError):
        store.swap("pointer", b"3", seen)
    with pytest.raises(ConflictError):
        store.swap("pointer", b"3", None)
    assert store.read("pointer") == b"2"


def test_of_twenty_racing_creators_one_wins(store):
    won = []

    def create(name: int) -> None:
        try:
            store.create("one", str(name).encode())
        except ConflictError:
            return
        won.append(name)

    threads = [threading.Thread(target=create, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(name).encode() for name in won] == [store.read("one")]


def test_racing_swaps_lose_no_increment(store):
    store.write("count", b"0")

    def increment() -> None:
        while True:
            seen = store.tag("count")
            value = int(store.read("count"))
            try:
                store.swap("count", str(value + 1).encode(), seen)
            except ConflictError:
                continue
            return

    threads = [threading.Thread(target=increment) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("count") == b"8"


def test_keys_are_sorted_and_half_written_files_are_not_among_them(store):
    for key in ("b/2", "b/10", "a/1"):
        store.write(key, b"")
    (Path(store.root) / "b" / ".tmp-crashed").write_bytes(b"half")
    assert list(store.keys()) == ["a/1", "b/10", "b/2"]
    assert list(store.keys("b/")) == ["b/10", "b/2"]
    assert list(store.keys("nothing/")) == []


def test_deleting_twice_is_no_error(store):
    store.write("a", b"")
    store.delete("a")
    store.delete("a")
    assert list(store.keys()) == []


def test_a_key_cannot_leave_the_store(store):
    with pytest.raises(ValueError, match="leaves the store"):
        store.read("../secret")


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


def test_an_s3_store_says_which_setting_is_missing(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(UserError, match="AWS_ENDPOINT_URL"):
        open_store("s3://bucket/prefix")
