"""Where amber, red and critical begin for each judged metric: what judges and what shows read it.

A limit alone makes no state: most reds must be significant as well, which whoever judges knows.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from creditrisk.policy.key import Band
from creditrisk.policy.monitoring import Monitoring

Grave = Literal["amber", "red", "critical"]
Side = Literal["below", "from", "above"]
_CROSSED = {"below": operator.lt, "from": operator.ge, "above": operator.gt}
_RANK = ("green", "amber", "red", "critical")


@dataclass(frozen=True)
class Limit:
    """A metric may have `state` below `value`, from it on, or above it."""

    value: float
    state: Grave
    side: Side = "from"

    def crossed(self, value: float) -> bool:
        # of binary fractions .83 - .80 is a shade less than .03: a limit that is met is met
        return bool(_CROSSED[self.side](round(value, 12), self.value))


def limits_of(metric: str, policy: Monitoring) -> list[Limit]:
    """The limits of a metric (`auc`, `csi:income`), the mildest first; none where none judges."""
    family, _, _ = metric.partition(":")
    ladder = _LADDERS.get(family)
    return ladder(policy) if ladder else []


def gravest(
    metric: str, value: float, policy: Monitoring, holds: Callable[[Grave], bool] = lambda _: True
) -> Limit | None:
    """The gravest limit that a value lies beyond, of the states that `holds` lets be."""
    beyond = [one for one in limits_of(metric, policy) if one.crossed(value) and holds(one.state)]
    return max(beyond, key=lambda limit: _RANK.index(limit.state), default=None)


def state_of(
    metric: str, value: float, policy: Monitoring, holds: Callable[[Grave], bool]
) -> Literal["green"] | Grave:
    """What a value is judged to be; `holds`: whether a state beyond its limit is no chance."""
    limit = gravest(metric, value, policy, holds)
    return limit.state if limit else "green"


def milder(state: str, than: Grave) -> bool:
    """Whether a verdict is milder than a limit's state; one that is none is not."""
    return state in _RANK and _RANK.index(state) < _RANK.index(than)


def _outside(*bands: tuple[Band, Grave]) -> list[Limit]:
    return [
        limit
        for (low, high), state in bands
        for limit in (Limit(low, state, "below"), Limit(high, state, "above"))
    ]


_LADDERS: Mapping[str, Callable[[Monitoring], list[Limit]]] = {
    "auc": lambda p: [Limit(p.auc_amber, "amber", "below"), Limit(p.auc_red, "red", "below")],
    "auc_decay": lambda p: [
        Limit(p.decay_amber, "amber"),
        Limit(p.decay_red, "red"),
        Limit(p.decay_critical, "critical"),
    ],
    "score_psi": lambda p: [
        Limit(p.psi_amber, "amber"),
        Limit(p.psi_red, "red"),
        Limit(p.psi_critical, "critical"),
    ],
    "csi": lambda p: [Limit(p.csi_amber, "amber"), Limit(p.csi_red, "red")],
    "csi_share": lambda p: [Limit(p.csi_red_share, "red", "above")],
    "oe": lambda p: _outside((p.oe_amber, "amber"), (p.oe_red, "red"), (p.oe_critical, "critical")),
    "jeffreys": lambda p: [
        Limit(p.jeffreys_amber, "amber", "below"),
        Limit(p.jeffreys_red, "red", "below"),
    ],
}
