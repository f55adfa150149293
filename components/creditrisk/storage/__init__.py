"""Where bytes live: the only module that knows an endpoint.

One small interface over `file://` and `s3://` (MinIO or any S3). Keys are
slash-separated and relative to the store's root. A write is atomic: a reader
sees the old object or the new one, never a part.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from pyarrow import fs

from creditrisk.errors import UserError


class ConflictError(Exception):
    """The object is not in the state the writer expected: someone else was first."""


@dataclass(frozen=True)
class Object:
    """An object as a listing tells it; `changed` (UTC): when it came to be what it is."""

    key: str
    size: int
    changed: datetime


class Store(Protocol):
    """Objects under one root URI."""

    uri: str

    def read(self, key: str) -> bytes:
        """The object's bytes; `KeyError` when there is none."""
        ...

    def write(self, key: str, data: bytes) -> None:
        """Create or replace an object."""
        ...

    def create(self, key: str, data: bytes) -> None:
        """Create an object; `ConflictError` when the key is taken."""
        ...

    def tag(self, key: str) -> str | None:
        """What `swap` compares with: another tag, another content; None if absent."""
        ...

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        """Replace an object whose `tag` is still `expected` (None: absent) or `ConflictError`."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens when there is none."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Keys below a folder (`prefix` ends in `/`; empty: the whole store), sorted."""
        ...

    def objects(self, prefix: str = "") -> Iterator[Object]:
        """Like `keys`, with sizes and ages, in no order; costs no more requests."""
        ...

    def filesystem(self) -> tuple[fs.FileSystem, str]:
        """For Parquet readers and writers: a filesystem and the root's path on it."""
        ...

    def spark_uri(self, key: str) -> str:
        """The key as Spark addresses it (`file:///...` or `s3a://...`)."""
        ...


def open_store(uri: str | None = None) -> Store:
    """Open a store by URI; default `CREDITRISK_STORE`, else `store/` in the working directory."""
    return _open(uri or os.environ.get("CREDITRISK_STORE") or "store")


def open_audit_store(store: Store) -> Store:
    """The audit trail's own store: `CREDITRISK_AUDIT_STORE`, else beside `store`."""
    return _open(os.environ.get("CREDITRISK_AUDIT_STORE") or f"{store.uri.rstrip('/')}-audit")


def _open(uri: str) -> Store:
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        from creditrisk.storage.s3 import S3Store

        return S3Store.from_environment(bucket=parts.netloc, prefix=parts.path.strip("/"))
    if parts.scheme in ("", "file"):
        from creditrisk.storage.file import FileStore

        return FileStore(parts.path)
    raise UserError(
        f"store '{uri}': scheme '{parts.scheme}' is unknown; use file:///dir or s3://bucket/prefix"
    )
