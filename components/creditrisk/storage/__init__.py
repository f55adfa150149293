"""Where bytes live: the only module that knows an endpoint.

One small interface over a folder and `s3://` (MinIO or any S3). Keys are
slash-separated and relative to the store's root. A write is atomic: a reader
sees the old object or the new one, never a part. What a disk or a server refuses
is a `UserError`, whatever was asked of it.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from typing import IO, Protocol

from creditrisk.errors import UserError
from creditrisk.storage.location import Bucket, locate


class AwayError(UserError):
    """The server of a store does not answer: it was waited for, and given up."""


class ConflictError(Exception):
    """The object is not in the state the writer expected: someone else was first."""


@dataclass(frozen=True)
class Object:
    """An object as a listing has it; `changed` (UTC): when it came to be what it is."""

    key: str
    size: int
    changed: datetime


@dataclass(frozen=True)
class ObjectVersion:
    """What an object was from a moment on (UTC); `deleted`: from then on it was not there.

    `tag`: of its bytes, equal where they are; none of a removal.
    """

    key: str
    at: datetime
    deleted: bool
    tag: str = ""


class Store(Protocol):
    """Objects under one root URI."""

    uri: str

    def exists(self) -> bool:
        """Whether its folder or bucket is there; the first write makes a folder."""
        ...

    def read(self, key: str) -> bytes:
        """The object's bytes; `KeyError` when there is none."""
        ...

    def open(self, key: str) -> AbstractContextManager[BufferedReader]:
        """The object to read piece by piece; `KeyError` when there is none."""
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

    def unlock(self) -> bool:
        """Free what a writer that died keeps of `swap`; whether there was such a thing."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Keys below a folder (`prefix` ends in `/`; empty: the whole store), sorted."""
        ...

    def objects(self, prefix: str = "") -> Iterator[Object]:
        """Like `keys`, with sizes and ages, in no order; costs no more requests."""
        ...

    def versions(self, prefix: str) -> list[ObjectVersion] | None:
        """Every version of the keys that begin so, by key, the oldest first.

        None where the store keeps none, or does not show them to this key.
        """
        ...

    def output(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """The object to write piece by piece; what is there once it is closed is whole."""
        ...

    def spark_uri(self, key: str) -> str:
        """The key as Spark addresses it (`file:///...`, `s3a://...`), which takes no pattern."""
        ...


def open_store(text: str | None = None) -> Store:
    """Open a store by path or URL; default `CREDITRISK_STORE`, else `store/` where we are."""
    return _open(text or os.environ.get("CREDITRISK_STORE") or "store")


def open_audit_store(store: Store) -> Store:
    """The audit trail's own store: `CREDITRISK_AUDIT_STORE`, else beside `store`."""
    return _open(os.environ.get("CREDITRISK_AUDIT_STORE") or f"{store.uri.rstrip('/')}-audit")


def _open(text: str) -> Store:
    place = locate(text)
    if isinstance(place, Bucket):
        from creditrisk.storage.s3 import S3Store

        return S3Store.from_environment(*place)
    from creditrisk.storage.file import FileStore

    return FileStore(place)
