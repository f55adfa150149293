"""A store whose answers are kept: for reading many documents as of one moment."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import BufferedReader
from typing import IO

from creditrisk.errors import AbsentError
from creditrisk.storage import Object, ObjectVersion, Store


class CachedStore:
    """Reads, listings and versions of a store as they were first answered.

    For who writes nothing meanwhile: what is written is not seen in them.
    """

    def __init__(self, store: Store) -> None:
        self._store, self.uri = store, store.uri
        self._read: dict[str, bytes | None] = {}
        self._listed: dict[str, list[str]] = {}
        self._versions: dict[str, list[ObjectVersion] | None] = {}
        self._there: dict[str, dict[str, str]] = {}  # keys and tags, by the prefix of versions

    def read(self, key: str) -> bytes:
        if key not in self._read:
            try:
                self._read[key] = self._store.read(key)
            except KeyError:
                self._read[key] = None
        found = self._read[key]
        if found is None:
            raise AbsentError(key, self.uri)
        return found

    def keys(self, prefix: str = "") -> Iterator[str]:
        if (there := self._below(prefix)) is not None:
            return (key for key in there if key.startswith(prefix))
        above = next((one for one in self._listed if prefix.startswith(one)), None)
        if above is None:
            above, self._listed[prefix] = prefix, list(self._store.keys(prefix))
        return (key for key in self._listed[above] if key.startswith(prefix))

    def versions(self, prefix: str) -> list[ObjectVersion] | None:
        above = next((one for one in self._versions if prefix.startswith(one)), prefix)
        if above != prefix:
            found = self._versions[above]
            return found and [one for one in found if one.key.startswith(prefix)]
        if prefix not in self._versions:
            found = self._versions[prefix] = self._store.versions(prefix)
            newest = {one.key: one for one in found or ()}  # the oldest of a key comes first
            there = {key: f"{one.at}" for key, one in newest.items() if not one.deleted}
            self._there |= {prefix: there} if found is not None else {}
        return self._versions[prefix]

    def tag(self, key: str) -> str | None:
        there = self._below(key)
        return self._store.tag(key) if there is None else there.get(key)

    def _below(self, key: str) -> dict[str, str] | None:
        """Keys and tags of what is there, if versions were listed of all that begins like a key."""
        found = (there for prefix, there in self._there.items() if key.startswith(prefix))
        return next(found, None)

    def exists(self) -> bool:
        return self._store.exists()

    def open(self, key: str) -> AbstractContextManager[BufferedReader]:
        return self._store.open(key)

    def write(self, key: str, data: bytes) -> None:
        self._store.write(key, data)

    def create(self, key: str, data: bytes) -> None:
        self._store.create(key, data)

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        self._store.swap(key, data, expected)

    def unlock(self) -> bool:
        return self._store.unlock()

    def delete(self, key: str) -> None:
        self._store.delete(key)

    def objects(self, prefix: str = "") -> Iterator[Object]:
        return self._store.objects(prefix)

    def output(self, key: str) -> AbstractContextManager[IO[bytes]]:
        return self._store.output(key)

    def spark_uri(self, key: str) -> str:
        return self._store.spark_uri(key)
