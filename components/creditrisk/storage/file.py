"""A store in a directory."""

import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import uuid4

from creditrisk.errors import AbsentError, GateError, UserError, refused_by_system
from creditrisk.storage import ConflictError, Object

_TEMPORARY = ".tmp-"  # never listed, so a crash in mid-write leaves nothing visible
_ABANDONED = 3600.0  # seconds: no writer takes so long over one object
_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
_NAMES_NOTHING = (errno.ENAMETOOLONG, errno.ELOOP)  # no file can have that name; a link to itself
# SMB, exFAT and some of FUSE know no hard links, some of NFS no locks; each says it in its own way
_UNSUPPORTED = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_NO_LOCKS = {*_UNSUPPORTED, errno.ENOLCK}
_NO_LINKS = {*_UNSUPPORTED, errno.EMLINK}
_HELD = ".lock-held"
_TURN, _LOOK = 30.0, 0.02  # seconds: a turn takes milliseconds; between two looks


class FileStore:
    """Objects are files; replacing is a rename, creating is a hard link."""

    def __init__(self, root: str | Path) -> None:
        self.root = _without_parents(Path(root).absolute())
        self.uri = self.root.as_uri()

    def exists(self) -> bool:
        with self._answering(""):
            return self.root.is_dir()

    def read(self, key: str) -> bytes:
        with self._answering(key, reads=True), self._regular(key) as file:
            return file.read()

    @contextmanager
    def open(self, key: str) -> Iterator[BufferedReader]:
        with self._answering(key, reads=True), self._regular(key) as file:
            yield file

    def write(self, key: str, data: bytes) -> None:
        with self._temporary(key, data) as temporary:
            temporary.replace(self._path(key))

    def create(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with self._temporary(key, data) as temporary:
            try:
                os.link(temporary, path)
            except FileExistsError:
                raise ConflictError(f"{self.uri}/{key} exists") from None
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                # the whole object lies in the temporary file: whoever holds the lock looks and
                # renames, so that its name never stands for a part of it
                with self._lock():
                    if path.exists():
                        raise ConflictError(f"{self.uri}/{key} exists") from None
                    temporary.replace(path)

    def tag(self, key: str) -> str | None:
        try:
            return hashlib.sha256(self.read(key)).hexdigest()
        except KeyError:
            return None

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        with self._lock():
            if self.tag(key) != expected:
                raise ConflictError(f"{self.uri}/{key} changed meanwhile")
            self.write(key, data)

    def delete(self, key: str) -> None:
        with self._answering(key):
            self._path(key).unlink(missing_ok=True)

    def unlock(self) -> bool:
        place = self.root / _HELD
        with self._answering(_HELD):
            left = place.exists()
            place.unlink(missing_ok=True)
            # releases up to 0.1.0 left temporary files in every folder
            _remove_abandoned(self.root.rglob(f"{_TEMPORARY}*"), time.time())
        return left

    def keys(self, prefix: str = "") -> Iterator[str]:
        base = self._path(prefix)
        with self._answering(prefix):
            walked = os.walk(base, onerror=_unless_it_vanished)  # into no folder that is a link
            below = [Path(folder, name) for folder, _, names in walked for name in names]
            files = [base] if base.is_file() else below
        found = (path for path in files if not path.name.startswith("."))
        yield from sorted(path.relative_to(self.root).as_posix() for path in found)

    def objects(self, prefix: str = "") -> Iterator[Object]:
        for key in self.keys(prefix):
            with self._answering(key), suppress(FileNotFoundError):  # deleted meanwhile
                found = self._path(key).stat()
                # st_ctime, not st_mtime: a copy may bring its old mtime along
                changed = datetime.fromtimestamp(found.st_ctime, UTC)
                yield Object(key, found.st_size, changed)

    def versions(self, prefix: str) -> None:  # noqa: ARG002 - a disk keeps none
        return None

    @contextmanager
    def output(self, key: str) -> Iterator[IO[bytes]]:
        path = self._path(key)
        with self._answering(key):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                yield file

    def spark_uri(self, key: str) -> str:
        return f"file://{self._path(key)}"  # unescaped: Hadoop takes %20 for the name itself

    @contextmanager
    def _regular(self, key: str) -> Iterator[BufferedReader]:
        """A file to be read; what is none is not there: a pipe would be waited for, for ever.

        A `GateError` below a link to a folder: what is not listed is not read.
        """
        above = (self.root / folder for folder in [*PurePosixPath(key).parents][:-1])
        if link := next(filter(Path.is_symlink, above), None):
            raise GateError(
                f"{link.as_uri()} is a link to a folder: what lies there is not listed; put the"
                " folder itself there"
            )
        number = os.open(self._path(key), os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise FileNotFoundError(errno.ENOENT, "no file", key)
            yield file

    def _path(self, key: str) -> Path:
        if key.startswith("/") or ".." in PurePosixPath(key).parts:
            raise ValueError(f"key '{key}' leaves the store")
        return self.root / key

    @contextmanager
    def _answering(self, key: str, reads: bool = False) -> Iterator[None]:
        """What the system refuses is a `UserError`; what is not there to be read, a `KeyError`."""
        try:
            yield
        except OSError as error:
            if reads and (isinstance(error, _ABSENT) or error.errno in _NAMES_NOTHING):
                raise AbsentError(key, self.uri) from None
            if error.errno is None:  # what a reader made of the bytes: cut short, no gzip
                raise
            raise refused_by_system(f"{self.uri}/{key}", error) from None

    @contextmanager
    def _temporary(self, key: str, data: bytes) -> Iterator[Path]:
        """A whole object under a name that nobody sees, gone afterwards if it still has it.

        All lie in one folder, where whoever writes next sees what a killed writer left.
        """
        path, temporary = self._path(key), self.root / f"{_TEMPORARY}{uuid4().hex}"
        with self._answering(key):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                    now = os.fstat(file.fileno()).st_mtime  # by the clock of the disk, as theirs
                _remove_abandoned(self.root.glob(f"{_TEMPORARY}*"), now)
                yield temporary
            finally:
                temporary.unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with ExitStack() as held:
            with self._answering(".lock"):
                self.root.mkdir(parents=True, exist_ok=True)
                # never through a link: whoever put one there would have its target emptied
                flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
                file = held.enter_context(os.fdopen(os.open(self.root / ".lock", flags), "r+b"))
                try:
                    fcntl.flock(file, fcntl.LOCK_EX)
                except OSError as error:
                    if error.errno not in _NO_LOCKS:
                        raise
                    held.enter_context(self._turn())
            yield

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One at a time, by a file that only one can make; a crash leaves it, so it is named."""
        place, deadline = self.root / _HELD, time.monotonic() + _TURN
        while True:
            try:
                place.touch(exist_ok=False)  # O_EXCL
                break
            except FileExistsError:
                if time.monotonic() > deadline:
                    raise UserError(
                        f"{place} has been there for {_TURN:.0f} s: a writer that died left it;"
                        " when no run is under way: creditrisk lease break --reason ..."
                    ) from None
                time.sleep(_LOOK)
        try:
            yield
        finally:
            place.unlink(missing_ok=True)


def _without_parents(path: Path) -> Path:
    """The path without `..`: behind a link that is its target's parent; Java would not know."""
    found = Path("/")
    for part in path.parts[1:]:
        found = found.resolve().parent if part == ".." else found / part
    return found


def _remove_abandoned(temporary: Iterable[Path], now: float) -> None:
    for path in temporary:
        with suppress(FileNotFoundError):  # another was first
            if path.lstat().st_mtime < now - _ABANDONED:
                path.unlink()


def _unless_it_vanished(error: OSError) -> None:
    """A listing passes over a folder that is gone: a running job clears up behind it."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
