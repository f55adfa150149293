"""Build a version once more from its lineage, and see whether the bytes are the same.

The policy and portfolio are those of its folder, the rows those of the commits its lineage
names, whatever has been committed since. Nothing is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from creditrisk.lake import Lake
from creditrisk.lake.pinned import PinnedLake
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.records.development import LINEAGE, Lineage
from creditrisk.stages.training.train import build
from creditrisk.storage import Store


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
    then = old.lineage
    period = _Then(then.as_of, old.policy, old.portfolio, store, "reproduce", then.data_version)
    parent = load_version(store, then.parent) if then.parent else None
    files = build(period, old.card.kind, parent)
    now = Lineage.parse(files[LINEAGE], LINEAGE)
    return Reproduction(
        version=version,
        files={name: _same(name, old, files) for name in sorted({*old.files, *files})},
        surroundings=_differences(then, now),
        cut=old.card.tuning_cut_by_time,
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
    return _of_the_data(old.lineage) == _of_the_data(Lineage.parse(files[name], name))


def _of_the_data(lineage: Lineage) -> Lineage:
    """Without what it says of the machine."""
    return lineage.replace(code="", python="", packages={})


def _differences(then: Lineage, now: Lineage) -> dict[str, tuple[str, str]]:
    pairs = {"code": (then.code, now.code), "python": (then.python, now.python)}
    packages = sorted({*then.packages, *now.packages})
    pairs |= {p: (then.packages.get(p, ""), now.packages.get(p, "")) for p in packages}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
