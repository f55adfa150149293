"""A policy other than the one the last month was decided on: recorded, and, where it is looser,
under `four_eyes` refused until someone other than its requester has approved it.

The mode is the old policy's: a looser policy cannot excuse itself. A change is named after the
sha256 of both policies, so that an approval is good for that change and no other.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.policy.strictness import Difference, differences
from creditrisk.records import approval_answers, approval_requests, layout
from creditrisk.records.answered import approval_of
from creditrisk.records.approval_requests import Approval, PolicyRequest
from creditrisk.records.change_id import change_ids
from creditrisk.records.config import read_policy
from creditrisk.records.decision import last_decision
from creditrisk.records.identity import Statement
from creditrisk.storage import Store

CHANGED = "policy_changed"


@dataclass(frozen=True)
class Change:
    """From the policy of the last decided month to another."""

    before: Policy
    after: Policy

    @property
    def id(self) -> str:
        return self.ids[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """What it is called, and what it may have been approved by."""
        return change_ids(self.before.sha, self.after.sha)

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
    change = Change(read_policy(store, decided.policy), policy)
    return change if change.differences else None  # keys that came with a release have defaults


def admit(period: Period, at: str) -> None:
    """Put a change of policy on record before the month is run under it.

    A looser one that needs approval and has none, or was rejected, is a `GateError`.
    """
    change = change_to(period.store, period.policy, period.as_of)
    if change is None:
        return
    if _guarded(change) and _approval(period, change) is None:
        raise GateError(
            f"policy {period.policy.sha[:12]} is looser than {change.before.sha[:12]}, by which the"
            f" last month was decided: {'; '.join(change.looser[:3])}; ask by `creditrisk policy"
            " request FILE --reason WHY`, then someone else approves"
        )
    body = change.record() | {"as_of": period.as_of.isoformat()}
    period.trail.append(CHANGED, "pipeline", at, body, f"{period.as_of}:{change.id}")


def request(period: Period, policy: Policy, statement: Statement) -> PolicyRequest:
    """Ask for the approval of a looser policy; returns the request that waits.

    One that needs none is a `UserError`, one that was rejected a `GateError`.
    """
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
    if approval := _approval(period, change):
        raise UserError(f"{change.id} needs no approval any more: {approval.by} gave it")
    body = change.record() | statement.record()
    return approval_requests.submit(period, PolicyRequest.model_validate(body))


def approve(period: Period, id: str, statement: Statement) -> None:
    """Agree to a change somebody else asked for no longer than `approval_days` ago."""
    waiting = approval_answers.approvable(period, id, PolicyRequest, statement)
    approval_answers.decide(period, waiting, "approved", statement)
    period.store.delete(layout.pending(waiting.id))


def _approval(period: Period, change: Change) -> Approval | None:
    """The approval of this very policy, under either name; errors as `approval_of`."""
    found = (approval_of(period, id) for id in change.ids)
    return next((one for one in found if one and one.after == change.after.sha), None)


def _guarded(change: Change) -> bool:
    return bool(change.looser) and change.before.promotion.mode == "four_eyes"
