"""How groups of applicants fare: a screening signal, no proof of equal treatment or of its lack.

Groups come from the portfolio's columns marked `fairness` or `protected`: a category's
values, or a number's `bands` (quarters of the rows where it names none: shown, never a signal).
Each group is held against the one with the highest approval rate, as the four-fifths rule does
(29 CFR 1607.4 D), and a signal is given for faring worse only.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, count, selection_rate
from numpy.typing import NDArray
from scipy import stats

from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.estimates import OE, AucEstimate, Proportion
from creditrisk.metrics.proportion import Z_95, clopper_pearson
from creditrisk.metrics.scored_rows import BoolArray, FloatArray, IntArray
from creditrisk.model.groups import UNKNOWN, band_names, groups_of, pooled_groups
from creditrisk.policy import Policy
from creditrisk.portfolio import Feature, Portfolio
from creditrisk.records.fairness import Fairness, GroupFairness, Interval, Signal

Outcomes = Callable[[BoolArray], tuple[AucEstimate, OE]]  # of the rows of a mask


def fairness(
    frame: pd.DataFrame,
    bad: IntArray,
    pd_: FloatArray,
    portfolio: Portfolio,
    policy: Policy,
    outcomes: Outcomes | None = None,
) -> tuple[Fairness, ...]:
    """Compare the groups of every fairness column on judged rows: outcomes `bad`, PDs `pd_`.

    `outcomes`: AUC and O/E of a group's rows with what loans share; None: they are independent.
    """
    judge = outcomes or partial(_independent, bad, pd_)
    return tuple(
        _column(feature, groups_of(frame[feature.name], feature), bad, pd_, policy, judge)
        for feature in portfolio.features
        if feature.fairness and len(frame)
    )


def _independent(bad: IntArray, pd_: FloatArray, mine: BoolArray) -> tuple[AucEstimate, OE]:
    return delong(bad[mine], pd_[mine]), observed_expected(bad[mine], pd_[mine])


def _column(
    feature: Feature,
    values: NDArray[np.object_],
    bad: IntArray,
    pd_: FloatArray,
    policy: Policy,
    outcomes: Outcomes,
) -> Fairness:
    ordered = band_names(feature) if feature.bands else ()
    groups = pooled_groups(values, ordered, policy.fairness.min_rows)
    approved = pd_ < policy.scoring.cutoff
    frame = MetricFrame(
        metrics={"rate": selection_rate, "rows": count},
        y_true=1 - bad,
        y_pred=approved.astype(np.int64),
        sensitive_features=pd.Series(groups, name=feature.name),
    )
    sizes = frame.by_group["rows"]
    rates = frame.by_group["rate"][sizes >= policy.fairness.min_rows]
    highest = rates.sort_index().idxmax() if len(rates) and rates.max() > 0 else None
    order = sorted(sizes.index, key=lambda group: (-sizes[group], group))
    made = Groups(groups, str(highest), approved, _declared(feature, groups), len(rates))
    return Fairness(
        feature=feature.name,
        text=feature.text,
        protected=feature.protected,
        groups=tuple(_group(group, bad, pd_, made, policy, outcomes) for group in order),
        lowest_ratio=_lowest(rates),
    )


@dataclass(frozen=True, eq=False)
class Groups:
    """Group and approval of each row; `highest`: the group the others are held against.

    `declared`: by the portfolio, so that they are the same groups next time. `compared`: how many
    groups have enough rows.
    """

    of_row: NDArray[np.object_]
    highest: str
    approved: NDArray[np.bool_]
    declared: bool
    compared: int

    @property
    def pairs(self) -> int:
        """Of groups: which one is the highest was found on the same rows."""
        return max(1, self.compared * (self.compared - 1) // 2)


def _declared(feature: Feature, groups: NDArray[np.object_]) -> bool:
    return feature.kind == "category" or bool(feature.bands) or len(set(groups) - {UNKNOWN}) <= 2


def _lowest(rates: "pd.Series[float]") -> float | None:
    """The lowest approval rate over the highest, as fairlearn's ratio between groups."""
    return float(rates.min() / rates.max()) if len(rates) > 1 and rates.max() > 0 else None


def _group(
    name: str, bad: IntArray, pd_: FloatArray, made: Groups, policy: Policy, outcomes: Outcomes
) -> GroupFairness:
    mine, highest = made.of_row == name, made.of_row == made.highest
    limits, rows, bads = policy.fairness, int(mine.sum()), int(bad[mine].sum())
    both = min(bads, rows - bads) >= limits.min_bads
    auc, oe = outcomes(mine) if both else (None, None)
    own = clopper_pearson(int(made.approved[mine].sum()), rows)
    other = clopper_pearson(int(made.approved[highest].sum()), int(highest.sum()))
    alone = name == made.highest or not other.count
    p_value = None if alone else min(1.0, _fisher(own, other) * made.pairs)
    apart = None if alone else standardised_difference(pd_[mine], pd_[highest])
    ratio = None if alone else _approval_ratio(own, other)
    signal = _signal(ratio, p_value, apart, policy)
    if rows < limits.min_rows or not made.declared or not other.count:
        signal = "insufficient"
    return GroupFairness(
        name,
        rows,
        bads,
        own,
        auc,
        oe,
        ratio,
        p_value,
        apart,
        "green" if name == made.highest and signal != "insufficient" else signal,
    )


def _approval_ratio(own: Proportion, other: Proportion) -> Interval | None:
    if not own.count or not other.count:
        return None
    log = math.log(own.count / own.total) - math.log(other.count / other.total)
    se = math.sqrt(1 / own.count - 1 / own.total + 1 / other.count - 1 / other.total)
    return Interval(math.exp(log), math.exp(log - Z_95 * se), math.exp(log + Z_95 * se))


def _fisher(own: Proportion, other: Proportion) -> float:
    table = [[own.count, own.total - own.count], [other.count, other.total - other.count]]
    return float(stats.fisher_exact(table).pvalue)


def standardised_difference(own: FloatArray, other: FloatArray) -> Interval | None:
    """Cohen's d with its large-sample interval (Hedges and Olkin 1985)."""
    n, m = len(own), len(other)
    if n < 2 or m < 2:
        return None
    spread = math.sqrt(((n - 1) * own.var(ddof=1) + (m - 1) * other.var(ddof=1)) / (n + m - 2))
    if not spread:
        return None
    d = float(own.mean() - other.mean()) / spread
    margin = Z_95 * math.sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    return Interval(d, d - margin, d + margin)


def _signal(
    ratio: Interval | None, p_value: float | None, apart: Interval | None, policy: Policy
) -> Signal:
    """Of a group held against the highest: being better off by some measure is no signal."""
    limits = policy.fairness
    value = ratio.value if ratio else 0.0  # nobody approved
    distance = apart.value if apart else 0.0
    significant = p_value is not None and p_value < limits.significance
    apart_for_sure = apart is not None and apart.lower > 0
    if (value < limits.ratio_red and significant) or (
        distance > limits.difference_red and apart_for_sure
    ):
        return "red"
    beyond = value < limits.ratio_amber or distance > limits.difference_amber
    return "amber" if beyond else "green"
