"""What the retraining decision rests on: this month's findings, past decisions, the policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from creditrisk.calendar_month import add_months, months_between
from creditrisk.policy import Rule
from creditrisk.records.decision import Action, Axis, DecisionKind, Outcome, State

CALLING = frozenset(
    {
        *("two_of_three", "critical_matured", "persistence", "recalibrate", "model_age"),
        *("definition_changed", "refresh", "business"),
    }
)  # triggers that call for a challenger


@dataclass(frozen=True)
class AxisFindings:
    """One month as the rule sees it. `axes` holds all three while a champion is in force.

    `champion` "": none yet. `champion_age`: months since its promotion. `matured`, `needed`:
    cohorts with outcomes, there are and a first model takes; `shortage`: what they lack all the
    same, bads say; `every`: months from one to the next. `failures`: what blocks the month.
    `business`: business rules that hold -> the numbers they hold by. `notes` go to the reasons.
    `answered`: the newest escalation of the champion that a person has decided on. `lacking`: why
    the challenger that the findings call for cannot be trained or judged. `later`: a newer month
    that was decided before this one.
    """

    as_of: date
    axes: Mapping[str, Axis]
    champion: str
    champion_age: int = 0
    matured: int = 0
    needed: int = 0
    shortage: str = ""
    redefined: str = ""
    every: int = 1
    failures: tuple[str, ...] = ()
    outages: tuple[str, ...] = ()
    business: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()
    answered: date | None = None
    lacking: str = ""
    later: date | None = None


@dataclass(frozen=True)
class PastDecision:
    """An earlier month: what was found, decided, and what became of the action.

    `outcome`: "" when the action was not carried out (or there was none), else what validation
    and promotion made of the challenger. `window_months`: width in cohorts of the
    windows that were opened in that month, by whomever; 0 where none was.
    """

    as_of: date
    decision: DecisionKind
    action: Action
    champion: str
    axes: Mapping[str, Axis]
    outcome: Outcome = ""
    window_months: int = 1
    triggers: tuple[str, ...] = ()

    @property
    def acted(self) -> bool:
        """An action that starts a cool-down.

        One that failed before it was validated does not, or found its windows spent; nor does a
        first model for which the evidence did not suffice: there is no champion that could stay
        meanwhile.
        """
        unfinished = ("", "insufficient") if self.action == "initial" else ("",)
        tried = self.action != "none" and self.outcome not in unfinished
        return tried and self.window_months > 0

    @property
    def on_schedule(self) -> bool:
        """Nothing was wrong: a challenger was due, and nothing else called for one."""
        return {name.partition(":")[0] for name in self.triggers} & CALLING == {"refresh"}


@dataclass(frozen=True)
class Trigger:
    """A reason for a decision and, maybe, for an action."""

    name: str
    decision: DecisionKind
    action: Action
    reason: str

    @classmethod
    def retrain(cls, name: str, reason: str) -> "Trigger":
        return cls(name, "retrain", "retrain", reason)

    @classmethod
    def watch(cls, name: str, reason: str) -> "Trigger":
        return cls(name, "watch", "none", reason)


@dataclass(frozen=True)
class Case:
    """All of it. `past` may come in any order; months from `as_of` on are not looked at."""

    findings: AxisFindings
    past: Sequence[PastDecision]
    rule: Rule

    @cached_property
    def months(self) -> dict[date, PastDecision]:
        return {past.as_of: past for past in self.past if past.as_of < self.findings.as_of}

    @cached_property
    def current_tenure(self) -> dict[date, PastDecision]:
        """Earlier months under the champion in force; another model's record is not its own."""
        champion = self.findings.champion
        return {month: past for month, past in self.months.items() if past.champion == champion}

    def state(self, name: str, month: date) -> State:
        """State of an axis under this champion; a month without one counts for nothing."""
        if month == self.findings.as_of:
            return self.findings.axes[name].state
        past = self.current_tenure.get(month)
        return past.axes[name].state if past and name in past.axes else "insufficient"

    def recovered(self, name: str, red: date, upto: date) -> bool:
        """Whether the axis was green long enough after `red`, `upto` included."""
        streak = 0
        for count in range(1, months_between(red, upto) + 1):
            streak = streak + 1 if self.state(name, add_months(red, count)) == "green" else 0
            if streak >= max(1, self.rule.recovery):
                return True
        return False

    def red_months(self, name: str) -> list[date]:
        """Earlier months in which the axis was red under this champion, oldest first."""
        current_tenure = sorted(self.current_tenure.items())
        return [
            month for month, past in current_tenure if name in past.axes and past.axes[name].red
        ]
