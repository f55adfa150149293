"""The decision on a request, held against the audit trail before anything acts on it."""

from creditrisk.errors import GateError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.approval_requests import Approval
from creditrisk.records.binding import Binding
from creditrisk.records.change_id import POLICY


def approval_of(period: Period, id: str) -> Approval | None:
    """The approval of a version or a change of policy; None while nobody decided.

    `GateError` where it was rejected, be the document gone, and where the trail does not say what
    the document says.
    """
    of = "policy_" if id.startswith(POLICY) else ""
    if refused := period.trail.find(f"{of}rejected", id):
        raise GateError(f"{id} was rejected by {refused.actor}: {refused.said('reason')}")
    key = layout.approval(id)
    approval = Approval.read(period.store, key)
    if approval is None:
        return None
    approval.refuse_rejected(id)
    if fault := Binding.of(period.store, period.trail).document(key):
        raise GateError(f"{fault}; if its approver was cut off there, approve it again")
    return approval
