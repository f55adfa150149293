"""Tables in a store, committed by manifest.

Parquet goes to an immutable, run-scoped path; then one manifest object is created.
The manifest is the commit: readers see a month only through it, so a crash leaves
unreferenced files and nothing else. A corrected month is a new version of its
manifest; old versions stay, because models were trained on them.

    lake/<table>/data/<run>/<month>/*.parquet
    lake/<table>/manifests/<month>/<version>.json
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from creditrisk.contracts import Contract
from creditrisk.errors import UserError
from creditrisk.storage import ConflictError, Store


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
    digest: str  # over the key-sorted canonical rows: equal content, equal digest
    schema_sha: str
    inputs: Mapping[str, str]  # what it was made from: name -> digest or sha256
    files: tuple[DataFile, ...]
    code: str  # version of the code that wrote it
    as_of: str

    @property
    def key(self) -> str:
        """Where the manifest lies in the store."""
        return f"lake/{self.table}/manifests/{self.month}/{self.version:06d}.json"


class Lake:
    """The tables of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def months(self, table: str, upto: date | None = None) -> list[date]:
        """Committed months, oldest first; none later than `upto`."""
        prefix = f"lake/{table}/manifests/"
        found = {date.fromisoformat(key[len(prefix) :][:10]) for key in self.store.keys(prefix)}
        return sorted(month for month in found if upto is None or month <= upto)

    def versions(self, table: str, month: date) -> list[Commit]:
        """Every version of a month's commit, oldest first."""
        keys = self.store.keys(f"lake/{table}/manifests/{month.isoformat()}/")
        return [_parse(self.store.read(key)) for key in keys]

    def commit(self, table: str, month: date) -> Commit | None:
        """The newest version of a month's commit."""
        keys = list(self.store.keys(f"lake/{table}/manifests/{month.isoformat()}/"))
        return _parse(self.store.read(keys[-1])) if keys else None

    def need(self, table: str, month: date) -> Commit:
        """The newest commit; a `UserError` names the month that is missing."""
        found = self.commit(table, month)
        if found is None:
            raise UserError(
                f"{table} has no month {month} in {self.store.uri}; run that month's ETL first"
            )
        return found

    def publish(self, commit: Commit) -> Commit:
        """Put the manifest. Equal content from equal inputs is not committed twice.

        Two writers race for the next version number; the loser looks again and
        commits on top, or finds that the winner wrote what it had.
        """
        while True:
            newest = self.commit(commit.table, date.fromisoformat(commit.month))
            if newest and (newest.digest, newest.inputs) == (commit.digest, commit.inputs):
                return newest
            version = newest.version + 1 if newest else 1
            numbered = Commit(**{**vars(commit), "version": version})
            try:
                self.store.create(numbered.key, _canonical(asdict(numbered)))
            except ConflictError:
                continue
            return numbered

    def write(
        self,
        contract: Contract,
        month: date,
        table: pa.Table,
        *,
        inputs: Mapping[str, str],
        code: str,
        as_of: date | None = None,
    ) -> Commit:
        """Write and commit a month from memory, in the contract's column order and types."""
        table = table.select(list(contract.names)).cast(contract.arrow)
        check_key(contract, month, table)
        key = data_key(contract, month)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        data = sink.getvalue().to_pybytes()
        self.store.write(f"{key}/part-0.parquet", data)
        file = DataFile(f"{key}/part-0.parquet", table.num_rows, len(data), _sha(data))
        return self.publish(
            Commit(
                table=contract.table,
                month=month.isoformat(),
                version=0,
                rows=table.num_rows,
                digest=table_digest(contract, table),
                schema_sha=contract.schema_sha,
                inputs=dict(inputs),
                files=(file,),
                code=code,
                as_of=(as_of or month).isoformat(),
            )
        )

    def read(self, contract: Contract, months: Iterable[date]) -> pa.Table:
        """The newest commits of some months; months without a commit give no rows."""
        found = [self.commit(contract.table, month) for month in months]
        return self.read_commits(contract, [commit for commit in found if commit])

    def read_commits(self, contract: Contract, commits: Sequence[Commit]) -> pa.Table:
        """Rows of given commits; a missing or altered file is refused by name."""
        parts = [self._file(contract, commit, file) for commit in commits for file in commit.files]
        return pa.concat_tables([contract.arrow.empty_table(), *parts])

    def _file(self, contract: Contract, commit: Commit, file: DataFile) -> pa.Table:
        try:
            data = self.store.read(file.key)
        except KeyError:
            raise UserError(
                f"{commit.key} names {file.key}, which is gone; restore it or re-run {commit.month}"
            ) from None
        if _sha(data) != file.sha256:
            raise UserError(
                f"{file.key} was altered: its sha256 is not the one in {commit.key};"
                f" restore it or re-run {commit.month}"
            )
        table = pq.read_table(pa.BufferReader(data))
        return table.select(list(contract.names)).cast(contract.arrow)

    def spark_uris(self, commits: Sequence[Commit]) -> list[str]:
        """The files of some commits as Spark addresses them."""
        return [self.store.spark_uri(file.key) for commit in commits for file in commit.files]


def data_key(contract: Contract, month: date) -> str:
    """A new, never used folder for a month's files."""
    return f"lake/{contract.table}/data/{uuid4().hex[:12]}/{month.isoformat()}"


def check_key(contract: Contract, month: date, table: pa.Table) -> None:
    """Rows of a month to be committed are unique by key; `UserError` otherwise."""
    keys = table.select(list(contract.key)).group_by(list(contract.key)).aggregate([])
    if keys.num_rows != table.num_rows:
        raise UserError(
            f"{contract.table} {month}: {table.num_rows - keys.num_rows} rows repeat the key"
            f" {', '.join(contract.key)}; the grain is {contract.grain}"
        )


def table_digest(contract: Contract, table: pa.Table) -> str:
    """sha256 over the sorted canonical rows: independent of row order and of files."""
    rows = (_canonical([_plain(value) for value in row.values()]) for row in table.to_pylist())
    digest = hashlib.sha256(contract.schema_sha.encode())
    for row in sorted(hashlib.sha256(row).digest() for row in rows):
        digest.update(row)
    return digest.hexdigest()


def combined_digest(digests: Mapping[str, str]) -> str:
    """One digest for several named ones."""
    return _sha(_canonical(dict(digests)))


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def _parse(data: bytes) -> Commit:
    raw = json.loads(data)
    return Commit(**{**raw, "files": tuple(DataFile(**file) for file in raw["files"])})
