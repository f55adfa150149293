"""What earlier months have held against the trail, and a server shows to be unchanged since.

The record of a month's end names the documents that were held against the trail by then (`held`):
how the server listed them. Where it lists them so again, a month reads what is new. What was
removed, or written again, is not what was listed, whoever did it; what was written after the next
month was decided is read every month, whatever a record says. `audit verify` reads everything.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Self

from creditrisk.records import layout
from creditrisk.records.act_documents import document_of
from creditrisk.records.audit_record import Record
from creditrisk.records.commits import FINDINGS
from creditrisk.records.oot_ledger import VALIDATED
from creditrisk.records.validation import VALIDATION, validation_key
from creditrisk.storage import ObjectVersion, Store
from creditrisk.storage.cached_store import CachedStore

HELD = "held"  # its name on the record of a month's end
_MEASURED = f"lake/{FINDINGS}/manifests/"
_BY_RUNS = (layout.DECISIONS, layout.CONTAINMENT, _MEASURED)  # before the next month is decided
_LISTED = (*_BY_RUNS, layout.ESCALATIONS, layout.REGISTRY)
_CHANGING = (layout.CHAMPION, layout.PENDING)


@dataclass(frozen=True)
class Listing:
    """Documents as a server lists them, by key: all versions of each, the oldest first."""

    versions: Mapping[str, tuple[ObjectVersion, ...]]

    @classmethod
    def of(cls, store: Store) -> Self | None:
        """None where the server keeps no versions."""
        found: dict[str, tuple[ObjectVersion, ...]] = {}
        for prefix in _LISTED:
            listed = store.versions(prefix)
            if listed is None:
                return None
            by_key = groupby(filter(_watched, listed), key=lambda one: one.key)
            found |= {key: tuple(versions) for key, versions in by_key}
        return cls(found)

    def said(self, count: int) -> dict[str, Any]:
        """What the record of a month's end says of it; `count`: records on the trail by then."""
        once = self._once().values()
        return {
            "until": max(map(_time, once), default=""),
            "sha256": _sha256(once),
            "records": count,
        }

    def settled(self, said: Mapping[str, Any], since: Iterable[Record]) -> frozenset[str]:
        """Keys of what was held against the trail by then, and is as it was.

        Of a month all or nothing, as of an act and its end: one that is new, or of which a record
        `since` then speaks, opens the others.
        """
        until = str(said.get("until"))
        then = {key: one for key, one in self._once().items() if _time(one) <= until}
        if _sha256(then.values()) != said.get("sha256"):
            return frozenset()
        new = {*self.versions} - {*then} | {*self._late()} | {*filter(None, map(_about, since))}
        opened = {_together(key) for key in new}
        return frozenset(key for key in then if _together(key) not in opened)

    def _once(self) -> dict[str, ObjectVersion]:
        """What is there and was written once."""
        alone = {key: found[0] for key, found in self.versions.items() if len(found) == 1}
        return {key: one for key, one in alone.items() if not one.deleted}

    def _late(self) -> Iterator[str]:
        """What runs write of a month, where it was written after the next one was decided.

        Of the newest month all: it was not looked back on yet.
        """
        of_runs = {key: found for key, found in self.versions.items() if key.startswith(_BY_RUNS)}
        decided: dict[str, datetime] = {}
        for key, (first, *_) in of_runs.items():
            if key.startswith(layout.DECISIONS):
                decided.setdefault(layout.month_of(key), first.at)
        months = sorted(decided)
        next_one = dict(zip(months, (decided[month] for month in months[1:]), strict=False))
        for key, found in of_runs.items():
            end = next_one.get(_together(key))
            if end is None or found[-1].at > end:
                yield key


class Unsettled(CachedStore):
    """A store in whose listings those keys are not that are settled."""

    def __init__(self, store: Store, settled: frozenset[str]) -> None:
        super().__init__(store)
        self._settled = settled

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (key for key in super().keys(prefix) if key not in self._settled)


def _watched(one: ObjectVersion) -> bool:
    if one.key.startswith(layout.VERSIONS):
        return one.key.endswith(f"/{VALIDATION}")
    return not one.key.startswith(_CHANGING)


def _about(record: Record) -> str:
    """The key of the document that a record is about; "": of none that is listed."""
    return validation_key(record.id) if record.event == VALIDATED else document_of(record)


def _together(key: str) -> str:
    """What a document is held against the trail with: its month, its act, or itself."""
    if month := re.search(r"/(\d{4}-\d\d-\d\d)/", key):
        return month[1]
    if key.startswith(layout.ESCALATIONS):
        key = layout.finding(layout.name_of(key), "opened")
    return key.rpartition("/")[0] if key.startswith((layout.FINDINGS, layout.VERSIONS)) else key


def _time(one: ObjectVersion) -> str:
    return one.at.isoformat(timespec="microseconds")


def _sha256(versions: Iterable[ObjectVersion]) -> str:
    lines = sorted(f"{one.key} {_time(one)} {one.tag}\n" for one in versions)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
