"""Spark's jars for s3://, fetched once and checked.

`python -m tools.jars` prints their folder and nothing else on standard output.
Apache Ivy fetches them, which is inside Spark and knows where Maven coordinates lead.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.stages.etl import jars
from creditrisk.stages.etl.jars import folder, jar_file
from creditrisk.stages.etl.java import find_java

_SETTINGS = "CREDITRISK_IVY_SETTINGS"


def obtain_jars() -> Path:
    """Fetch what is missing from Maven Central, or as the file `CREDITRISK_IVY_SETTINGS` says.

    A jar appears in the folder whole and checked, or not at all.
    """
    folder().mkdir(parents=True, exist_ok=True)
    for coordinate, sha256 in jars.JARS.items():
        if not (folder() / jar_file(coordinate)).is_file():
            with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder()) as place:
                _fetch(coordinate, sha256, Path(place))
    return folder()


def _fetch(coordinate: str, sha256: str, place: Path) -> None:
    _say(f"fetching {coordinate}")
    done = subprocess.run(
        [*_ivy(place), "-dependency", *coordinate.split(":")],
        capture_output=True,
        text=True,
        check=False,
    )
    jar = place / jar_file(coordinate)
    if done.returncode or not jar.is_file():
        raise UserError(
            f"{coordinate} cannot be fetched: is this machine online? A mirror is named in an Ivy"
            f" settings file, {_SETTINGS} says where it lies"
        )
    with jar.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise UserError(
            f"{coordinate} has sha256 {found}, not {sha256}: it was altered or cut short on its"
            f" way; try again, or name a repository you trust ({_SETTINGS})"
        )
    jar.replace(folder() / jar.name)


def _ivy(place: Path) -> list[str]:
    """Ivy's command line, but for what to fetch: that alone, not what it depends on."""
    spark, java = find_spec("pyspark"), os.environ.get("JAVA_HOME") or find_java()
    if spark is None or spark.origin is None or java is None:
        raise UserError("the jars are fetched with Spark's own Ivy: install pyspark and a Java")
    [ivy] = Path(spark.origin).parent.glob("jars/ivy-*.jar")
    settings = os.environ.get(_SETTINGS)
    return [
        *(str(Path(java) / "bin/java"), "-jar", str(ivy)),
        *(("-settings", settings) if settings else ()),
        *("-cache", str(place / "cache"), "-notransitive", "-types", "jar"),
        *("-retrieve", f"{place}/[artifact]-[revision].[ext]"),
    ]


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> int:
    """Print the folder; exit code 2 and one line when the jars cannot be had."""
    try:
        print(obtain_jars())
    except UserError as error:
        _say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
