"""Build a version once more from its lineage, and see whether the bytes are the same.

The policy and portfolio are those of its folder, the rows those of the commits its lineage
names, whatever has been committed since. Nothing is kept. Another kind of processor adds up in
another order, so numbers of a document may differ in their last digits; trees do not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from creditrisk.json_value import json_value
from creditrisk.lake import Lake
from creditrisk.lake.pinned import PinnedLake
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.records.development import LINEAGE, Lineage
from creditrisk.stages.training.train import build
from creditrisk.storage import Store


@dataclass(frozen=True)
class Reproduction:
    """`files`: whether each came out the same; `surroundings`: what differs, then and now.

    `rounded`: files whose numbers are the same to five digits, and all else to the letter.
    """

    version: str
    files: Mapping[str, bool]
    rounded: tuple[str, ...]
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
    names = sorted({*old.files, *files})
    rounded = tuple(n for n in names if not _same(n, old, files) and _rounded(n, old, files))
    return Reproduction(
        version=version,
        files={name: name in rounded or _same(name, old, files) for name in names},
        rounded=rounded,
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


def _rounded(name: str, old: ModelVersion, files: Mapping[str, bytes]) -> bool:
    if not name.endswith(".json") or name not in old.files or name not in files:
        return False
    return _close(json_value(old.files[name]), json_value(files[name]))


def _close(then: object, now: object) -> bool:
    """Whether documents differ in the sixth digit of numbers that are no counts, or nowhere."""
    if isinstance(then, dict) and isinstance(now, dict):
        return then.keys() == now.keys() and all(_close(then[key], now[key]) for key in then)
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(_close, then, now))
    if isinstance(then, float) and isinstance(now, float):
        return math.isclose(then, now, rel_tol=1e-5, abs_tol=1e-5)
    return type(then) is type(now) and then == now


def _of_the_data(lineage: Lineage) -> Lineage:
    """Without what it says of the machine."""
    return lineage.replace(code="", python="", packages={})


def _differences(then: Lineage, now: Lineage) -> dict[str, tuple[str, str]]:
    pairs = {"code": (then.code, now.code), "python": (then.python, now.python)}
    packages = sorted({*then.packages, *now.packages})
    pairs |= {p: (then.packages.get(p, ""), now.packages.get(p, "")) for p in packages}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
