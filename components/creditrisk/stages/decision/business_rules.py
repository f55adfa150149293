"""Business rules of the policy: comparisons on published metrics that call for a retraining.

    bad_rate_mob3 > 0.25
    applications < 0.5 * median_6m(applications)
    csi:income >= 0.25 and not mean_pd <= 0.10

`median_6m(metric)` looks at the six months before this one (mean, min, max likewise). What has
no value cannot be compared: a rule that depends on it holds neither way, and says so.
"""

import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from creditrisk.errors import UserError
from creditrisk.stages.decision.rule_language import (
    Metric,
    Node,
    Number,
    Operation,
    metrics_of,
    parse,
)

Month = Mapping[str, float | None]  # metric -> value

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPUTE: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_STATISTIC: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "min": min,
    "max": max,
}


@dataclass(frozen=True)
class Verdict:
    """Whether a rule holds (None: a value is missing), and the numbers it rests on."""

    rule: str
    holds: bool | None
    numbers: str


def check(rule: str) -> None:
    """`UserError` unless the rule is well-formed; whether its metrics exist is known later."""
    parse(rule)


def months_needed(rules: Sequence[str]) -> int:
    """How many previous months the longest window looks at."""
    return max((m.months for rule in rules for m in metrics_of(parse(rule))), default=0)


def evaluate(rule: str, months: Sequence[Month]) -> Verdict:
    """Judge a rule on published metrics, this month first, then the months before it.

    A metric in none of the months does not exist: `UserError` with those that do.
    """
    tree = parse(rule)
    metrics = metrics_of(tree)
    for metric in metrics:
        _require(rule, metric.name, months)
    values = {metric: _value(metric, months) for metric in metrics}
    numbers = ", ".join(
        f"{metric} = {'no value' if value is None else f'{value:.4g}'}"
        for metric, value in values.items()
    )
    return Verdict(rule, _truth(tree, values), numbers)


def _truth(node: Node, values: Mapping[Metric, float | None]) -> bool | None:
    """Kleene's three values: what is missing matters only where it could turn the answer."""
    assert isinstance(node, Operation)  # noqa: S101 - the parser lets nothing else through
    if node.sign in _COMPARE:
        left, right = (_number(part, values) for part in node.parts)
        return None if left is None or right is None else _COMPARE[node.sign](left, right)
    known = [_truth(part, values) for part in node.parts]
    if node.sign == "not":
        return None if known[0] is None else not known[0]
    decisive = node.sign == "or"
    if decisive in known:
        return decisive
    return None if None in known else not decisive


def _number(node: Node, values: Mapping[Metric, float | None]) -> float | None:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Metric):
        return values[node]
    left, right = (_number(part, values) for part in node.parts)
    if left is None or right is None or (node.sign == "/" and right == 0):
        return None
    return _finite(_COMPUTE[node.sign](left, right))


def _value(metric: Metric, months: Sequence[Month]) -> float | None:
    if not metric.statistic:
        return _finite(months[0].get(metric.name))
    past = [_finite(month.get(metric.name)) for month in months[1 : metric.months + 1]]
    known = [value for value in past if value is not None]
    # fewer than half of the window's months say little about what is usual
    return _STATISTIC[metric.statistic](known) if 2 * len(known) >= metric.months else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _require(rule: str, name: str, months: Sequence[Month]) -> None:
    known = {metric for month in months for metric in month}
    if name in known:
        return
    families = sorted({metric.split(":")[0] + ":..." for metric in known if ":" in metric})
    there = ", ".join([*sorted(metric for metric in known if ":" not in metric), *families])
    close = get_close_matches(name, known, n=1)
    raise UserError(
        f"business rule '{rule}': no metric '{name}' is published"
        + (f"; did you mean {close[0]}?" if close else ";")
        + f" There are {there or 'none this month'}. Correct rule.business in the policy"
    )
