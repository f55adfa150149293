"""The Java that Spark runs on, as this machine has it; `tools.java` fetches one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

OLDEST = 17  # Spark 4
SYSTEM = Path("/")
PLACES = {
    "project": (".jdk/*", ".jdk/*/Contents/Home"),
    "home": (".jdk/*", ".jdks/*", ".sdkman/candidates/java/*"),
    "system": (
        "usr/lib/jvm/*",
        "usr/java/*",
        "opt/java/*",
        "Library/Java/JavaVirtualMachines/*/Contents/Home",
        "opt/homebrew/opt/openjdk*",
        "usr/local/opt/openjdk*",
    ),
}


def find_java() -> Path | None:
    """Home of the first Java here that can start Spark; None when there is none.

    Looks at JAVA_HOME, `.jdk/` of the working directory, PATH, then where installers put it.
    """
    return next(filter(starts_spark, _homes()), None)


def starts_spark(home: Path) -> bool:
    """Whether `home` holds Java 17 or newer with the vector module Spark starts with.

    The module is asked for by name because trimmed runtimes leave it out.
    """
    command = [str(home / "bin" / "java"), "--add-modules", "jdk.incubator.vector", "-version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r'version "(\d+)', answer.stderr)
    return answer.returncode == 0 and version is not None and int(version[1]) >= OLDEST


def _homes() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    yield from _at(Path.cwd(), "project")
    if java := shutil.which("java"):
        yield Path(java).resolve().parent.parent
    if user := os.environ.get("HOME"):  # unset for a pod's arbitrary user
        yield from _at(Path(user), "home")
    yield from _at(SYSTEM, "system")


def _at(root: Path, kind: str) -> Iterator[Path]:
    for pattern in PLACES[kind]:
        yield from sorted(root.glob(pattern))
