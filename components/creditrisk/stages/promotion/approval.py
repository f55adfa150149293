"""Four eyes: a challenger waits until someone other than its requester decides.

registry/pending/<id>.json     who asked, when, on which evidence
registry/approvals/<id>.json   the decision, created once: the first of two deciders counts
"""

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from creditrisk.calendar import parse_month
from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records.identity import credential, same_person
from creditrisk.stages.promotion.passed_validation import Evidence, require_pass
from creditrisk.stages.promotion.set_champion import Act, set_champion
from creditrisk.storage import ConflictError, Store

PENDING, APPROVALS = "registry/pending", "registry/approvals"
Decision = Literal["approved", "rejected"]


def request_approval(period: Period, evidence: Evidence, act: Act) -> None:
    """Let a challenger wait; a repetition changes nothing until the request has expired."""
    key = f"{PENDING}/{evidence.version}.json"
    asked = read(period.store, key)
    if asked and not _expired(period, asked, act.at):
        return
    request = {
        "version": evidence.version,
        "as_of": period.as_of.isoformat(),
        "requested_by": act.by,
        "requested_at": act.at,
        "requested_because": act.reason,
        "credential": credential(period.store),
        "evidence": evidence.sha256,
    }
    period.store.write(key, _encode(request))
    id = f"{evidence.version}:{period.as_of}:{act.at}"
    period.trail.append("approval_requested", act.by, act.at, request, id)


def approve(
    period: Period,
    version: str,
    approver: str,
    reason: str,
    *,
    at: str,
    identity: str = "self-asserted",
) -> None:
    """Approve a waiting challenger and make it champion.

    `at` is the wall clock (ISO 8601), `identity` says what vouches for `approver`. The
    requester, an expired request and evidence other than the requested are a `GateError`.
    """
    request = _waiting(period, version)
    if same_person(approver, request["requested_by"]):
        raise GateError(
            f"{version} was requested by {request['requested_by']}: someone else must approve it"
        )
    if identity == "store credential" and approver == request.get("credential"):
        raise GateError(
            f"{version} cannot be approved with {approver}, the key that asked for it: a pipeline"
            " does not approve its own work; use a key of the approver's role"
        )
    if _expired(period, request, at):
        raise GateError(
            f"the request for {version} of {request['requested_at']} is older than"
            f" {period.policy.promotion.approval_days} days; have it requested again"
        )
    evidence = require_pass(period, version)
    if evidence.sha256 != request["evidence"]:
        raise GateError(f"{version}: validation.json is not what was requested; request it again")
    _require_month(period, request)
    _decide(period, request, "approved", Act(approver, at, reason), identity)
    set_champion(period, evidence, Act(approver, at, reason))
    period.store.delete(f"{PENDING}/{version}.json")


def reject(
    period: Period,
    version: str,
    approver: str,
    reason: str,
    *,
    at: str,
    identity: str = "self-asserted",
) -> None:
    """Refuse a waiting challenger for good; its requester may do so too."""
    request = _waiting(period, version)
    _decide(period, request, "rejected", Act(approver, at, reason), identity)
    period.store.delete(f"{PENDING}/{version}.json")


def decision_on(store: Store, version: str) -> dict[str, Any] | None:
    """What was decided on a version, if anything."""
    return read(store, f"{APPROVALS}/{version}.json")


def read(store: Store, key: str) -> dict[str, Any] | None:
    """A JSON object of the store; None when there is none."""
    try:
        content: dict[str, Any] = json.loads(store.read(key))
    except KeyError:
        return None
    return content


def _waiting(period: Period, version: str) -> dict[str, Any]:
    request = read(period.store, f"{PENDING}/{version}.json")
    if request is None:
        raise UserError(
            f"{version} does not wait for approval; see `creditrisk registry list` for what does"
        )
    return request


def _decide(
    period: Period, request: dict[str, Any], decision: Decision, act: Act, identity: str
) -> None:
    """Put a decision in the store and on the trail before anything acts on it."""
    if not act.by.strip() or not act.reason.strip():
        raise UserError(f"{request['version']} cannot be {decision} without a name and a reason")
    body = {
        **request,
        "decision": decision,
        "by": act.by,
        "identity": identity,
        "reason": act.reason,
        "at": act.at,
    }
    key = f"{APPROVALS}/{request['version']}.json"
    try:
        period.store.create(key, _encode(body))
    except ConflictError:
        body = json.loads(period.store.read(key))
        if (body["decision"], body["by"]) != (decision, act.by):
            raise GateError(
                f"{request['version']} was already {body['decision']} by {body['by']}"
                f" at {body['at']}: {body['reason']}"
            ) from None
    period.trail.append(decision, act.by, body["at"], body, request["version"])


def _expired(period: Period, request: dict[str, Any], at: str) -> bool:
    try:
        asked, now = (datetime.fromisoformat(text) for text in (request["requested_at"], at))
        return now - asked > timedelta(days=period.policy.promotion.approval_days)
    except (TypeError, ValueError):
        raise UserError(
            f"approval of {request['version']}: '{at or request['requested_at']}' is no time with"
            " zone (2024-09-02T08:00:00+00:00); approvals expire, so both times are needed"
        ) from None


def _require_month(period: Period, request: dict[str, Any]) -> None:
    if period.as_of < parse_month(request["as_of"]):
        raise UserError(
            f"{request['version']} was requested as of {request['as_of']}, approval as of"
            f" {period.as_of} is earlier; approve it as of {request['as_of']} or later"
        )


def _encode(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, indent=1).encode()
