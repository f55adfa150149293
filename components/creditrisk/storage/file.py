"""A store in a directory."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pyarrow import fs

from creditrisk.storage import ConflictError, Object

_TEMPORARY = ".tmp-"  # never listed, so a crash in mid-write leaves nothing visible


class FileStore:
    """Objects are files; replacing is a rename, creating is a hard link."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).absolute()
        self.uri = f"file://{self.root}"

    def read(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise KeyError(key) from None

    def write(self, key: str, data: bytes) -> None:
        self._temporary(key, data).replace(self._path(key))

    def create(self, key: str, data: bytes) -> None:
        temporary = self._temporary(key, data)
        try:
            os.link(temporary, self._path(key))
        except FileExistsError:
            raise ConflictError(f"{self.uri}/{key} exists") from None
        finally:
            temporary.unlink()

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
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str = "") -> Iterator[str]:
        base = self._path(prefix)
        # os.walk passes over a folder that vanishes meanwhile: a running job clears up behind it
        walked = (Path(folder, name) for folder, _, names in os.walk(base) for name in names)
        files = [base] if base.is_file() else walked
        found = (path for path in files if not path.name.startswith("."))
        yield from sorted(path.relative_to(self.root).as_posix() for path in found)

    def objects(self, prefix: str = "") -> Iterator[Object]:
        for key in self.keys(prefix):
            with suppress(FileNotFoundError):  # deleted while we were looking
                stat = self._path(key).stat()
                # st_ctime, not st_mtime: a copy may bring its old mtime along
                changed = datetime.fromtimestamp(stat.st_ctime, UTC)
                yield Object(key, stat.st_size, changed)

    def filesystem(self) -> tuple[fs.FileSystem, str]:
        return fs.LocalFileSystem(), str(self.root)

    def spark_uri(self, key: str) -> str:
        return f"file://{self._path(key)}"  # unescaped: Hadoop takes %20 for the name itself

    def _path(self, key: str) -> Path:
        path = self.root / key
        if ".." in path.parts:
            raise ValueError(f"key '{key}' leaves the store")
        return path

    def _temporary(self, key: str, data: bytes) -> Path:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f"{_TEMPORARY}{uuid4().hex}"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return temporary

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
