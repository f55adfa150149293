"""Manifests: which months of which tables are committed, and the files that hold them.

lake/<table>/manifests/<month>/<version>.json
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache

from creditrisk.errors import GateError, UserError
from creditrisk.json_value import json_value
from creditrisk.storage import Store
from creditrisk.storage.parallel import in_parallel

# tables that documents name
FEATURES, FINDINGS, SCORES = "gold/features", "monitoring/findings", "scores/applications"


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a commit; `key` is relative to the store."""

    key: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Commit:
    """One month of one table, as committed."""

    table: str
    month: str
    version: int
    rows: int
    digest: str  # over the rows as a set: equal content, equal digest
    schema_sha: str
    inputs: Mapping[str, str]  # what it was made from: name -> digest or sha256
    files: tuple[DataFile, ...]
    code: str  # version of the code that wrote it
    as_of: str

    @property
    def key(self) -> str:
        """Where the manifest lies in the store."""
        return f"lake/{self.table}/manifests/{self.month}/{self.version:06d}.json"

    def data(self) -> bytes:
        """The manifest as it is stored."""
        return canonical(asdict(self))


def canonical(value: object) -> bytes:
    """JSON of which there is only one form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse_manifest(key: str, data: bytes) -> Commit:
    """Read a manifest; one that is damaged, or is not the one `key` names, is a `GateError`."""
    try:
        found = _parse(data)
    except (KeyError, TypeError, ValueError):
        raise GateError(f"{key} is no manifest any more; restore it") from None
    if found.key != key:
        raise GateError(f"{key} is the manifest of {found.key}; restore it")
    return found


@cache  # every stage reads the same ones
def _parse(data: bytes) -> Commit:
    raw = json_value(data)
    return Commit(**{**raw, "files": tuple(DataFile(**file) for file in raw["files"])})


class Commits:
    """What is committed to the tables of one store. Manifests never change: each is read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, Commit] = {}

    def months(self, table: str, upto: date | None = None) -> list[date]:
        """Committed months, oldest first; none later than `upto`."""
        newest = self._newest(table)
        return [month for month in newest if upto is None or month <= upto]

    def commits(self, table: str, upto: date | None = None) -> list[Commit]:
        """The newest version of every month's commit, oldest month first; one listing."""
        newest = self._newest(table)
        keys = [key for month, key in newest.items() if upto is None or month <= upto]
        return in_parallel(self.manifest, keys)

    def versions(self, table: str, month: date) -> list[Commit]:
        """Every version of a month's commit, oldest first."""
        keys = self.store.keys(f"lake/{table}/manifests/{month.isoformat()}/")
        return [self.manifest(key) for key in keys]

    def commit(self, table: str, month: date) -> Commit | None:
        """The newest version of a month's commit."""
        keys = list(self.store.keys(f"lake/{table}/manifests/{month.isoformat()}/"))
        return self.manifest(keys[-1]) if keys else None

    def need(self, table: str, month: date) -> Commit:
        """The newest commit; a `UserError` names the month that is missing."""
        found = self.commit(table, month)
        if found is None:
            raise UserError(
                f"{table} has no month {month} in {self.store.uri}; run that month's ETL first"
            )
        return found

    def manifest(self, key: str) -> Commit:
        """A commit by its manifest's key; `KeyError` when there is none."""
        if key not in self._known:
            self._known[key] = parse_manifest(key, self.store.read(key))
        return self._known[key]

    def _newest(self, table: str) -> dict[date, str]:
        """Of every committed month, oldest first, the key of its newest manifest."""
        prefix = f"lake/{table}/manifests/"
        return {_month(prefix, key): key for key in self.store.keys(prefix)}


def _month(prefix: str, key: str) -> date:
    try:
        return date.fromisoformat(key.removeprefix(prefix)[:10])
    except ValueError:
        raise GateError(
            f"{key} is the name of no manifest: nobody put it there; remove it"
        ) from None
