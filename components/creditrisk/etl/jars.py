"""The jars that teach Spark s3://: found on this machine, or fetched once and checked.

`python -m creditrisk.etl.jars` prints their folder and nothing else on standard output.
They lie in `CREDITRISK_SPARK_JARS` (images bake them in), else in the user's cache.
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
from creditrisk.etl.java import find_java

# sha256 by Maven coordinate, matched to the Hadoop 3.5.0 inside Spark 4.3
JARS = {
    "org.apache.hadoop:hadoop-aws:3.5.0": (
        "66bd9eefb938b1a1657487324b63c13df2d8b17164a1dd24e0ef37b905bc5baa"
    ),
    # the next two in the versions that hadoop-aws 3.5.0 was built with
    "software.amazon.awssdk:bundle:2.35.4": (
        "db4b55f24ad1b4e70f17eb1717a4de76a8dadc5a27d764be7c44ff67b2c1c677"
    ),
    "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3:1.3.1": (
        "4959a9747cbb479c73c3ffbcd479bee5b014f8b2880994585a8693fb9d24675e"
    ),
    # Spark's side of the S3A committers; the newest on Maven Central, its base classes are
    # the same in Spark 4.3
    "org.apache.spark:spark-hadoop-cloud_2.13:4.1.2": (
        "672d7d872f434cb7fe1c90f7edcd19b1e8c67a335a578288426fbd4db5096915"
    ),
}
_FOLDER, _SETTINGS = "CREDITRISK_SPARK_JARS", "CREDITRISK_IVY_SETTINGS"


def find_jars() -> list[Path]:
    """The jars, all of them; a `UserError` says how to get what is missing."""
    jars = [folder() / _file(coordinate) for coordinate in JARS]
    if missing := [jar.name for jar in jars if not jar.is_file()]:
        raise UserError(
            f"Spark needs {', '.join(missing)} for s3:// and {folder()} lacks it; run"
            f" `python -m creditrisk.etl.jars` once, or set {_FOLDER} to a folder that has it"
        )
    return jars


def obtain_jars() -> Path:
    """Fetch what is missing from Maven Central, or as the file `CREDITRISK_IVY_SETTINGS` says.

    A jar appears in the folder whole and checked, or not at all.
    """
    folder().mkdir(parents=True, exist_ok=True)
    for coordinate, sha256 in JARS.items():
        if not (folder() / _file(coordinate)).is_file():
            with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder()) as place:
                _fetch(coordinate, sha256, Path(place))
    return folder()


def folder() -> Path:
    """Where the jars lie."""
    return Path(os.environ.get(_FOLDER) or cache() / "jars")


def cache() -> Path:
    """Where this project keeps downloads of a user."""
    if said := os.environ.get("XDG_CACHE_HOME"):
        return Path(said) / "creditrisk"
    try:
        return Path.home() / ".cache" / "creditrisk"
    except RuntimeError:  # a pod's arbitrary user has none
        return Path(tempfile.gettempdir()) / "creditrisk"


def _file(coordinate: str) -> str:
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"


def _fetch(coordinate: str, sha256: str, place: Path) -> None:
    _say(f"fetching {coordinate}")
    done = subprocess.run(
        [*_ivy(place), "-dependency", *coordinate.split(":")],
        capture_output=True,
        text=True,
        check=False,
    )
    jar = place / _file(coordinate)
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
