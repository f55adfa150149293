"""The Java that Spark runs on, as this machine has it, and the environment it starts in.

`tools.java` fetches one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from importlib.util import find_spec
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
# SPARK_HOME, SPARK_CONF_DIR, PYSPARK_SUBMIT_ARGS, HADOOP_CONF_DIR, JAVA_TOOL_OPTIONS, ...
_FOREIGN = re.compile(r"(PY)?SPARK_\w+|(HADOOP|YARN)_\w+|\w*JAVA_(TOOL_)?OPTIONS|CLASSPATH")
_KEPT = {"SPARK_LOCAL_DIRS"}  # where there is room is for the machine to say


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
    ours = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
    try:
        answer = subprocess.run(
            command, env=ours, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r'version "(\d+)', answer.stderr)
    return answer.returncode == 0 and version is not None and int(version[1]) >= OLDEST


def foreign(environ: Mapping[str, str]) -> list[str]:
    """Settings of another Spark or for any Java of this machine, which ours does not follow."""
    return sorted(filter(_is_foreign, environ))


def prepare(environ: MutableMapping[str, str], java: Path, local: bool) -> None:
    """Make the environment one that our Spark starts in; `local`: in no other pod."""
    for name in foreign(environ):
        del environ[name]
    environ["JAVA_HOME"] = str(java)
    spark = find_spec("pyspark")
    if spark and spark.origin:
        environ["SPARK_HOME"] = str(Path(spark.origin).parent)  # the one that Python imports
    environ["PYSPARK_PYTHON"] = sys.executable  # tasks in Python import what this process does
    if local:  # off all networks Java would ask for the machine's name in vain
        environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    if sys.platform == "linux":
        # Java takes a file's name in the locale's encoding, ASCII where that is not installed
        environ["LC_ALL"] = "C.UTF-8"


def _is_foreign(name: str) -> bool:
    return name not in _KEPT and _FOREIGN.fullmatch(name) is not None


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
