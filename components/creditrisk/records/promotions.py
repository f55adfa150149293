"""The record of each change of champion, and what it must say for the champion to count.

A change is `promoted` or `rolled_back` on the audit trail, under its number in the pointer; 0.1.0
recorded a promotion under its version and month. The pointer is written first, so that a race is
decided there: a change that was cut off before its record does not count until it is made again.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from creditrisk.records import layout
from creditrisk.records.answered_request import answered_request
from creditrisk.records.approval_requests import Approval
from creditrisk.records.audit_record import Find, Record
from creditrisk.records.binding import Binding
from creditrisk.records.champion_pointer import Tenure, champion_history
from creditrisk.records.change_id import change_ids
from creditrisk.records.config import approval_days, wants_four_eyes
from creditrisk.records.decision import last_decision
from creditrisk.records.oot_ledger import VALIDATED
from creditrisk.records.same_person import same_person
from creditrisk.records.validation import validation_key, validation_sha256
from creditrisk.records.version_files import sums_sha256

PROMOTED, ROLLED_BACK = "promoted", "rolled_back"


def record_of(find: Find, tenure: Tenure) -> Record | None:
    """The record of a change of champion."""
    if tenure.rollback:
        return find(ROLLED_BACK, str(tenure.sequence))
    by_number = find(PROMOTED, str(tenure.sequence))
    return by_number or find(PROMOTED, f"{tenure.version}:{tenure.since}")


def champion_fault(binding: Binding, as_of: date = date.max) -> str:
    """What is wrong with the pointer a month starts with; empty where the trail says the same."""
    history = champion_history(binding.store)
    for number, tenure in enumerate(history, 1):
        if tenure.sequence != number:
            return f"{layout.CHAMPION}: entry {number} calls itself {tenure.sequence}; restore it"
    acting = [tenure for tenure in history if tenure.since < as_of]
    if len(acting) == len(history) and (lost := _numbered(binding, len(history) + 1)):
        return (
            f"{layout.CHAMPION} lacks entry {len(history) + 1}: record {lost.sequence} of the audit"
            f" trail {lost.event} {lost.said('version')}; restore it"
        )
    put_off = (_put_off(binding, tenure, as_of) for tenure in history[len(acting) :])
    return next(filter(None, put_off), "") or (tenure_fault(binding, acting) if acting else "")


def _put_off(binding: Binding, tenure: Tenure, as_of: date) -> str:
    """Whether an entry that does not act yet, by its date, has another on the trail, or none.

    One of the month itself may have none: its run was cut off there, and is run again.
    """
    cut_off = tenure.since <= as_of
    record = record_of(binding.find, tenure) or _numbered(binding, tenure.sequence, look=cut_off)
    recorded = (record.said("version"), record.said("as_of")) if record else None
    if recorded == (tenure.version, f"{tenure.since}") or (cut_off and not recorded):
        return ""
    return (
        f"{_where(tenure)}, is not what the audit trail says: run {tenure.since} again if it was"
        " cut off there, else restore the pointer"
    )


def _numbered(binding: Binding, number: int, *, look: bool = False) -> Record | None:
    """The record of a change of champion by its number in the pointer.

    0.1.0 gave it another name: to find that one, every record is looked at where they were read
    already, or with `look`.
    """
    found = binding.find(PROMOTED, f"{number}") or binding.find(ROLLED_BACK, f"{number}")
    every = binding.records() if not found and (look or binding.whole) else ()
    changes = (record for record in every if record.event in (PROMOTED, ROLLED_BACK))
    return found or next((one for one in changes if one.said("sequence") == number), None)


def _where(tenure: Tenure) -> str:
    return f"{layout.CHAMPION}: entry {tenure.sequence}, {tenure.version} as of {tenure.since}"


def tenure_fault(binding: Binding, history: Sequence[Tenure]) -> str:
    """What is wrong with the last of some entries of the pointer."""
    *before, tenure = history
    where = _where(tenure)
    record = record_of(binding.find, tenure)
    if record is None:
        event = ROLLED_BACK if tenure.rollback else PROMOTED
        return (
            f"{where}, has no '{event}' record on the audit trail: run {tenure.since} again if it"
            " was cut off there, else restore the pointer"
        )
    recorded = {"identity": "", **record.body, "by": record.actor, "at": record.at}
    shown = {"identity": ""} | tenure.model_dump(mode="json") | {"as_of": f"{tenure.since}"}
    names = ("version", "as_of", "sequence", "reason", "by", "at", "identity")
    other = next((name for name in names if recorded.get(name) != shown[name]), "")
    if other:
        return f"{where}: another {other} than record {record.sequence} of the audit trail says"
    if tenure.rollback:
        earlier = [n for n, one in enumerate(before) if _promoted(one, tenure.version)]
        if not earlier:
            return f"{where}, was rolled back to and never promoted"
        return tenure_fault(binding, before[: earlier[-1] + 1])
    fault = _evidence_fault(binding, record) or _approval_fault(binding, record, before)
    return f"{where}: {fault}" if fault else ""


def _promoted(tenure: Tenure, version: str) -> bool:
    return tenure.version == version and not tenure.rollback


def _evidence_fault(binding: Binding, record: Record) -> str:
    """Whether what was promoted is what was trained, and passed."""
    version, validated = str(record.said("version")), str(record.said("validated"))
    verdict = binding.find(VALIDATED, validated)
    if verdict is None or verdict.said("verdict") != "pass":
        return f"the audit trail knows no validation that {validated} passed"
    if verdict.said("sha256") != record.said("evidence"):
        return f"it was not promoted on the validation of record {verdict.sequence}"
    if validation_sha256(binding.store, validated) != record.said("evidence"):
        return f"{validation_key(validated)} is not what record {verdict.sequence} names"
    made = None if "sums" in record.body else binding.find("trained", version)
    sums = {id: sums_sha256(binding.store, id) for id in {version, validated}}
    named = ((version, record), (version, made), (validated, verdict))
    for id, found in named:  # what 0.1.0 recorded names no sums
        if found is not None and found.body.get("sums", sums[id]) != sums[id]:
            return f"{layout.version(id, layout.SUMS)} is not what record {found.sequence} names"
    return ""


def spent_on(find: Find, history: Sequence[Tenure], version: str) -> Tenure | None:
    """The promotion that a version's approval was given for; None while it was not carried out."""
    approved = find("approved", version)
    for tenure in history if approved else ():
        promoted = record_of(find, tenure) if _promoted(tenure, version) else None
        if approved and promoted and promoted.sequence > approved.sequence:
            return tenure
    return None


def _approval_fault(binding: Binding, record: Record, before: Sequence[Tenure]) -> str:
    """Whether someone else than who asked agreed, to this promotion, where the policy wants it."""
    version, policy = str(record.said("version")), str(record.said("policy"))
    if not _guarded(binding, policy, date.fromisoformat(record.said("as_of"))):
        return ""
    key = layout.approval(version)
    approval = Approval.read(binding.store, key)
    if approval is None or approval.decision != "approved":
        return f"the policy asks for four eyes, and there is no {key} that approves it"
    if fault := binding.document(key):
        return fault
    spent = spent_on(binding.find, before, version)
    late, days = _days_taken(binding, version, approval), approval_days(binding.store, policy)
    wrong = {
        f"is by {approval.by}, who asked for it": same_person(approval.by, approval.requested_by),
        f"is not what record {record.sequence} of the audit trail rests on": (
            (approval.by, approval.evidence) != (record.actor, record.said("evidence"))
        ),
        f"was given more than {days:g} days after its request, by the server's clock": late > days,
        f"was given for entry {spent.sequence if spent else 0}, and for no other": bool(spent),
    }
    return next((f"{key} {text}" for text, found in wrong.items() if found), "")


def _days_taken(binding: Binding, version: str, approval: Approval) -> float:
    """Days from a request to its approval, by the clock of the trail's server; 0 without one."""
    answer = binding.find("approved", version)
    asked = answer and answered_request(approval.body(), answer, binding.find, binding.records)
    ends = [binding.kept_since(one) for one in (asked, answer) if one]
    first, last = ends if len(ends) == 2 else (None, None)
    return (last - first) / timedelta(days=1) if first and last else 0.0


def _guarded(binding: Binding, policy: str, as_of: date) -> bool:
    """Whether a promotion under a policy needed a second person.

    It did, too, where the month was decided by a policy that wants one, and nobody agreed to
    leave that policy.
    """
    if wants_four_eyes(binding.store, policy):
        return True
    decided = last_decision(binding.store, as_of)
    if decided is None or not decided.policy or decided.policy == policy:
        return False
    approved = (binding.find("policy_approved", id) for id in change_ids(decided.policy, policy))
    agreed = any(one.said("after") == policy for one in approved if one)
    return not agreed and wants_four_eyes(binding.store, decided.policy)
