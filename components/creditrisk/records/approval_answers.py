"""How a person answers a request that waits: yes or no, once, and never their own with yes."""

from datetime import datetime

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.acts import create_once
from creditrisk.records.approval_requests import Answer, Approval, R, Request, read_request
from creditrisk.records.change_id import brief_change
from creditrisk.records.identity import Statement
from creditrisk.records.same_person import same_account
from creditrisk.storage import Store


def waiting(store: Store, id: str, kind: type[R]) -> R:
    """A request to be decided on, by its id or as that is shown; a `UserError` where there is none,
    where there are several, or it is of the other kind."""
    ids = map(layout.name_of, store.keys(layout.PENDING))
    alike = [one for one in ids if id in (one, brief_change(one))]
    if len(alike) > 1:
        raise UserError(f"'{id}' begins {len(alike)} requests: {', '.join(alike)}; say which")
    found = read_request(store, alike[0]) if alike else None
    if isinstance(found, kind):
        return found
    otherwise = "does not wait for approval; `creditrisk status` lists what does"
    raise UserError(f"{id} {f'is decided on by {found.command}' if found else otherwise}")


def approvable(period: Period, id: str, kind: type[R], statement: Statement) -> R:
    """The request, where whoever makes the statement may approve it.

    `GateError` for the requester, for the key that requested, where the request has expired, and
    where it is not the one on the audit trail.
    """
    request, who = waiting(period.store, id, kind), statement.who
    if same_account(who.name, request.requested_by):
        raise GateError(
            f"{id} was requested by {request.requested_by}: someone else must approve it"
        )
    if who.vouched_by == "store credential" and who.name == request.credential:
        raise GateError(
            f"{id} cannot be approved with {who.name}, the key that asked for it: a pipeline does"
            " not approve its own work; use a key of the approver's role"
        )
    days = period.policy.promotion.approval_days
    if request.expired(statement.at, days):
        at, now = (datetime.fromisoformat(text) for text in (request.requested_at, statement.at))
        how = f"older than {days} days" if at < now else "far ahead of this clock"
        raise GateError(
            f"the request for {id} of {request.requested_at} is {how}; have it requested again"
        )
    if fault := request.unasked(period.trail.find):
        raise GateError(fault)
    return request


def decide(period: Period, request: Request, decision: Answer, statement: Statement) -> None:
    """Put a decision in the store and on the trail, before anything acts on it."""
    other = "rejected" if decision == "approved" else "approved"
    if before := period.trail.find(f"{request.DECIDED}{other}", request.id):
        raise GateError(f"{request.id} was already {other} by {before.author}: {before.why}")
    document = Approval.model_validate(request.kept(decision) | statement.record())
    first = create_once(period.store, layout.approval(request.id), document)
    if first.replace(at="") != document.replace(at=""):  # who was cut off there says the same again
        raise GateError(
            f"{request.id} was already {first.decision} by {first.by} at {first.at}: {first.reason}"
        )
    event = f"{request.DECIDED}{decision}"
    period.trail.append(event, first.by, first.at, first.body(), request.id)


def reject(period: Period, id: str, kind: type[R], statement: Statement) -> None:
    """Refuse a request for good; its requester may do so too, and it may have expired."""
    request = waiting(period.store, id, kind)
    decide(period, request, "rejected", statement)
    period.store.delete(layout.pending(request.id))
