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

from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.design_effect import clusters, design_effect, effect_of_share, independent
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.estimates import OE, Z_95, AucEstimate, Proportion
from creditrisk.metrics.proportion import fisher, share_of
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

    `frame` holds the compared columns and `customer_id`. `outcomes`: AUC and O/E of a group's rows
    with what loans share; None: customers alone.
    """
    cluster = clusters(frame["customer_id"])
    judge = outcomes or partial(_of_customers, bad, pd_, cluster)
    return tuple(
        _column(feature, frame, bad, pd_, policy, judge)
        for feature in portfolio.features
        if feature.fairness and len(frame)
    )


def _of_customers(
    bad: IntArray, pd_: FloatArray, cluster: IntArray | None, mine: BoolArray
) -> tuple[AucEstimate, OE]:
    own = None if cluster is None else cluster[mine]
    area = delong(bad[mine], pd_[mine], cluster=own)
    return area, observed_expected(bad[mine], pd_[mine], cluster=own)


def _column(
    feature: Feature,
    rows: pd.DataFrame,
    bad: IntArray,
    pd_: FloatArray,
    policy: Policy,
    outcomes: Outcomes,
) -> Fairness:
    values, cluster = groups_of(rows[feature.name], feature), clusters(rows["customer_id"])
    ordered = band_names(feature) if feature.bands else ()
    groups = pooled_groups(values, ordered, policy.fairness.min_rows)
    approved = pd_ <= policy.scoring.cutoff
    frame = MetricFrame(
        metrics={"rate": selection_rate, "rows": count},
        y_true=1 - bad,
        y_pred=approved.astype(np.int64),
        sensitive_features=pd.Series(groups, name=feature.name),
    )
    sizes = frame.by_group["rows"]
    worth = pd.Series({name: _worth(groups == name, cluster) for name in sizes.index})
    rates = frame.by_group["rate"][worth >= policy.fairness.min_rows]
    highest = rates.sort_index().idxmax() if len(rates) and rates.max() > 0 else None
    order = sorted(sizes.index, key=lambda group: (-sizes[group], group))
    made = Groups(groups, str(highest), approved, _declared(feature, groups), len(rates), cluster)
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
    groups have enough rows. `cluster` numbers rows of one customer; None: nobody has two.
    """

    of_row: NDArray[np.object_]
    highest: str
    approved: NDArray[np.bool_]
    declared: bool
    compared: int
    cluster: IntArray | None = None

    def share(self, rows: BoolArray) -> Proportion:
        """Approved of some rows."""
        return share_of(self.approved[rows], _of(self.cluster, rows))

    def effect(self, rows: BoolArray) -> float:
        """The design effect of that share."""
        return effect_of_share(self.approved[rows], _of(self.cluster, rows))

    @property
    def pairs(self) -> int:
        """Of groups: which one is the highest was found on the same rows."""
        return max(1, self.compared * (self.compared - 1) // 2)


def _of(cluster: IntArray | None, mine: BoolArray) -> IntArray | None:
    return None if cluster is None else cluster[mine]


def _worth(mine: BoolArray, cluster: IntArray | None) -> float:
    return independent(_of(cluster, mine), int(mine.sum()))


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
    worth = _worth(mine & (bad == 1), made.cluster), _worth(mine & (bad == 0), made.cluster)
    auc, oe = outcomes(mine) if min(worth) >= limits.min_bads else (None, None)
    own, other = made.share(mine), made.share(highest)
    effects = made.effect(mine), made.effect(highest)
    alone = name == made.highest or not other.count
    p_value = None if alone else min(1.0, _fisher(own, other, effects) * made.pairs)
    apart = None if alone else _apart(pd_, mine, highest, made.cluster)
    ratio = None if alone else _approval_ratio(own, other, effects)
    signal = _signal(ratio, p_value, apart, policy)
    few = _worth(mine, made.cluster) < limits.min_rows
    if few or not made.declared or not other.count:
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


def _approval_ratio(
    own: Proportion, other: Proportion, effects: tuple[float, float]
) -> Interval | None:
    if not own.count or not other.count:
        return None
    log = math.log(own.count / own.total) - math.log(other.count / other.total)
    variances = (1 / one.count - 1 / one.total for one in (own, other))
    se = math.sqrt(sum(v * effect for v, effect in zip(variances, effects, strict=True)))
    return Interval(math.exp(log), math.exp(log - Z_95 * se), math.exp(log + Z_95 * se))


def _fisher(own: Proportion, other: Proportion, effects: tuple[float, float]) -> float:
    lower, upper = (own, other), (other, own)
    if own.count * other.total <= other.count * own.total:
        return fisher(*lower, effects)
    return fisher(*upper, effects[::-1])


def _apart(
    pds: FloatArray, mine: BoolArray, other: BoolArray, cluster: IntArray | None
) -> Interval | None:
    """The distance of two groups, each worth as many rows as its customers make it."""

    def worth(rows: BoolArray) -> float:
        side = pds[rows]
        return len(side) / design_effect(side - side.mean(), _of(cluster, rows))

    return standardised_difference(pds[mine], pds[other], (worth(mine), worth(other)))


def standardised_difference(
    own: FloatArray, other: FloatArray, worth: tuple[float, float] | None = None
) -> Interval | None:
    """Cohen's d with its large-sample interval (Hedges and Olkin 1985).

    `worth`: independent rows of each side; None: all are.
    """
    n, m = len(own), len(other)
    if n < 2 or m < 2:
        return None
    spread = math.sqrt(((n - 1) * own.var(ddof=1) + (m - 1) * other.var(ddof=1)) / (n + m - 2))
    if not spread:
        return None
    d = float(own.mean() - other.mean()) / spread
    n_worth, m_worth = worth or (float(n), float(m))
    total = n_worth + m_worth
    margin = Z_95 * math.sqrt(total / (n_worth * m_worth) + d * d / (2 * total))
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
