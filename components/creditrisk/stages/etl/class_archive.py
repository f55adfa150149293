"""Java's classes in a file that a start maps instead of loading each: five seconds of CPU.

The first session on a machine leaves it in the user's cache as Java ends, and no other makes it
meanwhile: it takes four seconds and 190 MB. In an image, whose cache
ends with the pod, `CREDITRISK_JAVA_CLASSES` names a folder that is not there, and nothing is kept.
Java proves the file before it uses it (its own build, the jars, a checksum of each part) and
loads classes from the jars where it does not fit. Only a file cut short would end it: that is
why its size stands in its name.
"""

import atexit
import hashlib
import os
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from creditrisk.stages.etl.jars import cache

FOLDER = "CREDITRISK_JAVA_CLASSES"
_PATIENCE = 60  # seconds for Java to write it, four on a quiet machine
# of a file that does not fit, and of classes that cannot be kept
_QUIET = "-Xlog:disable -Xlog:all=error:stderr -Xlog:cds=off:stderr"


@dataclass(frozen=True)
class ClassArchive:
    """The classes of a Java and the jars it is started with, whether they are kept yet or not."""

    folder: Path
    name: str

    @classmethod
    def of(cls, java: Path, jars: Iterable[Path]) -> "ClassArchive":
        """What is kept for them: another build or other jars have another name."""
        release = java / "release"
        found = [f"{java}", release.read_text("utf-8") if release.is_file() else ""]
        for jar in sorted(jars):
            stat = jar.stat()
            found.append(f"{jar} {stat.st_size} {int(stat.st_mtime)}")
        name = hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]
        return cls(Path(os.environ.get(FOLDER) or cache() / "classes"), name)

    def find(self) -> Path | None:
        """The file, where it is whole."""
        whole = (path for path in self.folder.glob(f"{self.name}-*.jsa") if path == _sized(path))
        return next(whole, None)

    def options(self) -> str:
        """Of a Java about to start: to use the file, else to make it; nothing without a cache."""
        if path := self.find():
            return f'{_QUIET} -XX:+VerifySharedSpaces "-XX:SharedArchiveFile={path}"'
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._made_elsewhere():
                return ""
            self._being_made.touch()
        except OSError:
            return ""
        return f'{_QUIET} "-XX:ArchiveClassesAtExit={self._being_made}"'

    def keep_at_exit(self, java: subprocess.Popen[bytes]) -> None:
        """Once this process ends, wait for Java to write its classes, and keep them."""
        if self.find() is None:
            atexit.register(self._keep, java)

    def _keep(self, java: subprocess.Popen[bytes]) -> None:
        made = self._being_made
        with suppress(OSError, subprocess.TimeoutExpired):  # then a later session makes it
            if java.stdin:
                java.stdin.close()  # Java ends when its input does
            # else it may have been ended before it wrote, or while it did
            if java.wait(_PATIENCE) == 0 and made.stat().st_size:
                made.replace(_sized(self.folder / f"{self.name}-0.jsa", made))
        made.unlink(missing_ok=True)

    def _made_elsewhere(self) -> bool:
        """Whether another process makes it; what processes left that were killed is removed."""
        found = False
        for path in self.folder.glob(f"{self.name}.*"):
            if path == self._being_made or not _runs(int(path.suffix.removeprefix("."))):
                path.unlink(missing_ok=True)
            else:
                found = True
        return found

    @property
    def _being_made(self) -> Path:
        return self.folder / f"{self.name}.{os.getpid()}"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another account's
        pass
    return True


def _sized(path: Path, file: Path | None = None) -> Path:
    """The path with the size of `file` (default: its own) in the name."""
    name, _, _ = path.stem.partition("-")
    return path.with_name(f"{name}-{(file or path).stat().st_size}.jsa")
