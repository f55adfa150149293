"""Make a version the champion, or let it wait for approval."""

from typing import Literal

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records.answered import approval_of
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.identity import Identity, Statement
from creditrisk.stages.promotion.approve_challenger import request_approval
from creditrisk.stages.promotion.passed_validation import require_pass
from creditrisk.stages.promotion.promotion_record import set_champion

Outcome = Literal["promoted", "pending"]
PASSED = "passed validation"  # the pipeline's reason


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
