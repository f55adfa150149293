"""An override in force takes the place of the rule's decision when its month is decided (again).

One that calls for an action acts in its own month and nowhere else; one that lets things be
(keep, watch) holds up to its last month, unless an axis has become worse than the person knew it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from creditrisk.records.decision import Axis, State
from creditrisk.records.identity import signed
from creditrisk.records.overrides import ACTIONS, Override
from creditrisk.stages.decision.retrain_rule import Ruling

OVERRIDE = "override"
_WORSE: tuple[State, ...] = ("green", "insufficient", "amber", "red", "critical")


def applied(rule: Ruling, override: Override, as_of: date, axes: Mapping[str, Axis]) -> Ruling:
    """The override in place of the rule's decision; both are in its reasons."""
    worse = [name for name, axis in axes.items() if _worse(axis.state, override.states[name])]
    if as_of.isoformat() > override.as_of and worse:
        note = f"the override of {override.as_of[:7]} does not hold: {worse[0]} has become worse"
        return replace(rule, reasons=(*rule.reasons, note))
    who = signed(override.by, override.identity)
    why = f"{who} overrides until {override.until[:7]}: {override.reason}"
    reasons = (why, f"the rule recommends {rule.decision}", *rule.reasons)
    return Ruling(override.decision, ACTIONS[override.decision], (OVERRIDE,), reasons)


def _worse(now: State, then: State) -> bool:
    return _WORSE.index(now) > _WORSE.index(then)
