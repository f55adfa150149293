"""A store held against its audit trail: what the trail must say of a document before it counts.

Each document by which somebody decides is made by an act, and the act is on the trail. A document
that has no record there, says something else than its record, or is gone though there is one, is a
fault, in one line that names it. Whoever acts on such a document asks here first.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self, TypeVar

from creditrisk.json_value import json_value
from creditrisk.records import layout
from creditrisk.records.act_documents import (
    act_documents,
    difference,
    gone,
    needed,
)
from creditrisk.records.answered_request import request_fault
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Find, Record
from creditrisk.records.change_id import POLICY
from creditrisk.records.closed_month import closed_fault
from creditrisk.records.commits import FINDINGS, Commits
from creditrisk.records.containment import Containment, containments, held_by
from creditrisk.records.decision import Decision, decisions_between
from creditrisk.records.findings import escalations
from creditrisk.records.overrides import Override, overrides
from creditrisk.records.validation import VALIDATION, validation_key, validation_sha256
from creditrisk.storage import Store
from creditrisk.storage.parallel import in_parallel

T = TypeVar("T")


@dataclass(frozen=True)
class Binding:
    """A store, and what its trail says of an event.

    `fresh`: the same store, without what needs no look any more (`settled.py`) in its listings.
    `records`: all that the trail holds; `whole`: they were read already, so asking costs nothing.
    `kept_since`: when the trail's server first had a record, where it keeps versions.
    """

    store: Store
    fresh: Store
    find: Find
    records: Callable[[], Iterable[Record]]
    kept_since: Callable[[Record], datetime | None]
    whole: bool = False

    @classmethod
    def of(cls, store: Store, trail: Trail, fresh: Store | None = None) -> Self:
        """By the trail's index."""
        return cls(store, fresh or store, trail.finder(), trail.records, trail.kept_since)

    def document(self, key: str) -> str:
        """What is wrong with a document; empty where its record says the same."""
        try:
            content = json_value(self.store.read(key))
        except KeyError:
            return f"{key} is gone"
        except ValueError:
            content = None
        if not isinstance(content, dict):
            return f"{key} is no JSON object; restore it"
        event, id = needed(key, content)
        if not event:
            return f"{key} is the name of no document: nobody put it there; remove it"
        record = self.find(event, id)
        if record is None:
            how = ", or the run that did so was cut off: run it again" if event == "decided" else ""
            return f"{key} has no record on the audit trail: nobody put '{event} {id}' there{how}"
        fault = self._twice(key, record) or difference(key, content, record)
        if fault or not key.startswith(layout.APPROVALS):
            return fault
        return request_fault(key, content, record, self.find, self.records)

    def _twice(self, key: str, record: Record) -> str:
        """Whether a request was approved and rejected; a second answer is none."""
        of, answer = record.event.rpartition("_")[::2]
        other = {"approved": "rejected", "rejected": "approved"}.get(answer)
        before = self.find(f"{of}_{other}" if of else other, record.id) if other else None
        if before is None:
            return ""
        return f"{key}: record {record.sequence} {answer} it, and record {before.sequence} {other}"

    def inputs(self, decision: Decision) -> Iterator[str]:
        """What is wrong with the tables that a decision names; one that is gone says nothing."""
        month = date.fromisoformat(decision.as_of)
        for table, digest in decision.inputs.items():
            found = Commits(self.store).versions(table, month) if "/" in table else []
            if found and digest not in {commit.digest for commit in found}:
                yield f"{found[-1].key}: no commit of it is the one decision {decision.id} names"

    def decision(self, decision: Decision) -> str:
        """What is wrong with a decision that counts, or with the findings it names."""
        later = f"{decision.as_of}/{decision.n + 1:04d}"
        if record := self.find("decided", later):
            return gone(layout.decision(later), record)
        held = layout.containment(decision.id)
        if fault := self.document(layout.decision(decision.id)):
            return fault
        if decision.contained and self.store.tag(held) is None:
            return f"{held} is gone, and decision {decision.id} contains"
        return self.findings(decision)

    def findings(self, decision: Decision) -> str:
        """Whether the findings of a month are those that its decision names."""
        named = decision.inputs.get(FINDINGS)
        commit = Commits(self.store).commit(FINDINGS, date.fromisoformat(decision.as_of))
        if named is None or (commit and commit.digest == named):
            return ""
        key = commit.key if commit else f"{FINDINGS} {decision.as_of}"
        return (
            f"{key} is not what decision {decision.id} names: the month was measured again; run it"
            " with --supersede, or restore what it was decided on"
        )

    def decisions(self, start: date, end: date) -> Iterator[str]:
        """Of the months from `start` up to, not including, `end`."""
        for of_month in decisions_between(self.fresh, start, end):
            *superseded, newest = of_month
            yield from _faults(self.document, (layout.decision(one.id) for one in superseded))
            yield self.decision(newest)

    def overrides(self, as_of: date) -> Iterator[str]:
        """Of the overrides that hold in a month."""
        yield from (self.override(one) for one in overrides(self.fresh) if one.counts(as_of))

    def override(self, override: Override) -> str:
        """What is wrong with one, or with its end."""
        given, end = (layout.override(override.id, part) for part in ("given", "closed"))
        if override.closed:
            return self.document(given) or self.document(end)
        if record := self.find("override_closed", override.id):
            return gone(end, record)
        return self.document(given)

    def containments(self, as_of: date) -> Iterator[str]:
        """Of what is contained in a month, and of decisions that would supersede it."""
        for key in self.fresh.keys(layout.CONTAINMENT):
            decided = [*self.store.keys(layout.decisions(layout.month_of(key)))]
            if decided and layout.month_of(key) <= as_of.isoformat():
                yield self.document(decided[-1])
        for held in containments(self.fresh):
            if held.since <= as_of:
                yield self.contained(held)
                yield self.lifted(held.decision) if held.until else ""

    def held_back(self) -> Iterator[str]:
        """Containments of decisions that contain nothing, or that there are none of."""
        for key in self.fresh.keys(layout.CONTAINMENT):
            record = self.find("decided", f"{layout.month_of(key)}/{layout.name_of(key)}")
            if record is None or held_by(record) is None:
                yield f"{key} has no decision on the audit trail that contains; remove it"

    def contained(self, held: Containment) -> str:
        """Whether a decision contained these segments, of this champion or of any, and then."""
        record = self.find("decided", held.decision)
        if record and held_by(record) == held.replace(until=None):
            return ""
        key = layout.containment(held.decision)
        return f"{key} is not what decision {held.decision} says on the trail"

    def lifted(self, decision: str) -> str:
        """What is wrong with the end of a containment."""
        return self.document(layout.lifted(decision))

    def closed(self, month: date) -> str:
        """Whether a month's run ended as its record says, and left what that names."""
        return closed_fault(self.store, self.find, month)

    def answers(self, champion: str, as_of: date) -> Iterator[str]:
        """What people are said to have decided where the rule had no more to try.

        A month's own run may have been cut off before the record of what it opened.
        """
        for found in escalations(self.fresh):
            if found.version == champion and found.id < f"E-{as_of:%Y-%m}":
                yield self.document(layout.escalation(found.id))
                yield self.document(layout.finding(found.id, "closed")) if found.closed else ""

    def challengers(self, start: date) -> Iterator[str]:
        """Of the validations of versions made from a month on, and of what people answered."""
        month, keys = start.isoformat()[:7], self.fresh.keys(layout.VERSIONS)
        ids = (layout.version_of(key) for key in keys if key.endswith(f"/{VALIDATION}"))
        yield from _faults(self.verdict, (id for id in ids if id[:7] >= month))
        answers = self.fresh.keys(layout.APPROVALS)
        mine = (key for key in answers if month <= layout.name_of(key)[:7] < POLICY)
        yield from _faults(self.document, mine)

    def verdict(self, version: str) -> str:
        """What is wrong with the validation of a version."""
        key, record = validation_key(version), self.find("validated", version)
        if record is None:
            return (
                f"{key} has no record on the audit trail: nobody put 'validated {version}' there,"
                " or the run that did so was cut off: run it again"
            )
        same = validation_sha256(self.store, version) == record.said("sha256")
        return "" if same else f"{key} is not what record {record.sequence} names"

    def documents(self) -> Iterator[str]:
        """Of every document of the store that an act made."""
        yield from _faults(self.document, act_documents(self.fresh))


def _faults(check: Callable[[T], str], items: Iterable[T]) -> Iterator[str]:
    yield from (fault for fault in in_parallel(check, items) if fault)
