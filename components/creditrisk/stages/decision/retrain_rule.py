"""The 2/3 rule: keep, recalibrate or retrain. A pure function of findings, history and policy.

The decision table is in docs/governance.md. With history fixed, worse findings never give a milder
decision or a weaker action: rows only add, and what overrides a hold are the worst findings of all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from creditrisk.calendar_month import add_months
from creditrisk.policy import Rule
from creditrisk.records.decision import AXES, MATURED, Action, Axis, DecisionKind
from creditrisk.stages.decision import holds
from creditrisk.stages.decision.added_triggers import ADDED
from creditrisk.stages.decision.case import AxisFindings, Case, PastDecision, Trigger

SEVERITY: tuple[DecisionKind, ...] = (
    "keep", "watch", "recalibrate", "retrain", "contain", "escalate"
)  # fmt: skip
STRENGTH: tuple[Action, ...] = ("none", "recalibrate", "retrain")


@dataclass(frozen=True)
class Ruling:
    """The decision, what to do, what triggered it, and why, in plain words."""

    decision: DecisionKind
    action: Action
    triggers: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def contains(self) -> bool:
        """Whether PDs are held back from now on."""
        critical = self.decision == "escalate" and "contain_critical" in self.triggers
        return critical or self.decision == "contain"


def two_of_three(axes: Mapping[str, Axis], red_axes: int) -> bool:
    """The 2/3 rule: retrain when two or more of the three axes are red."""
    return sum(axes[name].red for name in AXES) >= red_axes


def decide_rule(findings: AxisFindings, history: Sequence[PastDecision], rule: Rule) -> Ruling:
    """The ruling on a month; of the history, only what lies before `findings.as_of` counts."""
    case = Case(findings, history, rule)
    if findings.failures:
        return Ruling("blocked", "none", ("quality",), findings.failures)
    if not findings.champion:
        return _first_model(case)
    triggers = [*_rule(case), *(trigger for added in ADDED for trigger in added(case))]
    return _ruling(case, _with_holds(case, triggers))


def _with_holds(case: Case, triggers: Sequence[Trigger]) -> Sequence[Trigger]:
    """Behind what holds them back, where anything does; a late month holds back everything."""
    if late := holds.late_month(case):
        beyond = any(trigger.decision != "watch" for trigger in triggers)
        return [late, *map(_watched, triggers)] if beyond else triggers
    hold = (
        holds.escalation(case, triggers)
        or holds.not_enough_evidence(case)
        or holds.spent_windows(case)
        or (None if _urgent(case, triggers) else holds.cool_down(case))
    )
    acting = any(trigger.action != "none" for trigger in triggers)
    if not hold or not (acting or hold.decision == "escalate"):
        return triggers
    return [hold, *(t if t.action == "none" else _watched(t) for t in triggers)]


def _rule(case: Case) -> list[Trigger]:
    axes, needed = case.findings.axes, case.rule.red_axes
    red = [name for name in AXES if axes[name].red]
    if not two_of_three(axes, needed) or not {*red} & {*MATURED}:
        return []
    reason = f"{len(red)} of 3 axes are red ({', '.join(red)}), the rule retrains from {needed}"
    return [Trigger.retrain("two_of_three", reason)]


def _first_model(case: Case) -> Ruling:
    there, needed = case.findings.matured, case.findings.needed
    if there < needed:
        every = case.findings.every
        ready = add_months(case.findings.as_of, (needed - there) * every)
        when = "every month" if every == 1 else f"every {every} months"
        reason = (
            f"no model yet: the first needs {needed} matured cohorts, there are {there};"
            f" if one matures {when} there are enough in {ready:%Y-%m}"
        )
        return Ruling("wait", "none", ("not_enough_history",), (reason, *case.findings.notes))
    if case.findings.shortage:
        reason = f"no model yet: {case.findings.shortage}"
        return Ruling("wait", "none", ("not_enough_history",), (reason, *case.findings.notes))
    hold = holds.late_month(case) or holds.spent_windows(case) or holds.cool_down(case)
    if hold:
        return Ruling("wait", "none", (hold.name,), (hold.reason, *case.findings.notes))
    reason = f"no model yet, and the {needed} matured cohorts that a first one needs are there"
    return Ruling("retrain", "initial", ("first_model",), (reason, *case.findings.notes))


def _urgent(case: Case, triggers: Sequence[Trigger]) -> bool:
    """What a cool-down does not hold back."""
    critical = any(trigger.name == "critical_matured" for trigger in triggers)
    return critical or two_of_three(case.findings.axes, len(AXES))


def _watched(trigger: Trigger) -> Trigger:
    return replace(trigger, decision="watch", action="none")


def _ruling(case: Case, triggers: Sequence[Trigger]) -> Ruling:
    decisions: list[DecisionKind] = ["keep", *(trigger.decision for trigger in triggers)]
    actions: list[Action] = ["none", *(trigger.action for trigger in triggers)]
    decision, action = max(decisions, key=SEVERITY.index), max(actions, key=STRENGTH.index)
    named = _named(triggers, decision, action)
    reasons = _once([trigger.reason for trigger in named])
    return Ruling(
        decision,
        action,
        tuple(dict.fromkeys(trigger.name for trigger in named)),
        (*reasons, *_notes(case)) or ("all three axes are green",),
    )


def _once(reasons: Sequence[str]) -> list[str]:
    """Without those that another one begins with and goes on from."""
    return [one for one in reasons if not any(more.startswith(f"{one}:") for more in reasons)]


def _named(triggers: Sequence[Trigger], decision: DecisionKind, action: Action) -> list[Trigger]:
    """Those that carry decision and action, and what holds an action back.

    A challenger on schedule is asked for with nothing wrong, and passes superior only; so what
    else would act, more mildly, is named beside it.
    """
    found = [
        trigger
        for trigger in triggers
        if trigger.decision in (decision, "contain")
        or trigger.action == action != "none"
        or trigger.name in holds.HOLDS
    ]
    if {trigger.name for trigger in found if trigger.action != "none"} != {"refresh"}:
        return found
    return [trigger for trigger in triggers if trigger in found or trigger.action != "none"]


def _notes(case: Case) -> list[str]:
    axes = case.findings.axes
    off = [(name, axes[name]) for name in AXES if axes[name].state != "green"]
    states = [
        f"{name} is {axis.state}" + (f": {axis.text}" * bool(axis.text)) for name, axis in off
    ]
    return [*states, *case.findings.notes]
