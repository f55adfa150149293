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
from dataclasses import dataclass
from itertools import groupby

import pyarrow as pa

from creditrisk.contracts import UNDESCRIBED, Contract
from creditrisk.errors import UserError, printable
from creditrisk.lake import Lake
from creditrisk.lake.delta_version import Version, newest_version
from creditrisk.lake.housekeeping import DELTA_LOG, kind
from creditrisk.storage import ConflictError, Store

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

        from creditrisk.lake import delta_engine  # noqa: PLC0415 - likewise
    except ImportError:
        return Followed(table, fault=_MISSING)
    for _ in range(_ATTEMPTS):
        try:
            newest = newest or delta_engine.asked(lake.store, table, keys)
            return Followed(table, delta_engine.follow(lake, newest, keys, schemas))
        except (CommitFailedError, ConflictError):  # another was first: look again
            newest = None
        except (DeltaError, OSError, UserError, KeyError, ValueError, pa.ArrowException) as error:
            return Followed(table, fault=_line(error))
    return Followed(table, fault=_AGAIN)


def _line(error: Exception) -> str:
    """What went wrong in one line; delta-rs colours what a server did, attempt by attempt."""
    return printable(" ".join(_COLOUR.sub("", str(error)).split())[:300])
