"""The Delta log of a table, so that other engines open it by name: `lake/<table>/_delta_log/`.

Manifests are the commits. The log follows them, and can be written anew from them at any time.
A commit is one version of the log: its files come in, those of the version before go out. No file
is copied: the log names them relative to `lake/<table>`, so that a store can be moved. Each month
is a transaction (`txn`) whose number is its newest version in the log: what is still to be written
follows from it, after a crash as well. The newest version of the log repeats these numbers, to be
looked up at once. docs/decisions/0020 gives the reasons.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from creditrisk.contracts import UNDESCRIBED, Contract
from creditrisk.errors import UserError, printable
from creditrisk.lake import COMMITTED_MONTH, Commit, Lake
from creditrisk.lake.delta_gap import NEWEST, is_behind, lacking, newest_of
from creditrisk.lake.housekeeping import DELTA_LOG, kind
from creditrisk.storage import ConflictError, Store
from creditrisk.storage.delta_place import delta_place

if TYPE_CHECKING:
    from deltalake import DeltaTable

_FOREVER = "interval 36500 days"
_PROPERTIES: dict[str, str | None] = {
    "delta.checkpointInterval": "10",  # a reader fetches so many small files at most
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": _FOREVER,
    # a VACUUM by whoever may delete would remove what superseded manifests, and models, rest on
    "delta.deletedFileRetentionDuration": _FOREVER,
}
_ATTEMPTS = 20
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_MISSING = "the package deltalake is not installed: pip install 'creditrisk[ml]'"
_AGAIN = "others write it at the same time"


@dataclass(frozen=True)
class Followed:
    """A table whose log was brought up to its manifests; `fault`: why it was not, in one line."""

    table: str
    written: int = 0  # versions of the log
    fault: str = ""


def follow_manifests(lake: Lake, described: Iterable[Contract] = ()) -> list[Followed]:
    """Write what the Delta logs lack, table by table; a table that fails stops no other.

    `described`: contracts at hand; of what they do not cover the Parquet files tell the columns.
    """
    schemas = {c.schema_sha: c.arrow for c in (*UNDESCRIBED, *described)}
    of_tables = groupby(lake.store.keys("lake/"), lambda key: "/".join(key.split("/")[1:3]))
    found = []
    for table, keys in of_tables:
        kinds = defaultdict[str, list[str]](list)
        for key in keys:
            kinds[kind(key)].append(key)
        if is_behind(lake.store, kinds[DELTA_LOG], kinds["manifests"]):
            found.append(_followed(lake, table, kinds["manifests"], schemas))
        else:
            found.append(Followed(table))
    return found


def forget_logs(store: Store) -> None:
    """Remove every Delta log, the newest version first: what is left meanwhile is a log, too."""
    logs = [key for key in store.keys("lake/") if kind(key) == DELTA_LOG]
    for key in reversed(logs):
        store.delete(key)


def _followed(
    lake: Lake, table: str, keys: Sequence[str], schemas: Mapping[str, pa.Schema]
) -> Followed:
    try:
        from deltalake.exceptions import CommitFailedError, DeltaError  # noqa: PLC0415 - 100 MB
    except ImportError:
        return Followed(table, fault=_MISSING)
    for _ in range(_ATTEMPTS):
        try:
            return Followed(table, _follow(lake, table, keys, schemas))
        except (CommitFailedError, ConflictError):  # another was first: look again
            continue
        except (DeltaError, OSError, UserError, KeyError, ValueError, pa.ArrowException) as error:
            return Followed(table, fault=_line(error))
    return Followed(table, fault=_AGAIN)


def _line(error: Exception) -> str:
    """What went wrong in one line; delta-rs colours what a server did, attempt by attempt."""
    return printable(" ".join(_COLOUR.sub("", str(error)).split())[:300])


def _follow(lake: Lake, table: str, keys: Sequence[str], schemas: Mapping[str, pa.Schema]) -> int:
    """How many versions were written."""
    log, written = _opened(lake.store, table), 0
    newest = newest_of(log, keys) if log else {}
    for commit in lacking(lake, keys, newest):
        schema = _schema(lake, commit, schemas)
        if log is None and schema is None:
            continue  # no rows so far, and nobody knows its columns
        log = log or _created(lake.store, table, schema)
        newest[commit.month] = commit.version
        if written:
            log.update_incremental()
        _append(log, commit, schema, newest)
        written += 1
    return written


def _opened(store: Store, table: str) -> "DeltaTable | None":
    from deltalake import DeltaTable  # noqa: PLC0415 - 100 MB
    from deltalake.exceptions import TableNotFoundError  # noqa: PLC0415 - 100 MB

    uri, settings = delta_place(store, f"lake/{table}")
    try:
        return DeltaTable(uri, storage_options=settings)
    except TableNotFoundError:
        return None


def _created(store: Store, table: str, schema: pa.Schema) -> "DeltaTable":
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
        if _opened(store, table) is None:
            raise
        raise ConflictError(f"{table} has a log meanwhile") from None


def _append(
    log: "DeltaTable", commit: Commit, schema: pa.Schema | None, newest: Mapping[str, int]
) -> None:
    """One version: the month's files are those of this commit."""
    from deltalake import CommitProperties, Transaction  # noqa: PLC0415 - 100 MB

    said = {"manifest": commit.key, "digest": commit.digest, "code": commit.code}
    said[NEWEST] = json.dumps(newest)
    log.create_write_transaction(
        list(_files(commit)),
        mode="overwrite",
        schema=_widened(log, commit, schema),
        partition_by=[COMMITTED_MONTH],
        partition_filters=[(COMMITTED_MONTH, "=", commit.month)],
        commit_properties=CommitProperties(
            custom_metadata=said,
            # on top of what was read, or not at all: delta-rs would write another's commit again
            max_commit_retries=0,
            app_transactions=[Transaction(commit.month, commit.version)],
        ),
    )


def _files(commit: Commit) -> Iterator[object]:
    from deltalake.transaction import AddAction  # noqa: PLC0415 - 100 MB

    # manifests do not say when a file was written: the month, so that logs written anew are alike
    at = int(datetime.fromisoformat(commit.month).replace(tzinfo=UTC).timestamp() * 1000)
    for file in commit.files:
        yield AddAction(
            path=file.key.removeprefix(f"lake/{commit.table}/"),
            size=file.size,
            partition_values={COMMITTED_MONTH: commit.month},
            modification_time=at,
            data_change=True,
            stats=json.dumps({"numRecords": file.rows}),
        )


def _schema(lake: Lake, commit: Commit, schemas: Mapping[str, pa.Schema]) -> pa.Schema | None:
    """A commit's columns; None where it has no file and no contract is at hand."""
    if commit.schema_sha in schemas or not commit.files:
        return schemas.get(commit.schema_sha)
    with lake.store.open(commit.files[0].key) as file:
        return pq.read_schema(file).remove_metadata()


def _widened(log: "DeltaTable", commit: Commit, schema: pa.Schema | None) -> pa.Schema:
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
