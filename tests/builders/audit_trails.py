"""Trails on a disk, and disks that fail."""

from collections.abc import Callable
from pathlib import Path

from creditrisk.records.audit import Trail
from creditrisk.storage.file import FileStore
from tests.builders.tampering import Objects, add

LENGTH = 14


class CrashError(Exception):
    """The process dies."""


class DyingStore(FileStore):
    """A disk whose process dies just before, or just after, its n-th create."""

    def __init__(self, root: Path, creates: int, after: bool) -> None:
        super().__init__(root)
        self.left, self.after = creates, after

    def create(self, key: str, data: bytes) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise CrashError
        super().create(key, data)
        if self.left == 0:
            raise CrashError


class Countdown:
    """Changes a process may still make before it dies, just before or just after the last."""

    def __init__(self, left: int, after: bool) -> None:
        self.left, self.after = left, after


class MortalStore(FileStore):
    """A disk whose process dies when its `countdown` is over, which it may share with others."""

    def __init__(self, root: Path, countdown: Countdown) -> None:
        super().__init__(root)
        self.countdown = countdown

    def write(self, key: str, data: bytes) -> None:
        self._counted(lambda: super(MortalStore, self).write(key, data))

    def create(self, key: str, data: bytes) -> None:
        self._counted(lambda: super(MortalStore, self).create(key, data))

    def _counted(self, change: Callable[[], None]) -> None:
        self.countdown.left -= 1
        if self.countdown.left == 0 and not self.countdown.after:
            raise CrashError
        change()
        if self.countdown.left == 0:
            raise CrashError


class ForgetfulStore(FileStore):
    """A store whose answer to a PUT is lost: the client tries again and is told of a conflict."""

    def create(self, key: str, data: bytes) -> None:
        if key.startswith("records/"):
            super().create(key, data)
        super().create(key, data)


def trail_of(root: Path, length: int = LENGTH) -> Trail:
    trail = Trail(FileStore(root))
    for number in range(1, length + 1):
        add(trail, number)
    return trail


def objects(root: Path, prefix: str = "") -> Objects:
    store = FileStore(root)
    return {key: store.read(key) for key in store.keys(prefix)}


def put(root: Path, was: Objects, now: Objects) -> None:
    """Make the files on disk `now`, touching only what differs from `was`."""
    for key in was.keys() - now.keys():
        (root / key).unlink()
    for key, data in now.items():
        if was.get(key) != data:
            (root / key).write_bytes(data)
