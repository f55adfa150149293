"""Whether predicted default probabilities come true. `y` is 1 for bad, `p` is the PD (0 to 1).

Functions of rows take shape (rows,) and raise ValueError on no rows, NaN or a PD outside 0 to 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from creditrisk.metrics.between_cohorts import Deviation, Excess, level_deviation
from creditrisk.metrics.design_effect import design_effect
from creditrisk.metrics.estimates import OE, JeffreysGrade
from creditrisk.metrics.proportion import binomial_tail, exact_bounds
from creditrisk.metrics.scored_rows import FloatArray, default_probabilities, score_bands


@dataclass(frozen=True)
class MeasuredOE(OE):
    """With what it takes to compare cohorts: `information` is the sum of PD x (1 - PD), `effect`
    the design effect of rows that are not independent.
    """

    information: float
    effect: float = 1.0

    @property
    def deviation(self) -> Deviation:
        """How far outcomes lie above the PDs, in log odds."""
        return level_deviation(self.observed, self.expected, self.information, self.effect)


def observed_expected(y: ArrayLike, p: ArrayLike, cluster: ArrayLike | None = None) -> MeasuredOE:
    """Defaults over the sum of PDs, with the exact binomial interval at the mean PD.

    The p-value doubles the smaller binomial tail, so that p < .05 exactly where the interval
    excludes 1. PDs that differ between rows only narrow the true distribution (Hoeffding 1956).
    `cluster` numbers rows that are not independent: as many count as they are worth (Korn and
    Graubard 1998). Raises ValueError where every PD is 0.
    """
    scored = default_probabilities(y, p)
    pds = scored.score
    effect = design_effect(scored.bad - pds, cluster) if cluster is not None else 1.0
    information = float((pds * (1 - pds)).sum())
    return oe_of(scored.bads, len(pds), len(pds) * float(pds.mean()), information, effect)


def oe_of(
    observed: int, rows: int, expected: float, information: float, effect: float = 1.0
) -> MeasuredOE:
    """The same of sums: defaults, rows, PDs, and PD x (1 - PD)."""
    mean_pd = expected / rows
    if mean_pd == 0:
        raise ValueError("p is 0 in every row: no default is expected, the ratio is undefined")
    worth = rows / effect
    lower, upper = exact_bounds(observed / effect, worth)
    at_most = binomial_tail(observed / effect, worth, mean_pd, upper=False)
    at_least = binomial_tail(observed / effect, worth, mean_pd, upper=True)
    return MeasuredOE(
        ratio=observed / expected,
        lower=lower / mean_pd,
        upper=upper / mean_pd,
        observed=observed,
        expected=expected,
        rows=rows,
        p_value=min(1.0, 2 * min(at_most, at_least)),
        information=information,
        effect=effect,
    )


def with_shocks(ratio: MeasuredOE, beyond: Excess | None) -> MeasuredOE:
    """O/E of cohorts that share shocks, against a level that is an estimate (`beyond`).

    Never surer than chance alone: the larger p-value, the wider interval. None: as it is.
    """
    if beyond is None:
        return ratio
    margin = math.exp(beyond.margin() * ratio.information / ratio.expected)
    return replace(
        ratio,
        lower=min(ratio.lower, ratio.ratio / margin),
        upper=max(ratio.upper, ratio.ratio * margin),
        p_value=max(ratio.p_value, beyond.p_two_sided),
    )


def jeffreys(defaults: float, rows: float, pd: float) -> float:
    """One-sided p of H0: the true rate is at most `pd`, from the posterior
    Beta(defaults + 1/2, rows - defaults + 1/2) (ECB validation reporting, 2019).

    Raises ValueError for a grade without rows: the prior alone would look like evidence.
    """
    _require_grade(defaults, rows, pd)
    if not rows:
        raise ValueError("Jeffreys needs at least one row")
    return float(special.betainc(defaults + 0.5, rows - defaults + 0.5, pd))


def jeffreys_grades(
    defaults: Sequence[int],
    rows: Sequence[int],
    pds: Sequence[float],
    beyond: Sequence[Excess] = (),
    effects: Sequence[float] = (),
) -> tuple[JeffreysGrade, ...]:
    """`jeffreys` for each grade with Holm's adjustment; a grade without rows has p = 1 and does
    not count among the tests. `beyond`, of each grade: its distance with the shocks that its
    cohorts share; no p is smaller than that allows. `effects`: its design effect, where
    customers have several loans; as many rows count as they are worth.
    """
    grades = [(int(d), int(n), float(pd)) for d, n, pd in zip(defaults, rows, pds, strict=True)]
    for grade in grades:
        _require_grade(*grade)
    filled = np.array([n > 0 for _, n, _ in grades], dtype=bool)
    worth = [
        (d / effect, n / effect, pd)
        for (d, n, pd), effect in zip(grades, effects or [1.0] * len(grades), strict=True)
    ]
    p_values = np.array([jeffreys(d, n, pd) if n else 1.0 for d, n, pd in worth])
    if beyond:
        p_values = np.maximum(p_values, [one.p_above for one in beyond])
    adjusted = np.ones(len(grades))
    adjusted[filled] = holm(p_values[filled])
    return tuple(
        JeffreysGrade(d, n, pd, float(p), float(a), _too_high(*own))
        for (d, n, pd), own, p, a in zip(grades, worth, p_values, adjusted, strict=True)
    )


def holm(p_values: ArrayLike) -> FloatArray:
    """Step-down adjusted p-values (Holm 1979), in the order given; reject where below alpha."""
    given = np.asarray(p_values, dtype=np.float64)
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise ValueError("p_values must be one-dimensional and lie between 0 and 1")
    order = np.argsort(given, kind="stable")
    scaled = given[order] * np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(scaled))
    return adjusted


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Mean squared distance of the PD from the outcome; 0 is perfect."""
    scored = default_probabilities(y, p)
    return float(np.mean((scored.score - scored.bad) ** 2))


def ece(y: ArrayLike, p: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error: |default rate - mean PD| averaged over rows in bins of equal
    size, equal PDs kept together.
    """
    scored = default_probabilities(y, p)
    surplus = scored.bad - scored.score
    per_bin = np.bincount(score_bands(scored.score, bins), weights=surplus)
    return float(np.abs(per_bin).sum() / len(surplus))


def _require_grade(defaults: float, rows: float, pd: float) -> None:
    if not 0 <= defaults <= rows:
        raise ValueError(f"defaults must lie between 0 and rows; got {defaults} of {rows}")
    if not 0 <= pd <= 1:
        raise ValueError(f"pd must lie between 0 and 1; got {pd}")


def _too_high(defaults: float, rows: float, pd: float) -> float:
    return float(special.betaincc(defaults + 0.5, rows - defaults + 0.5, pd)) if rows else 1.0
