"""The Delta log of a table, so that other engines open it by name: `lake/<table>/_delta_log/`.

Manifests are the commits. The log follows them, and can be written anew from them at any time.
A commit is one version of the log: its files come in, those of the version before go out. No file
is copied: the log names them relative to `lake/<table>`, so that a store can be moved. Each month
is a transaction (`txn`) whose number is its newest version in the log: what is still to be written
follows from it, after a crash as well. The newest version of the log repeats these numbers, to be
looked up at once, and says which columns the log has: delta-rs is asked where there are new ones,
and for a checkpoint. docs/decisions/0020 gives the reasons.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import pyarrow as pa
import pyarrow.parquet as pq

from creditrisk.contracts import UNDESCRIBED, Contract
from creditrisk.errors import UserError, printable
from creditrisk.lake import Commit, Lake
from creditrisk.lake.delta_engine import INTERVAL, append, created, is_as_created, opened
from creditrisk.lake.delta_version import (
    Version,
    month_of,
    newest_version,
    version_said,
    write_version,
)
from creditrisk.lake.housekeeping import DELTA_LOG, kind
from creditrisk.records.run import now
from creditrisk.storage import ConflictError, Store
from creditrisk.storage.parallel import in_parallel

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

    `described`: contracts at hand; columns that they do not cover are read from the Parquet files.
    """
    schemas = {c.schema_sha: c.arrow for c in (*UNDESCRIBED, *described)}
    of_tables = groupby(lake.store.keys("lake/"), lambda key: "/".join(key.split("/")[1:3]))
    found = []
    for table, keys in of_tables:
        kinds = defaultdict[str, list[str]](list)
        for key in keys:
            kinds[kind(key)].append(key)
        newest, manifests = newest_version(lake.store, kinds[DELTA_LOG]), kinds["manifests"]
        if newest is None or newest.lacking(manifests):
            found.append(_followed(lake, table, manifests, schemas, newest))
        else:
            found.append(Followed(table))
    return found


def forget_logs(store: Store) -> None:
    """Remove every Delta log, the newest version first: what is left meanwhile is a log, too."""
    logs = [key for key in store.keys("lake/") if kind(key) == DELTA_LOG]
    for key in reversed(logs):
        store.delete(key)


def _followed(
    lake: Lake,
    table: str,
    keys: Sequence[str],
    schemas: Mapping[str, pa.Schema],
    newest: Version | None,
) -> Followed:
    try:
        from deltalake.exceptions import CommitFailedError, DeltaError  # noqa: PLC0415 - 100 MB
    except ImportError:
        return Followed(table, fault=_MISSING)
    for _ in range(_ATTEMPTS):
        try:
            newest = newest or _asked(lake.store, table, keys)
            return Followed(table, _follow(lake, newest, keys, schemas))
        except (CommitFailedError, ConflictError):  # another was first: look again
            newest = None
        except (DeltaError, OSError, UserError, KeyError, ValueError, pa.ArrowException) as error:
            return Followed(table, fault=_line(error))
    return Followed(table, fault=_AGAIN)


def _line(error: Exception) -> str:
    """What went wrong in one line; delta-rs colours what a server did, attempt by attempt."""
    return printable(" ".join(_COLOUR.sub("", str(error)).split())[:300])


def _follow(
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
    if (written.number + 1) % INTERVAL == 0 and (log := opened(lake.store, commit.table)):
        log.create_checkpoint()
    return written


def _asked(store: Store, table: str, keys: Sequence[str]) -> Version:
    """What the whole log says it has.

    A month that its newest version does not know as it is may have been written by another
    meanwhile: it is looked up.
    """
    log = opened(store, table)
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
    schema, log = _schema(lake, commit, schemas), opened(lake.store, commit.table)
    if log is None and schema is None:
        return newest  # no rows so far, and nobody knows its columns
    if log and log.version() != newest.number:
        raise ConflictError(f"{commit.table} has another version meanwhile")
    log = log or created(lake.store, commit.table, schema)
    known = {commit.schema_sha} if schema is not None else set()
    ours = is_as_created(log)  # another tool may ask for more than we write
    written = Version(log.version(), newest.newest).after(
        commit, newest.columns | known if ours else frozenset()
    )
    append(log, commit, schema, written)
    return written


def _schema(lake: Lake, commit: Commit, schemas: Mapping[str, pa.Schema]) -> pa.Schema | None:
    """A commit's columns; None where it has no file and no contract is at hand."""
    if commit.schema_sha in schemas or not commit.files:
        return schemas.get(commit.schema_sha)
    with lake.store.open(commit.files[0].key) as file:
        return pq.read_schema(file).remove_metadata()
