"""Tables in a store, committed by manifest.

Parquet goes to an immutable, run-scoped path; then one manifest object is created.
The manifest is the commit: readers see a month only through it, so a crash leaves
unreferenced files and nothing else. A corrected month is a new version of its
manifest; old versions stay, because models were trained on them.

    lake/<table>/data/<run>/committed_month=<month>/*.parquet
    lake/<table>/manifests/<month>/<version>.json
    lake/<table>/_delta_log/    the same, as other engines read it: `lake.delta`
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from creditrisk import advice
from creditrisk.contracts import Contract
from creditrisk.contracts.check import check_table
from creditrisk.errors import GateError, UserError
from creditrisk.lake.digest import combined_digest, table_digest
from creditrisk.records.commits import Commit, Commits, DataFile
from creditrisk.storage import ConflictError, Store
from creditrisk.storage.parallel import in_parallel

__all__ = [
    "COMMITTED_MONTH",
    "Commit",
    "DataFile",
    "Lake",
    "check_key",
    "combined_digest",
    "data_key",
    "table_digest",
]
COMMITTED_MONTH = "committed_month"  # of a file: the folder it is in; no lender's name for a column


class Lake(Commits):
    """The tables of one store: their commits, and the rows behind them."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.opened: dict[str, str] = {}  # manifest -> digest, of every commit read so far

    def publish(self, commit: Commit) -> Commit:
        """Put the manifest. Equal content from equal inputs is not committed twice.

        Two writers race for the next version number; the loser looks again and
        commits on top, or finds that the winner wrote what it had. A commit that lost
        a file is not the same: a month run again replaces it.
        """
        while True:
            # what the store holds, also where a pinned lake shows an older commit
            newest = Lake.commit(self, commit.table, date.fromisoformat(commit.month))
            same = newest and (newest.digest, newest.inputs) == (commit.digest, commit.inputs)
            if newest and same and self.damage(newest) is None:
                return newest
            numbered = replace(commit, version=newest.version + 1 if newest else 1)
            try:
                self.store.create(numbered.key, numbered.data())
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
        check_table(contract, month, table)
        key = data_key(contract, month)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        data = sink.getvalue().to_pybytes()
        self.store.write(f"{key}/part-0.parquet", data)
        sha256 = hashlib.sha256(data).hexdigest()
        return self.publish(
            Commit(
                table=contract.table,
                month=month.isoformat(),
                version=0,
                rows=table.num_rows,
                digest=table_digest(contract, table),
                schema_sha=contract.schema_sha,
                inputs=dict(inputs),
                files=(DataFile(f"{key}/part-0.parquet", table.num_rows, len(data), sha256),),
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
        self.opened |= {commit.key: commit.digest for commit in commits}
        parts = [
            self._shaped(contract, commit, self._file(commit, file))
            for commit in commits
            for file in commit.files
        ]
        return pa.concat_tables([contract.arrow.empty_table(), *parts])

    def as_committed(self, commit: Commit) -> pa.Table:
        """Rows of a commit with the columns they were written with, refused as in `read_commits`.

        For readers who have no contract of the table: it may have changed since.
        """
        parts = [self._file(commit, file) for file in commit.files]
        return pa.concat_tables(parts) if parts else pa.table({})

    def spark_uris(self, commits: Sequence[Commit]) -> list[str]:
        """The files of some commits as Spark addresses them, refused as in `read_commits`.

        Every byte is hashed before Spark sees it: it would take an altered file for what
        it says it is. (Measured: 0.13 s of CPU for 155 MB.)
        """
        for damage in in_parallel(self.damage, commits):
            if damage:
                raise GateError(damage)
        return [self.store.spark_uri(file.key) for commit in commits for file in commit.files]

    def damage(self, commit: Commit) -> str | None:
        """What is wrong with the first of a commit's files that is not as committed, if any."""
        for file in commit.files:
            try:
                with self.store.open(file.key) as stream:
                    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            except KeyError:
                return _gone(commit, file)
            if sha256 != file.sha256:
                return _altered(commit, file)
        return None

    def _file(self, commit: Commit, file: DataFile) -> pa.Table:
        try:
            data = self.store.read(file.key)
        except KeyError:
            raise GateError(_gone(commit, file)) from None
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise GateError(_altered(commit, file))
        return pq.ParquetFile(pa.BufferReader(data)).read()  # read_table imports pandas

    def _shaped(self, contract: Contract, commit: Commit, table: pa.Table) -> pa.Table:
        """A file's rows in the contract's columns and types."""
        lacking = [name for name in contract.names if name not in table.column_names]
        if lacking:
            raise OtherColumnsError(
                f"{commit.key} has no {', '.join(lacking)}: it was built by another description;"
                f" build it again by yours: {advice.backfill(commit.month, commit.month)}"
            )
        return table.select(list(contract.names)).cast(contract.arrow)


class OtherColumnsError(UserError):
    """A commit that another description built: whole, and without some of the columns asked for."""


def data_key(contract: Contract, month: date) -> str:
    """A new, never used folder for a month's files."""
    return f"lake/{contract.table}/data/{uuid4().hex[:12]}/{COMMITTED_MONTH}={month}"


def check_key(contract: Contract, month: date, table: pa.Table) -> None:
    """Rows of a month to be committed are unique by key; `UserError` otherwise."""
    keys = table.select(list(contract.key)).group_by(list(contract.key)).aggregate([])
    if keys.num_rows != table.num_rows:
        raise UserError(
            f"{contract.table} {month}: {table.num_rows - keys.num_rows} rows repeat the key"
            f" {', '.join(contract.key)}; the grain is {contract.grain}"
        )


def _gone(commit: Commit, file: DataFile) -> str:
    return f"{commit.key} names {file.key}, which is gone; restore it or re-run {commit.month}"


def _altered(commit: Commit, file: DataFile) -> str:
    return (
        f"{file.key} was altered: its sha256 is not the one in {commit.key};"
        f" restore it or re-run {commit.month}"
    )
