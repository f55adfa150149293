"""Months, histories and policies for the 2/3 rule, in a letter per axis."""

from datetime import date

from creditrisk.calendar_month import add_months
from creditrisk.policy import Rule, load_policy
from creditrisk.records.decision import AXES, MATURED, Axis, State
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.retrain_rule import Ruling

NOW = date(2025, 1, 1)
DEFAULT = load_policy().rule
LETTERS: dict[str, State] = {
    "g": "green",
    "a": "amber",
    "r": "red",
    "c": "critical",
    "i": "insufficient",
}


def axes(letters: str, month: date = NOW, cohorts: int = 1) -> dict[str, Axis]:
    """`rgg`: discrimination, stability, calibration; matured axes rest on `cohorts` cohorts."""
    newest = add_months(month, -6)
    span = frozenset(add_months(newest, -n) for n in range(cohorts))
    return {
        name: Axis(LETTERS[letter], span if name in MATURED else frozenset({month}), f"AUC {n}")
        for n, (name, letter) in enumerate(zip(AXES, letters, strict=True))
    }


def month(letters: str = "ggg", **more) -> AxisFindings:
    return AxisFindings(as_of=NOW, axes=axes(letters), champion="m1", **more)


def ago(months: int, letters: str = "ggg", action: str = "none", **more) -> PastDecision:
    then = add_months(NOW, -months)
    outcome = more.pop("outcome", "promoted" if action != "none" else "")
    cohorts = more.pop("cohorts", 1)
    return PastDecision(
        then,
        more.pop("decision", "keep"),
        action,
        more.pop("champion", "m1"),
        axes(letters, then, cohorts),
        outcome,
        **more,
    )


def rule(**changes) -> Rule:
    return DEFAULT.model_copy(update=changes)


def ruled(ruling: Ruling) -> tuple[str, str, tuple[str, ...]]:
    """Decision, action and triggers."""
    return ruling.decision, ruling.action, ruling.triggers
