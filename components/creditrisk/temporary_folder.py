"""A folder for temporary files that nobody has to clear up behind a process that was killed.

Each process holds a lock on its folder, which the system frees however it ends; whoever makes the
next folder removes those that nobody holds.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "creditrisk-temporary-"
_NEW = 60.0  # seconds: of a folder that is made, and not locked yet


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder where the system keeps such, gone afterwards."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        held = os.open(name, os.O_RDONLY)  # no program that is started inherits it
        try:
            with suppress(OSError):  # no locks there: then nobody else can take it for abandoned
                fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(held)


def _remove_abandoned(root: Path) -> None:
    for path in root.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # held, another's, a link, or gone meanwhile
            number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                found = os.fstat(number)
                if found.st_uid == os.geteuid() and found.st_mtime < time.time() - _NEW:
                    fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path)
            finally:
                os.close(number)
