"""Build a version once more from its lineage, and see whether the bytes are the same.

The policy and portfolio are those of its folder, the rows those of the commits its lineage
names, whatever has been committed since. Nothing is kept.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from creditrisk.errors import UserError
from creditrisk.lake import Commit, Lake
from creditrisk.model.version import LINEAGE, ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.stages.training.train import build
from creditrisk.storage import Store

SURROUNDINGS = ("code", "python", "packages")  # what lineage says of the machine, not of the data


@dataclass(frozen=True)
class Reproduction:
    """`files`: whether each came out the same; `surroundings`: what differs, then and now."""

    version: str
    files: Mapping[str, bool]
    surroundings: Mapping[str, tuple[str, str]]
    cut: bool  # the search for parameters ended at its seconds, not at its trials

    @property
    def same(self) -> bool:
        return all(self.files.values())


def reproduce(store: Store, version: str) -> Reproduction:
    """Rebuild a version; a commit it was made from that is gone or altered is a `UserError`."""
    old = load_version(store, version)
    said, kind = old.lineage, str(old.card["kind"])
    period = _Then(
        date.fromisoformat(said["as_of"]), old.policy, old.portfolio, store, "reproduce",
        said["data_version"],
    )  # fmt: skip
    parent = load_version(store, said["parent"]) if said["parent"] else None
    files = build(period, kind, parent)
    now = json.loads(files[LINEAGE])
    return Reproduction(
        version=version,
        files={name: _same(name, old, files) for name in sorted({*old.files, *files})},
        surroundings=dict(_differences(said, now)),
        cut=bool(old.card["tuning_cut_by_time"]),
    )


@dataclass(frozen=True)
class _Then(Period):
    """A month whose lake shows the commits of a data version and no others of their tables."""

    data_version: Mapping[str, str]

    @cached_property
    def lake(self) -> Lake:
        return _Pinned(self.store, self.data_version)


class _Pinned(Lake):
    def __init__(self, store: Store, data_version: Mapping[str, str]) -> None:
        super().__init__(store)
        self.pinned: dict[str, dict[date, str]] = {}
        for key, digest in data_version.items():
            table, month = key.removeprefix("lake/").split("/manifests/")
            self._require(key, digest)
            self.pinned.setdefault(table, {})[date.fromisoformat(month[:10])] = key

    def commit(self, table: str, month: date) -> Commit | None:
        if table not in self.pinned:
            return super().commit(table, month)
        key = self.pinned[table].get(month)
        return self.manifest(key) if key else None

    def _newest(self, table: str) -> dict[date, str]:
        if table not in self.pinned:
            return super()._newest(table)
        return dict(sorted(self.pinned[table].items()))

    def _require(self, key: str, digest: str) -> None:
        try:
            found = self.manifest(key)
        except KeyError:
            raise UserError(
                f"{key}, which the version was made from, is gone from {self.store.uri}; restore it"
            ) from None
        if found.digest != digest:
            raise UserError(f"{key} is not what the version was made from; restore it")


def _same(name: str, old: ModelVersion, files: Mapping[str, bytes]) -> bool:
    if name != LINEAGE or name not in files:
        return old.files.get(name) == files.get(name)
    return _data(old.lineage) == _data(json.loads(files[name]))


def _data(lineage: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in lineage.items() if name not in SURROUNDINGS}


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    pairs = {name: (then[name], now[name]) for name in ("code", "python")}
    packages = sorted({*then["packages"], *now["packages"]})
    pairs |= {p: (then["packages"].get(p, ""), now["packages"].get(p, "")) for p in packages}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
