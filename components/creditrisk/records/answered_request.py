"""The request that a decision answers: it was made, before, by who the decision says."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from creditrisk.records.approval_requests import ChallengerRequest, PolicyRequest
from creditrisk.records.audit_record import Find, Record
from creditrisk.records.change_id import POLICY

_REPEATED = {  # what a decision repeats of its request: there -> here
    ChallengerRequest.ASKED: {
        name: name
        for name in ("version", "as_of", "requested_by", "requested_at", "evidence", "credential")
    },
    PolicyRequest.ASKED: {
        "change": "change",
        "after": "after",
        "by": "requested_by",
        "at": "requested_at",
    },
}


def answered_request(
    content: Mapping[str, Any],
    answer: Record,
    find: Find,
    records: Callable[[], Iterable[Record]],
) -> Record | None:
    """The record of the request that a decision, `content`, answers; None where nobody made one.

    Releases up to 0.1.0 kept no time of a request for a policy: its record is searched for.
    """
    policy = answer.id.startswith(POLICY)
    event = (PolicyRequest if policy else ChallengerRequest).ASKED
    if at := content.get("requested_at"):
        month = "" if policy else f"{content.get('as_of')}:"
        asked = find(event, f"{answer.id}:{month}{at}")
    else:
        mine = (
            one for one in records() if one.event == event and one.body.get("change") == answer.id
        )
        asked = next((one for one in mine if one.sequence < answer.sequence), None)
    return asked if asked and asked.sequence < answer.sequence else None


def request_fault(
    key: str,
    content: Mapping[str, Any],
    answer: Record,
    find: Find,
    records: Callable[[], Iterable[Record]],
) -> str:
    """Whether a decision answers what somebody asked for; who asked is what the trail says."""
    asked = answered_request(content, answer, find, records)
    if asked is None:
        return f"{key} answers a request that nobody made, by the audit trail"
    for there, here in _REPEATED[asked.event].items():
        if asked.body.get(there) and content.get(here) != asked.body[there] and here in content:
            return f"{key}: another {here} than the request says, record {asked.sequence}"
    return ""
