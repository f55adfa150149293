"""A log follows its manifests by delta-rs: opened, made, given versions that may bring columns."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction

from creditrisk.errors import UserError
from creditrisk.lake import COMMITTED_MONTH, Commit, Lake
from creditrisk.lake.delta_version import (
    Version,
    month_of,
    path_in_table,
    version_said,
    write_version,
    written_at,
)
from creditrisk.records.run import now
from creditrisk.storage import ConflictError, Store
from creditrisk.storage.delta_place import delta_place
from creditrisk.storage.parallel import in_parallel

_FOREVER = "interval 36500 days"
_INTERVAL = 10  # versions between checkpoints: a reader fetches so many small files at most
_PROPERTIES: dict[str, str | None] = {
    "delta.checkpointInterval": f"{_INTERVAL}",
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": _FOREVER,
    # a VACUUM by whoever may delete would remove what superseded manifests, and models, rest on
    "delta.deletedFileRetentionDuration": _FOREVER,
}
_PROTOCOL = (1, 2)  # of readers, of writers


def follow(
    lake: Lake, newest: Version, keys: Sequence[str], schemas: Mapping[str, pa.Schema]
) -> int:
    """How many versions were written: every month's first, then what corrected them."""
    written = 0
    commits = in_parallel(lake.manifest, newest.lacking(keys))
    for commit in sorted(commits, key=lambda commit: (commit.version, commit.month)):
        after = _added(lake, commit, newest, schemas)
        written += after is not newest
        newest = after
    return written


def _added(
    lake: Lake, commit: Commit, newest: Version, schemas: Mapping[str, pa.Schema]
) -> Version:
    """The version that has a commit; the newest as it was where nobody knows columns yet."""
    if commit.schema_sha not in newest.columns:
        return _widened(lake, commit, newest, schemas)
    written = write_version(lake, commit, newest, now())
    if (written.number + 1) % _INTERVAL == 0 and (log := _opened(lake.store, commit.table)):
        log.create_checkpoint()
    return written


def asked(store: Store, table: str, keys: Sequence[str]) -> Version:
    """What the whole log says it has.

    A month that its newest version does not know as it is may have been written by another
    meanwhile: it is looked up.
    """
    log = _opened(store, table)
    if log is None:
        return Version()
    said = version_said(log.version(), log.history(1)[0])
    doubtful = {month_of(key) for key in said.lacking(keys)}
    found = {month: log.transaction_version(month) or 0 for month in doubtful}
    return replace(said, newest={**said.months, **found})


def _widened(
    lake: Lake, commit: Commit, newest: Version, schemas: Mapping[str, pa.Schema]
) -> Version:
    """The version that has a commit and its columns, as delta-rs writes it."""
    schema, log = _schema(lake, commit, schemas), _opened(lake.store, commit.table)
    if log is None and schema is None:
        return newest  # no rows so far, and nobody knows its columns
    if log and log.version() != newest.number:
        raise ConflictError(f"{commit.table} has another version meanwhile")
    log = log or _created(lake.store, commit.table, schema)
    known = {commit.schema_sha} if schema is not None else set()
    ours = _is_as_created(log)  # another tool may ask for more than we write
    written = Version(log.version(), newest.newest).after(
        commit, newest.columns | known if ours else frozenset()
    )
    _append(log, commit, schema, written)
    return written


def _schema(lake: Lake, commit: Commit, schemas: Mapping[str, pa.Schema]) -> pa.Schema | None:
    """A commit's columns; None where it has no file and no contract is at hand."""
    if commit.schema_sha in schemas or not commit.files:
        return schemas.get(commit.schema_sha)
    with lake.store.open(commit.files[0].key) as file:
        return pq.read_schema(file).remove_metadata()


def _opened(store: Store, table: str) -> DeltaTable | None:
    uri, settings = delta_place(store, f"lake/{table}")
    try:
        return DeltaTable(uri, storage_options=settings)
    except TableNotFoundError:
        return None


def _created(store: Store, table: str, schema: pa.Schema) -> DeltaTable:
    uri, settings = delta_place(store, f"lake/{table}")
    try:
        return DeltaTable.create(
            uri,
            schema=_with_month(schema),
            partition_by=[COMMITTED_MONTH],
            name=table,
            configuration=_PROPERTIES,
            storage_options=settings,
            commit_properties=CommitProperties(max_commit_retries=0),
        )
    except DeltaError:
        if _opened(store, table) is None:
            raise
        raise ConflictError(f"{table} has a log meanwhile") from None


def _is_as_created(log: DeltaTable) -> bool:
    """Whether it still asks of a writer what we made it ask, and no more."""
    protocol = (log.protocol().min_reader_version, log.protocol().min_writer_version)
    return protocol == _PROTOCOL and log.metadata().configuration == _PROPERTIES


def _append(log: DeltaTable, commit: Commit, schema: pa.Schema | None, written: Version) -> None:
    """One version: the month's files are those of this commit."""
    log.create_write_transaction(
        list(_files(commit)),
        mode="overwrite",
        schema=_columns(log, commit, schema),
        partition_by=[COMMITTED_MONTH],
        partition_filters=[(COMMITTED_MONTH, "=", commit.month)],
        commit_properties=CommitProperties(
            custom_metadata=written.said(commit),
            # on top of what was read, or not at all: delta-rs would write another's commit again
            max_commit_retries=0,
            app_transactions=[Transaction(commit.month, commit.version)],
        ),
    )


def _files(commit: Commit) -> Iterator[AddAction]:
    for file in commit.files:
        yield AddAction(
            path=path_in_table(commit, file.key),
            size=file.size,
            partition_values={COMMITTED_MONTH: commit.month},
            modification_time=written_at(commit),
            data_change=True,
            stats=json.dumps({"numRecords": file.rows}),
        )


def _columns(log: DeltaTable, commit: Commit, schema: pa.Schema | None) -> pa.Schema:
    """The log's columns and those that are new; a column of two types is a `UserError`."""
    had = pa.schema(log.schema().to_arrow())
    if schema is None:
        return had
    had = had.remove(had.get_field_index(COMMITTED_MONTH))
    try:
        return _with_month(pa.unify_schemas([had, schema]))
    except pa.ArrowTypeError as error:
        raise UserError(
            f"{commit.key} has a column of another type, and a Delta table has one ({error})"
        ) from None


def _with_month(schema: pa.Schema) -> pa.Schema:
    return schema.append(pa.field(COMMITTED_MONTH, pa.date32()))
