"""Where amber, red and critical begin for each judged metric, as the policy has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from creditrisk.policy import Monitoring
from creditrisk.records.decision import State

_RANK: tuple[State, ...] = ("green", "amber", "red", "critical")


@dataclass(frozen=True)
class Limit:
    """From `value` on, upwards or (`below`) downwards, a metric has a state."""

    value: float
    state: State
    below: bool = False

    def crossed(self, value: float) -> bool:
        return value < self.value if self.below else value >= self.value


def limits_of(metric: str, policy: Monitoring) -> list[Limit]:
    """The limits of a metric (`auc`, `csi:income`), the mildest first; none where none judges."""
    family, _, _ = metric.partition(":")
    ladder = _LADDERS.get(family)
    return ladder(policy) if ladder else []


def crossed(metric: str, value: float, policy: Monitoring) -> Limit | None:
    """The gravest limit a value lies beyond, whether or not by chance."""
    beyond = [limit for limit in limits_of(metric, policy) if limit.crossed(value)]
    return max(beyond, key=lambda limit: _RANK.index(limit.state), default=None)


def milder(state: str, than: State) -> bool:
    """Whether a verdict is milder than a limit's state; one that is none is not."""
    return state in _RANK and _RANK.index(state) < _RANK.index(than)


def _rising(*pairs: tuple[float, State]) -> list[Limit]:
    return [Limit(value, state) for value, state in pairs]


def _oe(policy: Monitoring) -> list[Limit]:
    bands: Sequence[tuple[tuple[float, float], State]] = (
        (policy.oe_amber, "amber"),
        (policy.oe_red, "red"),
        (policy.oe_critical, "critical"),
    )
    return [
        limit
        for (low, high), state in bands
        for limit in (Limit(low, state, below=True), Limit(high, state))
    ]


_LADDERS: Mapping[str, Callable[[Monitoring], list[Limit]]] = {
    "auc": lambda p: [Limit(p.auc_amber, "amber", True), Limit(p.auc_red, "red", True)],
    "auc_decay": lambda p: _rising(
        (p.decay_amber, "amber"), (p.decay_red, "red"), (p.decay_critical, "critical")
    ),
    "score_psi": lambda p: _rising(
        (p.psi_amber, "amber"), (p.psi_red, "red"), (p.psi_critical, "critical")
    ),
    "csi": lambda p: _rising((p.csi_amber, "amber"), (p.csi_red, "red")),
    "csi_share": lambda p: _rising((p.csi_red_share, "red")),
    "oe": _oe,
    "jeffreys": lambda p: [
        Limit(p.jeffreys_amber, "amber", True),
        Limit(p.jeffreys_red, "red", True),
    ],
}
