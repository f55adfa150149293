"""The record of a decided month: `decisions/<as_of>/<n>.json`, created once, never changed.

n is 1; a decision that supersedes another is the next number, and the newest one counts.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from creditrisk.errors import GateError
from creditrisk.records import layout
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.document import Document, encode
from creditrisk.storage import Store

State = Literal["green", "amber", "red", "critical", "insufficient"]
DecisionKind = Literal[
    "keep", "watch", "recalibrate", "retrain", "contain", "escalate", "wait", "blocked"
]
Action = Literal["none", "recalibrate", "retrain", "initial"]
Outcome = Literal["", "insufficient", "refused", "passed", "pending", "promoted"]

UNREADABLE = "unreadable"  # shown in place of a decision that is there and cannot be read
STATES: tuple[State, ...] = ("green", "amber", "red", "critical", "insufficient")
AXES = ("discrimination", "stability", "calibration")
MATURED = ("discrimination", "calibration")  # axes that rest on outcomes

# a key that is not known may be one that was added to the record: the trail's content has none
_STRICT = ConfigDict(frozen=True, extra="forbid")
_WHERE_THERE_IS_ONE = ("recommended", "contained", "options")
_Cohorts = Annotated[frozenset[date], PlainSerializer(lambda found: sorted(map(str, found)))]


@dataclass(frozen=True)
class Axis:
    """An axis in one month; `cohorts` are those it was measured on."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    state: State
    cohorts: _Cohorts = frozenset()
    text: str = ""

    @property
    def red(self) -> bool:
        """Red, or worse."""
        return self.state in ("red", "critical")

    def disjoint(self, other: "Axis") -> bool:
        """Measured on known cohorts, none of them in common: evidence of its own."""
        return bool(self.cohorts and other.cohorts) and not self.cohorts & other.cohorts


class Recommendation(BaseModel):
    """What the rule decided, where a person decided otherwise."""

    model_config = _STRICT

    decision: DecisionKind
    action: Action
    triggers: tuple[str, ...]


class Decision(Document):
    """What was decided on a month, on what, and why.

    `measured`: the month's published metrics. `thresholds`: sections of the policy in force.
    `key`: what it was decided on, see `key_of`. `supersedes`: number of the record this one
    replaces, 0 for none, for which `reason`. `tried`: challengers of this month that had been
    judged before. `contained`: segments that get no score from now on. `options`:
    what a person may do where the rule has no more to try. `replayed`: found, not
    taken by this call. `effective_action`: what the caller must still carry out; not in the
    record.
    """

    model_config = _STRICT
    what: ClassVar[str] = "a decision record"
    remedy: ClassVar[str] = (
        "it was altered; restore it (the audit trail holds its content under event 'decided')"
    )

    as_of: str
    n: int
    decision: DecisionKind
    action: Action
    triggers: tuple[str, ...]
    reasons: tuple[str, ...]
    axes: Mapping[str, Axis]
    measured: Mapping[str, float]
    thresholds: Mapping[str, Mapping[str, Any]]
    policy: str
    champion: str
    inputs: Mapping[str, str]
    key: str
    supersedes: int
    reason: str
    tried: tuple[str, ...]
    recommended: Recommendation | None = None
    contained: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    replayed: bool = Field(default=False, exclude=True)
    effective_action: Action = Field(default="none", exclude=True)

    @property
    def id(self) -> str:
        """How the audit trail calls it."""
        return f"{self.as_of}/{self.n:04d}"

    @property
    def branch(self) -> str:
        """The pipeline's branch: none, recalibrate or retrain (a first model is trained there)."""
        return "retrain" if self.effective_action == "initial" else self.effective_action

    def record(self) -> dict[str, Any]:
        """The record as JSON holds it."""
        content = self.model_dump(mode="json").items()
        return {name: value for name, value in content if value or name not in _WHERE_THERE_IS_ONE}

    def encode(self) -> bytes:
        """As it is stored."""
        return encode(self.record())

    def numbers(self) -> dict[str, float]:
        """Published metrics, and how many axes are red."""
        red = sum(axis.red for axis in self.axes.values())
        return {**self.measured, "red_axes": float(red)}

    def markdown(self) -> str:
        """The decision as a page."""
        again = " (decided before, found again)" if self.replayed else ""
        lines = [f"# {self.as_of}: {self.decision}{again}", ""]
        lines += [f"action: {self.action}, to be carried out now: {self.effective_action}", ""]
        lines += [f"- {reason}" for reason in self.reasons]
        lines += ["", "| axis | state | evidence |", "|---|---|---|"]
        for name in AXES:
            axis = self.axes.get(name)
            state, text = (axis.state, axis.text) if axis else ("not measured", "")
            lines.append(f"| {name} | {state} | {text.replace('|', '/')} |")
        if self.options:
            lines += ["", "a person decides:", "", *(f"- {option}" for option in self.options)]
        lines += ["", *(f"- {name}: {text}" for name, text in self._facts().items() if text)]
        return "\n".join(lines) + "\n"

    def _facts(self) -> dict[str, str]:
        """What the decision rests on and what follows from it, each on a line of a page."""
        rule = self.recommended
        return {
            "triggers": ", ".join(self.triggers) or "none",
            "champion": self.champion or "none",
            "policy": self.policy,
            "record": layout.decision(self.id),
            "the rule recommended": f"{rule.decision} (action {rule.action})" if rule else "",
            "no scores from now on for": ", ".join(self.contained),
            "supersedes": f"record {self.supersedes}: {self.reason}" if self.supersedes else "",
        }


def key_of(as_of: date, inputs: Mapping[str, str], policy: str, champion: str) -> str:
    """sha256 of what a month is decided on: equal key, same decision."""
    content = {
        "as_of": as_of.isoformat(),
        "inputs": dict(inputs),
        "policy": policy,
        "champion": champion,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def keep(store: Store, decision: Decision) -> None:
    """Create the record; `ConflictError` when someone else decided meanwhile."""
    store.create(layout.decision(decision.id), decision.encode())


def decisions(
    store: Store, as_of: date | None = None, damage: Strict = STRICT
) -> Iterator[Decision]:
    """The records of a month, or of all months, superseded ones included, oldest first."""
    folder = layout.decisions(as_of) if as_of else layout.DECISIONS
    found = (damage.read(key, partial(_read, store, key), None) for key in store.keys(folder))
    return (one for one in found if one)


def newest_decision(store: Store, as_of: date) -> Decision | None:
    """The decision that counts for a month."""
    keys = list(store.keys(layout.decisions(as_of)))
    return _read(store, keys[-1]) if keys else None


def decided_months(store: Store, upto: date = date.max) -> list[date]:
    """Months that were decided, oldest first, `upto` included."""
    months = {layout.date_of(key) for key in store.keys(layout.DECISIONS)}
    return sorted(month for month in months if month <= upto)


def decisions_between(store: Store, start: date, end: date) -> list[list[Decision]]:
    """By month from `start` up to, not including, `end`; the last of a month is in force."""
    keys = store.keys(layout.DECISIONS)
    of_months = groupby(keys, layout.month_of)
    return [
        [_read(store, key) for key in of_month]
        for month, of_month in of_months
        if start.isoformat() <= month < end.isoformat()
    ]


def last_decision(store: Store, upto: date = date.max) -> Decision | None:
    """The decision that counts for the newest decided month, `upto` included."""
    keys = store.keys(layout.DECISIONS)
    earlier = [key for key in keys if layout.month_of(key) <= upto.isoformat()]
    return _read(store, earlier[-1]) if earlier else None


def decided_later(store: Store, as_of: date) -> date | None:
    """The newest month after `as_of` that was decided; one that quality blocked was not."""
    for month in reversed(decided_months(store)):
        if month <= as_of:
            break
        newest = newest_decision(store, month)
        if newest and newest.decision != "blocked":
            return month
    return None


def _read(store: Store, key: str) -> Decision:
    """A decision; a `GateError` where it lies under another name than its own."""
    found = Decision.need(store, key)
    if layout.decision(found.id) != key:
        raise GateError(f"{key} calls itself {found.id}: nobody put it there; remove it")
    return found
