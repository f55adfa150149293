"""The newest version of a Delta log that we wrote, and the one that comes after it.

A version that brings no column needs no engine: a month's files come in, those of the commit before
go out (github.com/delta-io/delta, PROTOCOL.md, reader version 1, writer version 2). It is one
object, created once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from creditrisk.json_value import json_value
from creditrisk.lake import COMMITTED_MONTH, Commit, Lake
from creditrisk.storage import Store

_NEWEST, _COLUMNS = "newest", "columns"  # of what a version says of itself
_LOG = "_delta_log/{:020d}.json"


@dataclass(frozen=True)
class Version:
    """What a log has.

    `newest`: by month, the version of its commit. `columns`: by sha256, the schemas of which it has
    every column; empty where only an engine may write the next version.
    """

    number: int = -1
    newest: Mapping[str, int] | None = None
    columns: frozenset[str] = frozenset()

    @property
    def months(self) -> Mapping[str, int]:
        return self.newest or {}

    def lacking(self, manifests: Sequence[str]) -> list[str]:
        """Manifests of later versions than the log has of their months."""
        return [key for key in manifests if commit_version(key) > self.months.get(month_of(key), 0)]

    def after(self, commit: Commit, columns: frozenset[str]) -> "Version":
        """The version that has a commit, too."""
        return Version(self.number + 1, {**self.months, commit.month: commit.version}, columns)

    def said(self, commit: Commit) -> dict[str, str]:
        """What it says of itself: the next one follows from it, and one request shows it."""
        columns = {_COLUMNS: json.dumps(sorted(self.columns))} if self.columns else {}
        manifest = {"manifest": commit.key, "digest": commit.digest, "code": commit.code}
        return manifest | columns | {_NEWEST: json.dumps(self.newest)}


def version_said(number: int, info: Mapping[str, str]) -> Version:
    """A version by what it says; of one that is not ours nothing but its number."""
    columns = frozenset(json_value(info.get(_COLUMNS, "[]")))
    return Version(number, json_value(info.get(_NEWEST, "{}")), columns)


def newest_version(store: Store, logs: Sequence[str]) -> Version | None:
    """The newest version, by the keys of a log; None where there is none, or it is not ours.

    One request. Opening the log takes some thirty of a server.
    """
    keys = [key for key in logs if key.endswith(".json")]
    try:
        actions = [json_value(line) for line in store.read(keys[-1]).splitlines()]
        info = next(action for action in actions if "commitInfo" in action)["commitInfo"]
        return version_said(commit_version(keys[-1]), info) if _NEWEST in info else None
    except (KeyError, IndexError, StopIteration, TypeError, ValueError):
        return None


def write_version(lake: Lake, commit: Commit, newest: Version, at: str) -> Version:
    """Write what follows on `newest`, whose columns are those of the commit; returns it.

    A `ConflictError` where another did.
    """
    written = newest.after(commit, newest.columns)
    before = newest.months.get(commit.month)
    gone = lake.manifest(replace(commit, version=before).key) if before else None
    lines = (json.dumps(action) for action in _actions(commit, gone, written, at))
    key = f"lake/{commit.table}/{_LOG.format(written.number)}"
    lake.store.create(key, "\n".join([*lines, ""]).encode())
    return written


def _actions(commit: Commit, gone: Commit | None, written: Version, at: str) -> Iterator[object]:
    now = int(datetime.fromisoformat(at).timestamp() * 1000)
    parameters = {"mode": "Overwrite", "partitionBy": json.dumps([COMMITTED_MONTH])}
    info = {"timestamp": now, "operation": "WRITE", "operationParameters": parameters}
    yield {"commitInfo": info | {"engineInfo": "creditrisk"} | written.said(commit)}
    partition = {"partitionValues": {COMMITTED_MONTH: commit.month}, "dataChange": True}
    there = {path_in_table(commit, file.key) for file in commit.files}
    for file in commit.files:
        stats = json.dumps({"numRecords": file.rows})
        time = {"modificationTime": written_at(commit), "stats": stats}
        yield {
            "add": {"path": path_in_table(commit, file.key), "size": file.size} | partition | time
        }
    for file in gone.files if gone else ():
        if (path := path_in_table(commit, file.key)) not in there:
            removed = {"path": path, "size": file.size, "deletionTimestamp": now}
            yield {"remove": removed | partition | {"extendedFileMetadata": True}}
    yield {"txn": {"appId": commit.month, "version": commit.version}}


def path_in_table(commit: Commit, key: str) -> str:
    """A file as a log names it, so that a store can be moved."""
    return key.removeprefix(f"lake/{commit.table}/")


def written_at(commit: Commit) -> int:
    """Milliseconds. Manifests do not say when a file was written: the month, so that logs that are
    written anew are alike."""
    month = datetime.fromisoformat(commit.month).replace(tzinfo=UTC)
    return int(month.timestamp() * 1000)


def month_of(manifest: str) -> str:
    """The month in a manifest's key."""
    return manifest.split("/")[-2]


def commit_version(key: str) -> int:
    """The number that a manifest, or a version of a log, is called by."""
    return int(key.rpartition("/")[2].removesuffix(".json"))
