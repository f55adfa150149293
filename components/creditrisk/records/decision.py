"""The record of a decided month: `decisions/<as_of>/<n>.json`, created once, never changed.

n is 1; a decision that supersedes another is the next number, and the newest one counts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from creditrisk.errors import UserError
from creditrisk.stages.decision.case import AXES, Action, DecisionKind
from creditrisk.storage import Store

_OF_THIS_CALL = ("replayed", "effective_action")
_WHERE_THERE_IS_ONE = ("recommended", "contained")


@dataclass(frozen=True)
class Decision:
    """What was decided on a month, on what, and why.

    `axes`: state, text and cohorts by axis. `measured`: the month's published metrics.
    `thresholds`: sections of the policy in force. `key`: what it was decided on, see `key_of`.
    `supersedes`: number of the record this one replaces, 0 for none, for which `reason`.
    `tried`: challengers of this month that had been judged before. `recommended`: where a person
    overrode the rule, its decision, action and triggers. `contained`: segments that get no score
    from now on. `replayed`: found, not taken by this call. `effective_action`: what the caller
    must still carry out; not in the record.
    """

    as_of: str
    n: int
    decision: DecisionKind
    action: Action
    triggers: tuple[str, ...]
    reasons: tuple[str, ...]
    axes: Mapping[str, Mapping[str, Any]]
    measured: Mapping[str, float]
    thresholds: Mapping[str, Mapping[str, Any]]
    policy: str
    champion: str
    inputs: Mapping[str, str]
    key: str
    supersedes: int
    reason: str
    tried: tuple[str, ...]
    recommended: Mapping[str, Any] = field(default_factory=dict)
    contained: tuple[str, ...] = ()
    replayed: bool = False
    effective_action: Action = "none"

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
        content = {name: v for name, v in asdict(self).items() if name not in _OF_THIS_CALL}
        absent = [name for name in _WHERE_THERE_IS_ONE if not content[name]]
        return {n: v for n, v in json.loads(json.dumps(content)).items() if n not in absent}

    def numbers(self) -> dict[str, float]:
        """Published metrics, and how many axes are red."""
        red = sum(axis["state"] in ("red", "critical") for axis in self.axes.values())
        return {**self.measured, "red_axes": float(red)}

    def markdown(self) -> str:
        """The decision as a page."""
        again = " (decided before, found again)" if self.replayed else ""
        said = [f"- {reason}" for reason in self.reasons]
        lines = [f"# {self.as_of}: {self.decision}{again}", ""]
        lines += [f"action: {self.action}, to be carried out now: {self.effective_action}", ""]
        lines += [*said, "", "| axis | state | evidence |", "|---|---|---|"]
        for name in AXES:
            axis = self.axes.get(name, {"state": "not measured", "text": ""})
            lines.append(f"| {name} | {axis['state']} | {axis['text'].replace('|', '/')} |")
        triggers = ", ".join(self.triggers) or "none"
        lines += ["", f"triggers: {triggers}", f"champion: {self.champion or 'none'}"]
        lines += [f"policy: {self.policy}", f"record: decisions/{self.id}.json"]
        if self.recommended:
            rule = f"{self.recommended['decision']} (action {self.recommended['action']})"
            lines += [f"the rule recommended: {rule}"]
        if self.contained:
            lines += [f"no scores from now on for: {', '.join(self.contained)}"]
        if self.supersedes:
            lines += [f"supersedes record {self.supersedes}: {self.reason}"]
        return "\n".join(lines) + "\n"


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
    data = json.dumps(decision.record(), sort_keys=True, indent=1).encode()
    store.create(f"decisions/{decision.id}.json", data)


def newest_decision(store: Store, as_of: date) -> Decision | None:
    """The decision that counts for a month."""
    keys = list(store.keys(f"decisions/{as_of.isoformat()}/"))
    return _read(store, keys[-1]) if keys else None


def decisions_between(store: Store, start: date, end: date) -> list[Decision]:
    """The decisions that count for the months from `start` up to, not including, `end`."""
    newest = {key.split("/")[1]: key for key in store.keys("decisions/")}  # sorted: the last stays
    months = sorted(month for month in newest if start.isoformat() <= month < end.isoformat())
    return [_read(store, newest[month]) for month in months]


def last_decision(store: Store, upto: date = date.max) -> Decision | None:
    """The decision that counts for the newest decided month, `upto` included."""
    keys = [key for key in store.keys("decisions/") if key.split("/")[1] <= upto.isoformat()]
    return _read(store, keys[-1]) if keys else None


def _read(store: Store, key: str) -> Decision:
    try:
        raw = json.loads(store.read(key))
        lists = {name: tuple(raw[name]) for name in ("triggers", "reasons", "tried")}
        lists["contained"] = tuple(raw.get("contained", ()))
        return Decision(**{**raw, **lists})
    except (ValueError, TypeError, KeyError):
        raise UserError(
            f"{store.uri}/{key} is not a decision record: it was altered; restore it (the audit"
            " trail holds its content under event 'decided')"
        ) from None
