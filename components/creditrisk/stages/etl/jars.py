"""The jars that teach Spark s3://, as this machine has them; `tools.jars` fetches them.

They lie in `CREDITRISK_SPARK_JARS` (images bake them in), else in the user's cache.
"""

import os
import tempfile
from pathlib import Path

from creditrisk.errors import UserError

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
FOLDER = "CREDITRISK_SPARK_JARS"


def find_jars() -> list[Path]:
    """The jars, all of them; a `UserError` says how to get what is missing."""
    jars = [folder() / jar_file(coordinate) for coordinate in JARS]
    if missing := [jar.name for jar in jars if not jar.is_file()]:
        raise UserError(
            f"Spark needs {', '.join(missing)} for s3:// and {folder()} lacks it; run"
            f" `make jars` once in a clone, or set {FOLDER} to a folder that has it"
        )
    return jars


def folder() -> Path:
    return Path(os.environ.get(FOLDER) or cache() / "jars")


def cache() -> Path:
    """Where this project keeps downloads of a user."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "creditrisk"
    try:
        return Path.home() / ".cache" / "creditrisk"
    except RuntimeError:  # a pod's arbitrary user has none
        return Path(tempfile.gettempdir()) / "creditrisk"


def jar_file(coordinate: str) -> str:
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"
