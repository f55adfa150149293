"""Decide a month: once, on record, before anything acts on it.

A month is decided on (as_of, digests of its inputs, policy, champion). Again on the same: the
record that is there is returned, and whatever of its action is left undone (a run was cut off)
is still to be done, nothing twice. On anything else: refused, unless a reason is given to
supersede the record. A month that quality blocked was not decided; once it is delivered
again, deciding it needs no reason.

A person's override in force takes the place of the rule's decision; the record has both.
"""

from collections.abc import Sequence
from dataclasses import replace

from creditrisk.contracts import FINDINGS
from creditrisk.errors import GateError, UserError
from creditrisk.governance.policy_change import admit
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.card import CARD, Card
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.containment import CRITICAL, EVERYTHING, contain
from creditrisk.records.decision import (
    Decision,
    Recommendation,
    decided_later,
    decisions,
    keep,
    newest_decision,
)
from creditrisk.records.findings import escalate
from creditrisk.records.overrides import override_in_force
from creditrisk.stages.decision.basis import Basis, axis_findings, headlines, read_basis, read_rows
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.evidence_needed import challenger_lacks
from creditrisk.stages.decision.history import carried_out, read_history
from creditrisk.stages.decision.options import options
from creditrisk.stages.decision.override import OVERRIDE, applied
from creditrisk.stages.decision.retrain_rule import Ruling, decide_rule
from creditrisk.storage import ConflictError


def decide(period: Period, version: str, supersede: str = "", at: str = "") -> Decision:
    """Decide `as_of` under its champion ("": none yet); `at` is the wall clock.

    The record is in the store and on the audit trail when this returns. The caller carries out
    `effective_action` (a pipeline: `branch`). `supersede`: why a decided month is decided again.
    A looser policy that nobody approved is a `GateError`, whichever one the run began under.
    """
    basis = read_basis(period, version)
    before = newest_decision(period.store, period.as_of)
    if before and before.key == basis.key:
        return _decided_before(period, before, basis, at)
    if before and basis.quality.failures and before.decision != "blocked":
        # a bad delivery that came later changes nothing
        return _decided_before(period, before, basis, at)
    reason = _reason(before, supersede, basis, period)
    admit(period, at)
    decision = _new_decision(period, basis, before, reason)
    try:
        keep(period.store, decision)
    except ConflictError:
        return decide(period, version, supersede, at)  # someone else decided meanwhile
    _on_record(period, decision, at)
    return decision.model_copy(update={"effective_action": decision.action})


def _reason(before: Decision | None, supersede: str, basis: Basis, period: Period) -> str:
    """Why a record may be superseded; a `UserError` where nothing allows it."""
    if before is None:
        return ""
    if before.decision == "blocked":
        return supersede.strip() or "quality had blocked the month"
    if supersede.strip():
        return supersede.strip()
    names = sorted({*before.inputs, *basis.inputs})
    other = [name for name in names if before.inputs.get(name) != basis.inputs.get(name)]
    other += ["policy"] if before.policy != period.policy.sha else []
    other += ["champion"] if before.champion != basis.version else []
    raise UserError(
        f"{period.as_of} is decided ({before.decision}, {layout.decision(before.id)}), on other"
        f" {', '.join(other)}; it stays decided unless you run it with --supersede REASON"
    )


def _decided_before(period: Period, decision: Decision, basis: Basis, at: str) -> Decision:
    """A record that is there: put on the trail if it is not, its action only if still undone."""
    _require_taken(period, decision, basis)
    _on_record(period, decision, at)
    late = decided_later(period.store, period.as_of) is not None
    idle = bool(basis.quality.failures) or late or carried_out(period, decision)
    left = "none" if idle else decision.action
    return decision.model_copy(update={"replayed": True, "effective_action": left})


def _require_taken(period: Period, decision: Decision, basis: Basis) -> None:
    """`GateError` where a decision has no record, and is not what would be decided now.

    A run that was cut off before the record leaves the one; anybody else may put the other there.
    """
    if period.trail.find("decided", decision.id):
        return
    earlier = [one for one in decisions(period.store, period.as_of) if one.n < decision.n]
    again = _new_decision(period, basis, earlier[-1] if earlier else None, decision.reason)
    if again.record() != decision.record():
        raise GateError(
            f"{layout.decision(decision.id)} has no record on the audit trail, and is not what"
            f" {period.as_of} is decided on what was measured: nobody decided it; remove it"
        )


def _new_decision(period: Period, basis: Basis, before: Decision | None, reason: str) -> Decision:
    blocked = basis.quality.failures
    rows = [] if blocked else read_rows(period, period.as_of, basis.version)
    findings = replace(
        axis_findings(period, basis, rows), later=decided_later(period.store, period.as_of)
    )
    rule = _ruled(period, findings, read_history(period, basis.since))
    override = override_in_force(period.store, period.as_of)
    ruling = rule
    if override and basis.version and not blocked:
        ruling = applied(rule, override, period.as_of, findings.axes)
    recommended = Recommendation(decision=rule.decision, action=rule.action, triggers=rule.triggers)
    thresholds, measured = ("monitoring", "rule", "development"), headlines(rows)
    return Decision(
        as_of=period.as_of.isoformat(),
        n=before.n + 1 if before else 1,
        decision=ruling.decision,
        action=ruling.action,
        triggers=ruling.triggers,
        reasons=ruling.reasons,
        axes=findings.axes,
        measured=measured,
        thresholds=period.policy.model_dump(mode="json", include=set(thresholds)),
        policy=period.policy.sha,
        champion=basis.version,
        inputs=basis.inputs,
        key=basis.key,
        supersedes=before.n if before else 0,
        reason=reason,
        tried=ChallengerOutcomes(period.store).judged(period.as_of, ruling.action),
        recommended=recommended if ruling.triggers == (OVERRIDE,) else None,
        contained=_contained(period, basis.version, ruling),
        options=(options(period, basis.version, measured) if ruling.decision == "escalate" else ()),
    )


def _ruled(period: Period, findings: AxisFindings, history: Sequence[PastDecision]) -> Ruling:
    """By the rule; where it calls for a challenger that cannot be trained or judged, it says so."""
    found = decide_rule(findings, history, period.policy.rule)
    if found.action not in ("retrain", "recalibrate"):
        return found
    card = Card.read(period.store, layout.version(findings.champion, CARD))
    lacking = challenger_lacks(period, found.action, card.train if card else ())
    return decide_rule(replace(findings, lacking=lacking), history, period.policy.rule)


def _contained(period: Period, version: str, ruling: Ruling) -> tuple[str, ...]:
    """Segments that get no PD from now on; every application where outcomes are critical."""
    if not ruling.contains:
        return ()
    return (EVERYTHING,) if CRITICAL in ruling.triggers else _affected(period, version)


def _affected(period: Period, version: str) -> tuple[str, ...]:
    """Segments whose scores moved critically; all applications where it is not one segment's."""
    rows = period.lake.read(FINDINGS, [period.as_of]).to_pylist()
    critical = {
        row["segment"]
        for row in rows
        if (row["metric"], row["model_version"], row["state"]) == ("score_psi", version, "critical")
    }
    return tuple(sorted(critical - {EVERYTHING})) or (EVERYTHING,)


def _on_record(period: Period, decision: Decision, at: str) -> None:
    """Append the decision, once; a record that is not the one on the trail is a `UserError`.

    Then what it contains is contained, before anything else acts on it.
    """
    decided = period.trail.append("decided", "pipeline", at, decision.record(), decision.id)
    contain(period, decided)
    if decision.decision == "escalate":
        escalate(period, decision, at)
