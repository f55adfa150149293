"""Looking after a lake: whether everything is as it was committed, and what may go.

What a manifest names stays, whatever its version: a model may have been made from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from creditrisk.errors import GateError, UserError
from creditrisk.lake import Lake
from creditrisk.records.commits import parse_manifest
from creditrisk.storage import Object, Store
from creditrisk.storage.parallel import in_batches, in_parallel

Pins = Mapping[str, Mapping[str, str]]  # model version -> its data version: manifest -> digest
DELTA_LOG = "_delta_log"
_KEPT = ("manifests", DELTA_LOG)  # commits, and what follows from them
_AT_ONCE = 64  # commits: a fault is named soon


def manifest_keys(store: Store) -> list[str]:
    """Every manifest of every table, by table, month and version."""
    return [key for key in store.keys("lake/") if kind(key) == "manifests"]


def examine(lake: Lake, keys: Sequence[str]) -> Iterator[str | None]:
    """Of each manifest, in order, what is wrong with it or its files; None: nothing."""
    yield from in_batches(partial(_fault, lake.store), keys, _AT_ONCE)


def missing(keys: Sequence[str]) -> list[str]:
    """Manifests that must have been there: versions count from 1 without a gap."""
    there, folders = set(keys), {key.rpartition("/")[0]: key for key in sorted(keys)}
    return [
        f"{folder}/{version:06d}.json is gone, later versions are there; restore it"
        for folder, newest in folders.items()
        for version in range(1, int(newest.rpartition("/")[2].removesuffix(".json")))
        if f"{folder}/{version:06d}.json" not in there
    ]


def unpinned(lake: Lake, keys: Sequence[str], pins: Pins) -> list[str]:
    """Model versions whose data version is no longer in the lake, and what is not."""
    there = set(keys)
    found = []
    for owner, manifests in pins.items():
        for key, digest in manifests.items():
            if key not in there:
                found.append(f"{key}, which model version {owner} was made from, is gone")
            elif lake.manifest(key).digest != digest:
                found.append(f"{key} is not what model version {owner} was made from")
    return [f"{what}; restore it" for what in found]


def unreferenced(lake: Lake, pins: Pins, before: datetime) -> list[Object]:
    """Files no manifest names that were there `before`; a younger one may be about to be named.

    A manifest that is gone or damaged is a `GateError`: what it named cannot be distinguished from
    what nobody named.
    """
    files = [item for item in lake.store.objects("lake/") if kind(item.key) not in _KEPT]
    keys = manifest_keys(lake.store)  # looked up last: it knows of every commit until now
    try:
        commits = in_parallel(lake.manifest, keys)
    except UserError as error:
        raise GateError(f"nothing is removed: {error}") from None
    if lost := [*missing(keys), *unpinned(lake, keys, pins)]:
        raise GateError(f"nothing is removed: {lost[0]}")
    named = {file.key for commit in commits for file in commit.files}
    return [item for item in files if item.key not in named and item.changed < before]


def _fault(store: Store, key: str) -> str | None:
    try:
        return Lake(store).damage(parse_manifest(key, store.read(key)))
    except KeyError:
        return f"{key} is gone; restore it"
    except UserError as error:
        return str(error)


def kind(key: str) -> str:
    """What a file of a table is: `data`, `manifests`, `_delta_log`."""
    return (key.split("/")[3:4] or [""])[0]
