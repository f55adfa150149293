"""What delta-rs is asked: to open a log, to make one, to write a version that may bring columns."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from creditrisk.errors import UserError
from creditrisk.lake import COMMITTED_MONTH, Commit
from creditrisk.lake.delta_version import Version, path_in_table, written_at
from creditrisk.storage import ConflictError, Store
from creditrisk.storage.delta_place import delta_place

if TYPE_CHECKING:
    from deltalake import DeltaTable

_FOREVER = "interval 36500 days"
INTERVAL = 10  # versions between checkpoints: a reader fetches so many small files at most
_PROPERTIES: dict[str, str | None] = {
    "delta.checkpointInterval": f"{INTERVAL}",
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": _FOREVER,
    # a VACUUM by whoever may delete would remove what superseded manifests, and models, rest on
    "delta.deletedFileRetentionDuration": _FOREVER,
}
_PROTOCOL = (1, 2)  # of readers, of writers


def opened(store: Store, table: str) -> "DeltaTable | None":
    from deltalake import DeltaTable  # noqa: PLC0415 - 100 MB
    from deltalake.exceptions import TableNotFoundError  # noqa: PLC0415 - 100 MB

    uri, settings = delta_place(store, f"lake/{table}")
    try:
        return DeltaTable(uri, storage_options=settings)
    except TableNotFoundError:
        return None


def created(store: Store, table: str, schema: pa.Schema) -> "DeltaTable":
    from deltalake import CommitProperties, DeltaTable  # noqa: PLC0415 - 100 MB
    from deltalake.exceptions import DeltaError  # noqa: PLC0415 - 100 MB

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
        if opened(store, table) is None:
            raise
        raise ConflictError(f"{table} has a log meanwhile") from None


def is_as_created(log: "DeltaTable") -> bool:
    """Whether it still asks of a writer what we made it ask, and no more."""
    protocol = (log.protocol().min_reader_version, log.protocol().min_writer_version)
    return protocol == _PROTOCOL and log.metadata().configuration == _PROPERTIES


def append(log: "DeltaTable", commit: Commit, schema: pa.Schema | None, written: Version) -> None:
    """One version: the month's files are those of this commit."""
    from deltalake import CommitProperties, Transaction  # noqa: PLC0415 - 100 MB

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


def _files(commit: Commit) -> Iterator[object]:
    from deltalake.transaction import AddAction  # noqa: PLC0415 - 100 MB

    for file in commit.files:
        yield AddAction(
            path=path_in_table(commit, file.key),
            size=file.size,
            partition_values={COMMITTED_MONTH: commit.month},
            modification_time=written_at(commit),
            data_change=True,
            stats=json.dumps({"numRecords": file.rows}),
        )


def _columns(log: "DeltaTable", commit: Commit, schema: pa.Schema | None) -> pa.Schema:
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
