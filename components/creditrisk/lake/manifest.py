"""The manifest of a commit: one month of one table, and the files that hold it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache

from creditrisk.errors import UserError


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
    """Read a manifest; one that is damaged, or is not the one `key` names, is a `UserError`."""
    try:
        found = _parse(data)
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{key} is no manifest any more; restore it") from None
    if found.key != key:
        raise UserError(f"{key} is the manifest of {found.key}; restore it")
    return found


@cache  # every stage reads the same ones
def _parse(data: bytes) -> Commit:
    raw = json.loads(data)
    return Commit(**{**raw, "files": tuple(DataFile(**file) for file in raw["files"])})
