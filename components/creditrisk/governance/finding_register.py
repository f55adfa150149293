"""Opening and closing validation findings, each on the audit trail."""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta

from creditrisk.errors import UserError
from creditrisk.model.version import read_files
from creditrisk.period import Period
from creditrisk.records.findings import (
    FOLDER,
    Severity,
    ValidationFinding,
    read_validation_findings,
)
from creditrisk.records.identity import Statement
from creditrisk.storage import ConflictError

_LATER = ("closed", "resolution")  # known once it is closed


def open_finding(
    period: Period, version: str, severity: Severity, owner: str, due: date | None, said: Statement
) -> ValidationFinding:
    """Put a finding (`said.reason`) on record; without `due`, the policy's days from now.

    An unknown version, no owner or no text is a `UserError`.
    """
    read_files(period.store, version)
    act = said.record()
    text = act.pop("reason")
    if not owner.strip():
        raise UserError("a finding needs an owner: who is to close it")
    today = datetime.fromisoformat(said.at).date()
    if due and due < today:
        raise UserError(f"{due} is over: a finding is due today ({today}) or later")
    days = int(getattr(period.policy.governance, f"finding_days_{severity}"))
    while True:
        found = ValidationFinding(
            id=f"F-{len(read_validation_findings(period.store)) + 1:04d}",
            version=version,
            severity=severity,
            text=text,
            owner=owner,
            due=(due or today + timedelta(days=days)).isoformat(),
            **act,
        )
        body = {name: value for name, value in asdict(found).items() if name not in _LATER}
        try:
            period.store.create(f"{FOLDER}/{found.id}/opened.json", _encode(body))
        except ConflictError:
            continue  # somebody else has just taken the number
        period.trail.append("finding_opened", found.by, found.at, body, found.id)
        return found


def close_finding(period: Period, id: str, said: Statement) -> None:
    """Close a finding with what was done about it (`said.reason`)."""
    found = next((one for one in read_validation_findings(period.store) if one.id == id), None)
    if found is None or found.closed:
        raise UserError(f"there is no open finding {id}; see creditrisk findings list")
    act = said.record()
    body = {"closed": said.at[:10], "resolution": said.reason}
    try:
        period.store.create(f"{FOLDER}/{id}/closed.json", _encode(body))
    except ConflictError:
        raise UserError(f"somebody else closed {id} at this moment") from None
    period.trail.append("finding_closed", act["by"], said.at, body | act, id)


def _encode(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1).encode()
