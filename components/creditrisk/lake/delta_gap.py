"""What the Delta log of a table lacks of its manifests."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from creditrisk.lake import Commit, Lake
from creditrisk.storage import Store
from creditrisk.storage.side_by_side import side_by_side

if TYPE_CHECKING:
    from deltalake import DeltaTable

NEWEST = "newest"  # of what a version says of itself


def is_behind(store: Store, logs: Sequence[str], manifests: Sequence[str]) -> bool:
    """Whether the newest version of a log does not say that it has every commit: one request.

    Opening the log takes some thirty of a server.
    """
    versions = [key for key in logs if key.endswith(".json")]
    try:
        said = [json.loads(line) for line in store.read(versions[-1]).splitlines()]
        newest = json.loads(next(one for one in said if "commitInfo" in one)["commitInfo"][NEWEST])
        return any(_version(key) > newest.get(_month(key), 0) for key in manifests)
    except (KeyError, IndexError, StopIteration, TypeError, ValueError):
        return True  # there is none, or it is not ours: the whole log is asked


def newest_of(log: "DeltaTable", keys: Sequence[str]) -> dict[str, int]:
    """By month, the version of its commit that the log has last.

    A month that the log's newest version does not know as it is may have been written by another
    meanwhile: it is looked up, in the whole log.
    """
    said: dict[str, int] = json.loads(log.history(1)[0].get(NEWEST, "{}"))
    doubtful = {_month(key) for key in keys if _version(key) > said.get(_month(key), 0)}
    return said | {month: log.transaction_version(month) or 0 for month in doubtful}


def lacking(lake: Lake, keys: Sequence[str], newest: Mapping[str, int]) -> list[Commit]:
    """Commits to be written: every month's first versions, then what corrected them."""
    behind = [key for key in keys if _version(key) > newest.get(_month(key), 0)]
    commits = side_by_side(lake.manifest, behind)
    return sorted(commits, key=lambda commit: (commit.version, commit.month))


def _month(key: str) -> str:
    return key.split("/")[-2]


def _version(key: str) -> int:
    return int(key.rpartition("/")[2].removesuffix(".json"))
