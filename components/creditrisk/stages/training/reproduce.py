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

from creditrisk.lake import Lake
from creditrisk.lake.pinned import PinnedLake
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
    as_of, pins = date.fromisoformat(said["as_of"]), said["data_version"]
    period = _Then(as_of, old.policy, old.portfolio, store, "reproduce", pins)
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
    """A month whose lake shows the pinned commits and no others of their tables."""

    @cached_property
    def lake(self) -> Lake:
        return PinnedLake(self.store, self.pins, alone=True)


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
