"""Documents of acts, and the record that each needs on the audit trail."""

from collections.abc import Iterator, Mapping
from typing import Any

from creditrisk.records import layout
from creditrisk.records.approval_requests import ChallengerRequest, PolicyRequest
from creditrisk.records.audit_record import Record, canonical
from creditrisk.records.change_id import POLICY
from creditrisk.storage import Store

_EVENTS = {  # of a document, by its folder, or by its folder and part
    layout.DECISIONS: "decided",
    layout.LIFTED: "lifted",
    layout.RETIRED: "retired",
    f"{layout.OVERRIDES}given": "overridden",
    f"{layout.OVERRIDES}closed": "override_closed",
    f"{layout.FINDINGS}opened": "finding_opened",
    f"{layout.FINDINGS}closed": "finding_closed",
    layout.ESCALATIONS: "finding_opened",  # by the rule: ids that begin with E-
}
_FOLDERS = (
    layout.DECISIONS,
    layout.ESCALATIONS,
    layout.LIFTED,
    layout.RETIRED,
    layout.OVERRIDES,
    layout.FINDINGS,
    layout.APPROVALS,
)
_REQUESTS = (ChallengerRequest, PolicyRequest)
_ACT = {"by", "identity", "reason", "at"}  # on the record of an end, not in its document


def act_documents(store: Store) -> Iterator[str]:
    """Keys of all there are, and of whatever else lies among them."""
    return (key for folder in _FOLDERS for key in store.keys(folder))


def needed(key: str, content: Mapping[str, Any]) -> tuple[str, str]:
    """Event and id of the record that a document needs; a key that is no document's has none."""
    folder = next(folder for folder in _FOLDERS if key.startswith(folder))
    id = key.removeprefix(folder).removesuffix(".json")
    if not key.endswith(".json"):
        return "", id
    if folder == layout.APPROVALS:
        of = "policy_" if id.startswith(POLICY) else ""
        return f"{of}{content.get('decision', 'approved')}", id
    if folder in _EVENTS:
        return _EVENTS[folder], id
    id, _, part = id.rpartition("/")
    return _EVENTS.get(f"{folder}{part}", ""), id


def request_of(record: Record) -> tuple[str, str]:
    """What a record asks for, and what stands before the answer's name; "" if it asks nothing."""
    kind = next((kind for kind in _REQUESTS if record.event == kind.ASKED), None)
    name = kind.model_fields["id"].alias if kind else None
    return (str(record.said(name)), kind.DECIDED) if kind and name else ("", "")


def gone(key: str, record: Record) -> str:
    """What is said of a document that is not there, though it has a record."""
    return f"{key} is gone: record {record.sequence} of the audit trail names it; restore it"


def document_of(record: Record) -> str:
    """Key of the document that a record is about; empty where it is about none of these."""
    if record.event.removeprefix("policy_") in ("approved", "rejected"):
        return layout.approval(record.id)
    if record.event == _EVENTS[layout.ESCALATIONS] and layout.escalates(record.id):
        return layout.escalation(record.id)
    place = next((place for place, event in _EVENTS.items() if event == record.event), "")
    folder, _, part = place.rpartition("/")
    return f"{folder}/{record.id}{f'/{part}' if part else ''}.json" if place else ""


def difference(key: str, content: Mapping[str, Any], record: Record) -> str:
    """What a document says that its record does not, or the other way round."""
    lacks = _ACT - content.keys() if key.endswith("/closed.json") else set()
    names = sorted(content.keys() | record.body.keys() - lacks)
    said = ((name, content.get(name), record.body.get(name)) for name in names)
    # as JSON: to Python 1, 1.0 and true are equal
    other = [name for name, here, there in said if canonical(here) != canonical(there)]
    if not other:
        return ""
    return f"{key} is not what record {record.sequence} of the audit trail says: another {other[0]}"
