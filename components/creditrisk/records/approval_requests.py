"""What waits for a second person, and what was decided on it.

    registry/pending/<id>.json     who asked for what, when and why
    registry/approvals/<id>.json   the decision, created once: the first of two deciders counts

Two kinds of request share the folders: a challenger is to become champion, a policy looser than
the one in force is to be run. A request waits until someone other than who asked decides on it, or
until it expires; then it can be rejected, or made again.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, Field

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.acts import Signed
from creditrisk.records.audit_record import Find
from creditrisk.records.change_id import POLICY
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.document import Document, Moment
from creditrisk.records.identity import signed
from creditrisk.storage import Store

Answer = Literal["approved", "rejected"]


class Approval(Signed):
    """A decision on a request, and what it needs of the request.

    On a policy, `decision` is stored only where it was rejected: 0.1.0 knew approvals alone;
    `after`: the policy.
    """

    model_config = ConfigDict(extra="allow")

    requested_by: str
    decision: Answer = "approved"
    evidence: str = ""
    after: str = ""

    def body(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)

    def refuse_rejected(self, id: str) -> None:
        """`GateError` where the decision was no."""
        if self.decision == "rejected":
            raise GateError(f"{id} was rejected by {self.by}: {self.reason}")


class _Request(Document):
    """What somebody asked for, when (ISO 8601 with zone) and why."""

    GROUP: ClassVar[str]  # of the commands that decide on it
    ASKED: ClassVar[str]  # its event on the audit trail
    DECIDED: ClassVar[str]  # what stands before `approved` or `rejected` there

    id: str
    requested_by: str
    requested_at: Moment
    requested_because: str = ""

    @property
    def command(self) -> str:
        """What someone else is to type; with `reject` for `approve` it is refused."""
        return f"creditrisk {self.GROUP} approve {self.id} --reason ..."

    @property
    def record_id(self) -> str:
        """How the audit trail calls it."""
        return f"{self.id}:{self.requested_at}"

    def unasked(self, find: Find) -> str:
        """What is said of a request that nobody made so, by the audit trail."""
        record = find(self.ASKED, self.record_id)
        asked = {name: value for name, value in self.body().items() if value}
        if record and asked == {name: value for name, value in record.body.items() if value}:
            return ""
        key = layout.pending(self.id)
        return f"{key} is not what anybody asked for by the audit trail; restore it, or ask again"

    def expired(self, at: str, days: int) -> bool:
        """Whether it is older than a policy's `approval_days`, or dated as far ahead."""
        try:
            since, now = (datetime.fromisoformat(text) for text in (self.requested_at, at))
            return abs(now - since) > timedelta(days=days)
        except (TypeError, ValueError):
            raise UserError(
                f"approval of {self.id}: '{at or self.requested_at}' is no time with zone"
                " (2024-09-02T08:00:00+00:00); approvals expire, so both times are needed"
            ) from None


class ChallengerRequest(_Request):
    """A version is to become champion.

    `credential`: the key that asked; `requested_identity`: what vouches for a person who did.
    `evidence`: sha256 of the `validation.json` it passed by. `sums`: of the version's list of
    sums; empty in requests of 0.1.0.
    """

    GROUP, ASKED, DECIDED = "registry", "approval_requested", ""
    if_set: ClassVar[tuple[str, ...]] = ("requested_identity",)
    looser: ClassVar[tuple[str, ...]] = ()

    id: str = Field(alias="version")
    as_of: str
    credential: str = ""
    evidence: str
    requested_identity: str = ""
    sums: str = ""

    @property
    def record_id(self) -> str:
        return f"{self.id}:{self.as_of}:{self.requested_at}"

    @property
    def requester(self) -> str:
        return signed(self.requested_by, self.requested_identity)

    def kept(self, decision: Answer) -> dict[str, Any]:
        """What a decision repeats of the request."""
        return self.body() | {"decision": decision}


class PolicyRequest(_Request):
    """A policy, `after`, is to be run that is looser than the one in force, `before`."""

    GROUP, ASKED, DECIDED = "policy", "policy_requested", "policy_"
    as_of: ClassVar[str] = ""  # of no month: it counts from the next run on
    credential: ClassVar[str] = ""  # a person's own: no pipeline asks

    id: str = Field(alias="change")
    requested_by: str = Field(alias="by")
    requested_at: Moment = Field(alias="at")
    requested_because: str = Field(alias="reason")
    identity: str
    before: str
    after: str
    looser: tuple[str, ...]
    stricter: tuple[str, ...]

    @property
    def requester(self) -> str:
        return signed(self.requested_by, self.identity)

    def kept(self, decision: Answer) -> dict[str, Any]:
        """What a decision repeats of the request."""
        change = {"change": self.id, "after": self.after}
        asked = {"requested_by": self.requested_by, "requested_at": self.requested_at}
        return change | asked | ({"decision": decision} if decision == "rejected" else {})


Request = ChallengerRequest | PolicyRequest
R = TypeVar("R", ChallengerRequest, PolicyRequest)


def read_request(store: Store, id: str) -> Request | None:
    """The request for a version or a change of policy, where there is one."""
    kind = PolicyRequest if id.startswith(POLICY) else ChallengerRequest
    return kind.read(store, layout.pending(id))


def read_requests(store: Store, damage: Strict = STRICT) -> list[Request]:
    """Every request nobody has decided on, expired ones too, oldest first."""
    found = (
        damage.read(key, partial(read_request, store, layout.name_of(key)), None)
        for key in store.keys(layout.PENDING)
    )
    undecided = (request for request in found if request)  # one may just have been decided on
    return sorted(undecided, key=lambda request: request.requested_at)


def submit(period: Period, request: R) -> R:
    """Let a request wait; returns the one that does.

    Where one for the same waits already and has not expired, it stays and nothing is recorded.
    One that is not on the trail, as where its writer was killed, is replaced.
    """
    before = type(request).read(period.store, layout.pending(request.id))
    days = period.policy.promotion.approval_days
    stays = before and not before.expired(request.requested_at, days)
    if before and stays and not before.unasked(period.trail.find):
        return before
    period.store.write(layout.pending(request.id), request.encode())
    by, at = request.requested_by, request.requested_at
    period.trail.append(request.ASKED, by, at, request.body(), request.record_id)
    return request
