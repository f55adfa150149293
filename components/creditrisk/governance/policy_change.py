"""A policy other than the one the last month was decided on: recorded, and, where it is looser,
under `four_eyes` refused until someone other than its requester has approved it.

registry/pending/<change>.json      who asked, for which change of which thresholds
registry/approvals/<change>.json    who agreed, created once

The mode is the old policy's: a looser policy cannot excuse itself. A change is named after the
sha256 of both policies, so that an approval is good for that change and no other.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.policy import Policy, thaw_policy
from creditrisk.policy.strictness import Difference, differences
from creditrisk.records.decision import last_decision
from creditrisk.records.identity import Statement, same_person
from creditrisk.storage import ConflictError, Store

PENDING, APPROVALS = "registry/pending", "registry/approvals"
CHANGED = "policy_changed"


@dataclass(frozen=True)
class Change:
    """From the policy of the last decided month to another."""

    before: Policy
    after: Policy

    @property
    def id(self) -> str:
        return f"policy-{self.before.sha[:16]}-{self.after.sha[:16]}"

    @cached_property
    def differences(self) -> list[Difference]:
        return differences(self.before, self.after)

    @property
    def looser(self) -> list[str]:
        """Thresholds that ask for less, or may."""
        return [f"{found}" for found in self.differences if found.direction == "looser"]

    def record(self) -> dict[str, Any]:
        """As a record holds it."""
        stricter = [f"{found}" for found in self.differences if found.direction == "stricter"]
        shas = {"before": self.before.sha, "after": self.after.sha}
        return {"change": self.id, **shas, "looser": self.looser, "stricter": stricter}


def change_to(store: Store, policy: Policy, upto: date = date.max) -> Change | None:
    """What a policy changes against the last decided month, `upto` included; None: nothing."""
    decided = last_decision(store, upto)
    if decided is None or decided.policy == policy.sha:
        return None
    frozen = store.read(f"policies/{decided.policy}.json").decode()
    change = Change(thaw_policy(frozen, f"policies/{decided.policy}.json"), policy)
    return change if change.differences else None  # keys that came with a release have defaults


def admit(period: Period, at: str) -> None:
    """Put a change of policy on record before the month is run under it.

    A looser one that needs approval and has none is a `GateError`.
    """
    change = change_to(period.store, period.policy, period.as_of)
    if change is None:
        return
    if _guarded(change) and _read(period.store, f"{APPROVALS}/{change.id}.json") is None:
        raise GateError(
            f"policy {period.policy.sha[:12]} is looser than {change.before.sha[:12]}, by which"
            f" the last month was decided: {'; '.join(change.looser[:3])}; ask by `creditrisk"
            " policy request FILE --reason WHY`, then someone else approves"
        )
    body = change.record() | {"as_of": period.as_of.isoformat()}
    period.trail.append(CHANGED, "pipeline", at, body, f"{period.as_of}:{change.id}")


def request(period: Period, policy: Policy, said: Statement) -> Change:
    """Ask for the approval of a looser policy; one that needs none is a `UserError`."""
    change = change_to(period.store, policy)
    if change is None or not change.looser:
        raise UserError(
            f"policy {policy.sha[:12]} needs no approval: it is no looser than the last month's"
        )
    if not _guarded(change):
        raise UserError(
            f"policy {policy.sha[:12]} needs no approval: the last month's has promotion.mode:"
            " automatic; a run under it puts the change on record"
        )
    body = {**change.record(), **said.record()}
    period.store.write(f"{PENDING}/{change.id}.json", _encode(body))
    period.trail.append("policy_requested", said.who.name, said.at, body, f"{change.id}:{said.at}")
    return change


def approve(period: Period, id: str, said: Statement) -> None:
    """Agree to a change somebody else asked for no longer than `approval_days` ago."""
    asked = _read(period.store, f"{PENDING}/{id}.json")
    if asked is None:
        raise UserError(f"nobody asked for {id}; `creditrisk status` lists what waits for approval")
    if same_person(said.who.name, asked["by"]):
        raise GateError(f"{id} was requested by {asked['by']}: someone else must approve it")
    days = period.policy.promotion.approval_days
    age = datetime.fromisoformat(said.at) - datetime.fromisoformat(asked["at"])
    if age > timedelta(days=days):
        raise GateError(f"the request for {id} is older than {days} days; have it made again")
    body = {"change": id, "after": asked["after"], "requested_by": asked["by"], **said.record()}
    try:
        period.store.create(f"{APPROVALS}/{id}.json", _encode(body))
    except ConflictError:
        raise GateError(f"{id} was approved already") from None
    period.trail.append("policy_approved", said.who.name, said.at, body, id)
    period.store.delete(f"{PENDING}/{id}.json")


def _guarded(change: Change) -> bool:
    return bool(change.looser) and change.before.promotion.mode == "four_eyes"


def _read(store: Store, key: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(store.read(key)))
    except KeyError:
        return None


def _encode(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1).encode()
