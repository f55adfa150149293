"""What some tests need of a machine: there, or its tests are skipped with the way to get it.

Where `CI` is set nothing is skipped: what cannot be had is an error.
"""

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec

import pytest

from creditrisk.errors import UserError
from creditrisk.stages.etl.jars import find_jars
from creditrisk.stages.etl.java import find_java
from tools import helm, minio, viewer


def java() -> None:
    """A Java that starts Spark."""
    if find_java() is None:
        raise UserError("no Java 17 or newer: make test finds or fetches one")


def s3_jars() -> None:
    """Spark's jars for s3://."""
    java()
    find_jars()


def helm_binary() -> None:
    """A Helm; on a laptop none is built on the way."""
    if helm.binary() is None and not os.environ.get("CI"):
        raise UserError("no Helm: make helm builds one")
    helm.obtain()


def axe() -> None:
    """The checker of accessibility."""
    if find_spec("axe_playwright_python") is None:
        raise UserError("no axe-playwright-python: make install")


NEEDS: Mapping[str, Callable[[], object]] = {
    "Java": java,
    "S3 jars": s3_jars,
    "MinIO": minio.obtain,
    "Helm": helm_binary,
    "Chromium": viewer.chromium,
    "axe": axe,
}


def need(*names: str) -> None:
    """Skip the test that asks, with the reason, where the machine lacks one of `NEEDS`."""
    for name in names:
        try:
            NEEDS[name]()
        except UserError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"{name}: {error}")
