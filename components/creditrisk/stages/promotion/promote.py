"""Make a version the champion, or let it wait until someone other than its requester decides."""

from typing import Literal

from creditrisk.calendar_month import parse_month
from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.answered import approval_of
from creditrisk.records.approval_answers import approvable, decide
from creditrisk.records.approval_requests import ChallengerRequest, submit
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.identity import Identity, Statement, credential
from creditrisk.records.version_files import sums_sha256
from creditrisk.stages.promotion.passed_validation import Evidence, require_pass
from creditrisk.stages.promotion.promotion_record import set_champion

Outcome = Literal["promoted", "pending"]
PASSED = "passed validation"  # the pipeline's reason


def request_approval(period: Period, evidence: Evidence, statement: Statement) -> None:
    """Let a challenger wait; a repetition changes nothing until the request has expired."""
    request = ChallengerRequest(
        version=evidence.version,
        as_of=period.as_of.isoformat(),
        requested_by=statement.who.name,
        requested_at=statement.at,
        requested_because=statement.reason,
        requested_identity=statement.who.vouched_by,
        credential=credential(period.store),
        evidence=evidence.sha256,
        sums=sums_sha256(period.store, evidence.version),
    )
    submit(period, request)


def approve(period: Period, version: str, statement: Statement) -> None:
    """Approve a waiting challenger and make it champion.

    The requester, an expired request and evidence other than the requested are a `GateError`.
    """
    request = approvable(period, version, ChallengerRequest, statement)
    evidence = require_pass(period, version)
    if evidence.sha256 != request.evidence:
        raise GateError(f"{version}: validation.json is not what was requested; request it again")
    if request.sums not in ("", sums_sha256(period.store, version)):
        raise GateError(f"{version}: its files are not what was requested; request it again")
    if period.as_of < parse_month(request.as_of):
        raise UserError(
            f"{version} was requested as of {request.as_of}, approval as of {period.as_of} is"
            f" earlier; approve it as of {request.as_of} or later"
        )
    decide(period, request, "approved", statement)
    set_champion(period, evidence, statement)
    period.store.delete(layout.pending(version))


def promote(
    period: Period,
    version: str,
    actor: str,
    reason: str = PASSED,
    *,
    at: str = "",
    identity: str = "",
) -> Outcome:
    """Promote a version that passed; under `four_eyes` ask for approval instead.

    A repetition changes nothing. Without a pass, or once rejected, a `GateError`; a damaged
    file is a `UserError` that names it. `at` is the wall clock, `identity` what vouches for a
    person's name.
    """
    if not reason.strip():
        raise UserError(f"{version} is not promoted without a reason")
    evidence = require_pass(period, version)
    statement = Statement(Identity(actor, identity), reason, at)
    if period.policy.promotion.mode == "automatic":
        set_champion(period, evidence, statement)
        return "promoted"
    approval = approval_of(period, version)
    if approval is None and current_champion(period.store) != version:
        request_approval(period, evidence, statement)
        return "pending"
    if approval and approval.evidence == evidence.sha256:
        # an approval whose approver was cut off before the pointer moved is carried out
        approver = Identity(approval.by, approval.identity)
        set_champion(period, evidence, Statement(approver, approval.reason, approval.at))
    return "promoted"
