"""A store on a disk that lacks something: room, hard links, locks, or the right to write."""

import errno
import fcntl
import os
import subprocess
import sys

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.storage import ConflictError, file
from creditrisk.storage.file import FileStore
from tests.builders.deliveries import delivered
from tests.builders.store_promises import StorePromises


def fails(code):
    def call(*words, **named):
        raise OSError(code, os.strerror(code))

    return call


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "store")


class TestStoreWithoutHardLinks(StorePromises):
    """SMB, exFAT, some of FUSE."""

    @pytest.fixture
    def store(self, store, monkeypatch):
        monkeypatch.setattr(os, "link", fails(errno.EPERM))
        return store


class TestStoreWithoutLocks(StorePromises):
    """NFS without its lock daemon."""

    @pytest.fixture
    def store(self, store, monkeypatch):
        monkeypatch.setattr(fcntl, "flock", fails(errno.ENOLCK))
        return store


class TestStoreWithNeither(StorePromises):
    """Only a file that one alone can make is left."""

    @pytest.fixture
    def store(self, store, monkeypatch):
        monkeypatch.setattr(os, "link", fails(errno.EOPNOTSUPP))
        monkeypatch.setattr(fcntl, "flock", fails(errno.ENOSYS))
        return store


def test_a_turn_that_a_dead_writer_left_is_named_and_nobody_else_takes_it(store, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", fails(errno.ENOLCK))
    monkeypatch.setattr(file, "_TURN", 0.1)
    store.write("pointer", b"1")
    (store.root / ".lock-held").touch()
    with pytest.raises(
        UserError, match=r"lock-held .* no run is under way: creditrisk lease break"
    ):
        store.swap("pointer", b"2", store.tag("pointer"))
    assert store.read("pointer") == b"1"


@pytest.mark.parametrize(
    ("where", "code", "text"),
    [
        ("os.fsync", errno.ENOSPC, "No space left on device; free some space there"),
        ("os.fsync", errno.EDQUOT, "free some space there"),
        ("os.fsync", errno.EIO, "Input/output error"),
        ("os.link", errno.ENOSPC, "No space left on device"),
        ("pathlib.Path.replace", errno.EROFS, "Read-only file system; name a place that can be"),
        ("pathlib.Path.mkdir", errno.EACCES, "Permission denied; let this account have it"),
    ],
)
def test_a_write_that_fails_is_one_line_and_leaves_no_file(store, where, code, text, monkeypatch):
    store.write("kept", b"1")
    monkeypatch.setattr(where, fails(code))
    acts = {"os.link": store.create}.get(where, store.write)
    with pytest.raises(UserError, match=text) as refused:
        acts("a/big", b"x" * 1000)
    assert f"{store.uri}/a/big" in str(refused.value)
    left = [path for path in store.root.rglob("*") if path.is_file()]
    assert left == [store.root / "kept"]


def test_a_creator_that_comes_second_leaves_no_file(store):
    store.create("a", b"1")
    with pytest.raises(ConflictError):
        store.create("a", b"2")
    assert [path.name for path in store.root.iterdir()] == ["a"]


@pytest.mark.parametrize("act", ["read", "keys", "objects", "open", "exists", "delete"])
def test_what_may_not_be_looked_at_is_not_taken_for_absent(store, act, monkeypatch):
    for name in ("os.open", "os.scandir", "os.stat", "os.unlink", "io.open"):
        monkeypatch.setattr(name, fails(errno.EACCES))
    with pytest.raises(UserError, match="Permission denied"):
        if act in ("keys", "objects"):
            list(getattr(store, act)())
        elif act == "open":
            with store.open("a"):
                pass
        else:
            getattr(store, act)(*(["a"] if act != "exists" else []))


@pytest.mark.parametrize("kind", ["pipe", "device", "loop"])
def test_what_is_no_file_is_no_object_and_nobody_waits_for_it(store, kind):
    store.write("a/b", b"1")
    place = store.root / "a/c"
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/zero" if kind == "device" else place)
    with pytest.raises(KeyError):
        store.read("a/c")
    with pytest.raises(KeyError), store.open("a/c"):
        pass


def test_what_lies_behind_a_link_to_a_folder_is_neither_listed_nor_read(store):
    store.write("months/a/b", b"1")
    (store.root / "months/a").rename(store.root / "elsewhere")
    (store.root / "months/a").symlink_to(store.root / "elsewhere")
    store.write("months/c", b"2")
    assert list(store.keys("months/")) == ["months/c"]
    with pytest.raises(GateError, match="months/a is a link to a folder"):
        store.read("months/a/b")


def test_a_lock_that_is_a_link_empties_nothing(store, tmp_path):
    other = tmp_path / "other"
    other.write_text("kept")
    store.write("a", b"1")
    (store.root / ".lock").unlink(missing_ok=True)
    (store.root / ".lock").symlink_to(other)
    with pytest.raises(UserError):
        store.swap("a", b"2", store.tag("a"))
    assert other.read_text() == "kept"


def test_a_folder_in_a_file_s_place_is_no_object(store):
    store.write("a/b", b"1")
    with pytest.raises(KeyError):
        store.read("a")
    with pytest.raises(KeyError):
        store.read("a/b/c")
    with pytest.raises(UserError, match="directory"):
        store.write("a", b"1")
    with pytest.raises(UserError):
        store.write("a/b/c", b"1")
    assert list(store.keys()) == ["a/b"]


def test_a_full_disk_is_one_line_of_the_command(tmp_path):
    code = (
        "import os, creditrisk.storage.file\n"
        "def full(*_): raise OSError(28, os.strerror(28))\n"
        "os.fsync = full\n"
        "from creditrisk.cli import main; main()\n"
    )
    delivered(tmp_path / "landing")
    words = ("run", "--data", "landing", "--as-of", "2024-01", "--store", "store")
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left on device; free some space there" in done.stderr
    assert not list(tmp_path.rglob(".tmp-*"))


def test_a_name_that_no_file_can_have_is_not_there(tmp_path):
    with pytest.raises(KeyError):
        FileStore(tmp_path).read("a" * 5000)
