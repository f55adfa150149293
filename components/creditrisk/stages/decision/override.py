"""A person's word against the rule's: an override of a month's decision, with a reason and an end.

    registry/overrides/<as_of>/<n>/given.json
    registry/overrides/<as_of>/<n>/closed.json   what came of it

The newest override of a month counts. It takes the place of the rule's decision when its month is
decided again (`--supersede`). An override that calls for an action acts there and nowhere
else; one that lets things be (keep, watch) holds up to its last month, unless an axis has
become worse than the person knew it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from creditrisk.calendar import add_months
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.decision import Action, Axis, Decision, DecisionKind, State, last_decision
from creditrisk.records.identity import Statement
from creditrisk.stages.decision.retrain_rule import Ruling
from creditrisk.storage import ConflictError, Store

OVERRIDE = "override"
ACTIONS: dict[DecisionKind, Action] = {
    "keep": "none",
    "watch": "none",
    "recalibrate": "recalibrate",
    "retrain": "retrain",
    "contain": "none",
}
LASTING: tuple[DecisionKind, ...] = ("keep", "watch")
_FOLDER = "registry/overrides"
_WORSE: tuple[State, ...] = ("green", "insufficient", "amber", "red", "critical")
_LATER = ("closed", "outcome")  # known once it is closed


@dataclass(frozen=True)
class Override:
    """What a person decided on month `as_of`, up to month `until`, against `recommended`.

    `states`: of the axes when it was given. `closed`: the newest month when it was closed (it
    does not count after), else empty.
    """

    as_of: str
    n: int
    decision: DecisionKind
    recommended: DecisionKind
    states: Mapping[str, State]
    record: str
    until: str
    reason: str
    by: str
    identity: str
    at: str
    closed: str = ""
    outcome: str = ""

    @property
    def id(self) -> str:
        """How records and the audit trail call it."""
        return f"{self.as_of}/{self.n:04d}"

    def counts(self, as_of: date) -> bool:
        """Whether it holds in a month."""
        month = as_of.isoformat()
        return self.as_of <= month <= min(self.until, self.closed or self.until)


def overrides(store: Store) -> list[Override]:
    """Every one there was, oldest month first."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for key in store.keys(f"{_FOLDER}/"):
        month, number, part = key.split("/")[-3:]
        found[f"{month}/{number}"][part] = json.loads(store.read(key))
    return [
        Override(**parts["given.json"] | parts.get("closed.json", {})) for parts in found.values()
    ]


def override_in_force(store: Store, as_of: date) -> Override | None:
    """The one that holds in a month, if any: the newest."""
    return next((one for one in reversed(overrides(store)) if one.counts(as_of)), None)


def applied(rule: Ruling, override: Override, as_of: date, axes: Mapping[str, Axis]) -> Ruling:
    """The override in place of the rule's decision; both are in its reasons."""
    worse = [name for name, axis in axes.items() if _worse(axis.state, override.states[name])]
    if as_of.isoformat() > override.as_of and worse:
        note = f"the override of {override.as_of[:7]} does not hold: {worse[0]} has become worse"
        return replace(rule, reasons=(*rule.reasons, note))
    said = f"{override.by} overrides until {override.until[:7]}: {override.reason}"
    reasons = (said, f"the rule recommends {rule.decision}", *rule.reasons)
    return Ruling(override.decision, ACTIONS[override.decision], (OVERRIDE,), reasons)


def give(
    period: Period, month: date, decision: DecisionKind, until: date | None, said: Statement
) -> Override:
    """Override the newest decided month, up to month `until` (None: that month alone).

    `UserError` where there is nothing to override, no reason, or no end within the policy's.
    """
    decided = _overridable(period.store, month)
    end = until or month
    _require_end(period, month, decision, end)
    before = [one for one in overrides(period.store) if one.as_of == decided.as_of]
    given = Override(
        as_of=decided.as_of,
        n=len(before) + 1,
        decision=decision,
        recommended=(decided.recommended or decided).decision,
        states={name: axis.state for name, axis in decided.axes.items()},
        record=layout.decision(decided.id),
        until=end.isoformat(),
        **said.record(),
    )
    body = {name: value for name, value in asdict(given).items() if name not in _LATER}
    try:
        period.store.create(f"{_FOLDER}/{given.id}/given.json", _encode(body))
    except ConflictError:
        raise UserError(f"someone else overrode {month:%Y-%m} at this moment; look again") from None
    period.trail.append("overridden", given.by, given.at, body, given.id)
    return given


def close(period: Period, month: date, said: Statement) -> str:
    """Record what came of a month's newest override (`said.reason`); it holds no longer.

    It counts up to `as_of`, the newest month that was run. Returns the override's id.
    """
    found = [one for one in overrides(period.store) if one.as_of == month.isoformat()]
    if not found or found[-1].closed:
        raise UserError(
            f"{month:%Y-%m} has no open override; see creditrisk override list for those there are"
        )
    act = said.record()
    id, body = found[-1].id, {"closed": period.as_of.isoformat(), "outcome": said.reason}
    try:
        period.store.create(f"{_FOLDER}/{id}/closed.json", _encode(body))
    except ConflictError:
        raise UserError(f"someone else closed the override {id} at this moment") from None
    period.trail.append("override_closed", act["by"], said.at, body | act, id)
    return id


def _overridable(store: Store, month: date) -> Decision:
    newest = last_decision(store)
    if newest is None or newest.as_of != month.isoformat():
        said = f"{newest.as_of[:7]} is" if newest else "no month is yet"
        raise UserError(
            f"{month:%Y-%m} cannot be overridden: {said} the newest decided month, and what came"
            " before it has been acted on"
        )
    if newest.decision in ("blocked", "wait") or not newest.champion:
        raise UserError(
            f"{month:%Y-%m} is decided {newest.decision} without"
            f" {'data' if newest.champion else 'a champion'}: there is nothing to override"
        )
    return newest


def _require_end(period: Period, month: date, decision: DecisionKind, end: date) -> None:
    if decision not in LASTING and end != month:
        raise UserError(f"{decision} is done once, in {month:%Y-%m}: give no --until")
    last = add_months(month, period.policy.governance.override_months)
    if not month <= end <= last:
        raise UserError(
            f"--until {end} is not between {month} and {last}"
            f" (governance.override_months: {period.policy.governance.override_months})"
        )


def _worse(now: State, then: State) -> bool:
    return _WORSE.index(now) > _WORSE.index(then)


def _encode(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1).encode()
