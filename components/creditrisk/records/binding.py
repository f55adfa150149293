"""A store held against its audit trail: what the trail must say of a document before it counts.

Each document by which somebody decides is made by an act, and the act is on the trail. A document
that has no record there, says something else than its record, or is gone though there is one, is a
fault, in one line that names it. Whoever acts on such a document asks here first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from creditrisk.json_value import json_value
from creditrisk.records import layout
from creditrisk.records.approval_requests import POLICY
from creditrisk.records.audit_record import Find, Record
from creditrisk.records.commits import FINDINGS, Commits
from creditrisk.records.containment import CRITICAL, Containment, containments
from creditrisk.records.decision import Decision, decisions_between
from creditrisk.records.month import read_month_run
from creditrisk.records.overrides import Override, overrides
from creditrisk.storage import Store
from creditrisk.storage.parallel import in_parallel

_EVENTS = {  # of a document, by its folder, or by its folder and part
    layout.DECISIONS: "decided",
    layout.LIFTED: "lifted",
    layout.RETIRED: "retired",
    f"{layout.OVERRIDES}given": "overridden",
    f"{layout.OVERRIDES}closed": "override_closed",
    f"{layout.FINDINGS}opened": "finding_opened",
    f"{layout.FINDINGS}closed": "finding_closed",
}
_FOLDERS = (
    layout.DECISIONS,
    layout.LIFTED,
    layout.RETIRED,
    layout.OVERRIDES,
    layout.FINDINGS,
    layout.APPROVALS,
)
T = TypeVar("T")
_ACT = {"by", "identity", "reason", "at"}  # on the record of an end, not in its document


@dataclass(frozen=True)
class Binding:
    """A store, and what its trail says of an event."""

    store: Store
    find: Find

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
        record = self.find(event, id)
        if record is None:
            how = ", or the run that did so was cut off: run it again" if event == "decided" else ""
            return f"{key} has no record on the audit trail: nobody put '{event} {id}' there{how}"
        return self._twice(key, record) or _difference(key, content, record)

    def _twice(self, key: str, record: Record) -> str:
        """Whether a request was approved and rejected; a second answer is none."""
        of, answer = record.event.rpartition("_")[::2]
        other = {"approved": "rejected", "rejected": "approved"}.get(answer)
        before = self.find(f"{of}_{other}" if of else other, record.id) if other else None
        if before is None:
            return ""
        return f"{key}: record {record.sequence} {answer} it, and record {before.sequence} {other}"

    def inputs(self, decision: Decision) -> Iterator[str]:
        """What is wrong with the tables that a decision names: the commit of each must be there."""
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
        for of_month in decisions_between(self.store, start, end):
            *superseded, newest = of_month
            yield from _faults(self.document, (layout.decision(one.id) for one in superseded))
            yield self.decision(newest)

    def overrides(self, as_of: date, months: Iterable[date]) -> Iterator[str]:
        """Of the overrides that hold in a month, and of those given for some `months`."""
        known = overrides(self.store)
        for one in known:
            if one.counts(as_of):
                yield self.override(one)
        for month in months:
            count = sum(one.as_of == f"{month}" for one in known)
            later = f"{month}/{count + 1:04d}"
            if record := self.find("overridden", later):
                yield gone(layout.override(later, "given"), record)

    def override(self, override: Override) -> str:
        """What is wrong with one, or with its end."""
        given, end = (layout.override(override.id, part) for part in ("given", "closed"))
        if override.closed:
            return self.document(given) or self.document(end)
        if record := self.find("override_closed", override.id):
            return gone(end, record)
        return self.document(given)

    def containments(self, as_of: date) -> Iterator[str]:
        """Of what is contained in a month."""
        for held in containments(self.store):
            if held.since <= as_of:
                yield self.contained(held)
                yield self.lifted(held.decision) if held.until else ""

    def contained(self, held: Containment) -> str:
        """Whether a decision contained these segments, of this champion or of any."""
        record = self.find("decided", held.decision)
        if record:
            one = CRITICAL in record.body.get("triggers", ())
            champion = record.body["champion"] if one else ""
            if (record.body.get("contained", []), champion) == ([*held.segments], held.champion):
                return ""
        key = layout.containment(held.decision)
        return f"{key} is not what decision {held.decision} says on the trail"

    def lifted(self, decision: str) -> str:
        """What is wrong with the end of a containment."""
        return self.document(layout.lifted(decision))

    def closed(self, month: date) -> str:
        """Whether a month's run ended as its record says."""
        run = read_month_run(self.store, month)
        if run is None:
            return ""
        names = (f"{run.run_id}:{run.status}", run.run_id)  # 0.1.0 gave the run alone
        records = filter(None, (self.find("run_closed", name) for name in names))
        if any(record.body["status"] == run.status for record in records):
            return ""
        return (
            f"{layout.month(month, 'run.json')}: no record says run {run.run_id} ended {run.status}"
        )

    def documents(self) -> Iterator[str]:
        """Of every document of the store that an act made."""
        keys = [key for folder in _FOLDERS for key in self.store.keys(folder)]
        yield from _faults(self.document, keys)


def _faults(check: Callable[[T], str], items: Iterable[T]) -> Iterator[str]:
    yield from (fault for fault in in_parallel(check, items) if fault)


def needed(key: str, content: Mapping[str, Any]) -> tuple[str, str]:
    """Event and id of the record that a document needs."""
    folder = next(folder for folder in _FOLDERS if key.startswith(folder))
    id = key.removeprefix(folder).removesuffix(".json")
    if folder == layout.APPROVALS:
        of = "policy_" if id.startswith(POLICY) else ""
        return f"{of}{content.get('decision', 'approved')}", id
    if folder in _EVENTS:
        return _EVENTS[folder], id
    id, _, part = id.rpartition("/")
    return _EVENTS[f"{folder}{part}"], id


def gone(key: str, record: Record) -> str:
    """What is said of a document that is not there, though it has a record."""
    return f"{key} is gone: record {record.sequence} of the audit trail names it; restore it"


def document_of(record: Record) -> str:
    """Key of the document that a record is about; empty where it is about none of these."""
    if record.event.removeprefix("policy_") in ("approved", "rejected"):
        return layout.approval(record.id)
    place = next((place for place, event in _EVENTS.items() if event == record.event), "")
    folder, _, part = place.rpartition("/")
    return f"{folder}/{record.id}{f'/{part}' if part else ''}.json" if place else ""


def _difference(key: str, content: Mapping[str, Any], record: Record) -> str:
    """What a document says that its record does not, or the other way round."""
    lacks = _ACT - content.keys() if key.endswith("/closed.json") else set()
    names = sorted(content.keys() | record.body.keys() - lacks)
    other = [name for name in names if content.get(name) != record.body.get(name)]
    if not other:
        return ""
    return f"{key} is not what record {record.sequence} of the audit trail says: another {other[0]}"
