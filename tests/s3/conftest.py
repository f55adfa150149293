"""One real MinIO for all tests: a bucket with versions for the store, a locked one for audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from minio.commonconfig import ENABLED, GOVERNANCE
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig

from creditrisk.storage import open_store
from tests.needs import need
from tools.minio import Server


@pytest.fixture(scope="session")
def minio(tmp_path_factory):
    """The server, with the buckets `lake` and `audit`."""
    with served(tmp_path_factory.mktemp("minio")) as server:
        server.client.set_bucket_versioning("lake", VersioningConfig(ENABLED))
        server.client.make_bucket("audit", object_lock=True)  # which also turns versioning on
        server.client.set_object_lock_config("audit", ObjectLockConfig(GOVERNANCE, 1, DAYS))
        yield server


@pytest.fixture(scope="module")
def mortals(tmp_path_factory):
    """A server that only tests of its death know."""
    with served(tmp_path_factory.mktemp("mortal")) as server:
        yield server


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    need("MinIO")
    server = Server(folder)
    server.start()
    server.client.make_bucket("lake")
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def s3_jars() -> None:
    """What Spark needs to reach the server."""
    need("S3 jars")


@pytest.fixture
def environment(minio, monkeypatch) -> dict[str, str]:
    """What a process needs to reach the server; this process has it too."""
    for name, value in minio.environment.items():
        monkeypatch.setenv(name, value)
    return minio.environment


@pytest.fixture
def store(environment):
    """A store of this test's own."""
    return open_store(f"s3://lake/{uuid4().hex}")
