"""Whether predicted default probabilities come true. `y` is 1 for bad, `p` is the PD (0 to 1).

Functions of rows take shape (rows,) and raise ValueError on no rows, NaN or a PD outside 0 to 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from creditrisk.metrics.logistic import fit_logistic, log_odds, logistic_loss, require_overlap
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.metrics.scored_rows import FloatArray, default_probabilities, score_bands


@dataclass(frozen=True)
class OE:
    """Observed over expected defaults; `p_value` is two-sided, H0: the ratio is 1."""

    ratio: float
    lower: float
    upper: float
    observed: int
    expected: float
    rows: int
    p_value: float


@dataclass(frozen=True)
class JeffreysGrade:
    """`p_value` is small where the PD is too low, `p_conservative` where it is too high.

    `adjusted` is the p-value after Holm over the grades that have rows.
    """

    defaults: int
    rows: int
    pd: float
    p_value: float
    adjusted: float
    p_conservative: float


@dataclass(frozen=True)
class CalibrationLine:
    """logit P(bad) = intercept + slope * logit(PD); 0 and 1 are perfect."""

    slope: float
    intercept: float
    slope_se: float
    intercept_se: float


@dataclass(frozen=True)
class SlopeChange:
    """Calibration slopes of two samples; `p_value` is two-sided, H0: they are equal."""

    before: float
    now: float
    difference: float
    lower: float
    upper: float
    p_value: float


def observed_expected(y: ArrayLike, p: ArrayLike, level: float = 0.95) -> OE:
    """Defaults over the sum of PDs, with the exact binomial interval at the mean PD.

    The p-value doubles the smaller binomial tail, so that p < 1 - level exactly where the interval
    excludes 1. PDs that differ between rows only narrow the true distribution (Hoeffding 1956).
    Raises ValueError where every PD is 0.
    """
    scored = default_probabilities(y, p)
    rows, observed = len(scored.bad), scored.bads
    mean_pd = float(scored.score.mean())
    if mean_pd == 0:
        raise ValueError("p is 0 in every row: no default is expected, the ratio is undefined")
    rate = clopper_pearson(observed, rows, level)
    at_most = stats.binom.cdf(observed, rows, mean_pd)
    at_least = stats.binom.sf(observed - 1, rows, mean_pd)
    return OE(
        ratio=observed / (rows * mean_pd),
        lower=rate.lower / mean_pd,
        upper=rate.upper / mean_pd,
        observed=observed,
        expected=rows * mean_pd,
        rows=rows,
        p_value=min(1.0, 2 * float(min(at_most, at_least))),
    )


def jeffreys(defaults: int, rows: int, pd: float) -> float:
    """One-sided p of H0: the true rate is at most `pd`, from the posterior
    Beta(defaults + 1/2, rows - defaults + 1/2) (ECB validation reporting, 2019).

    Raises ValueError for a grade without rows: the prior alone would look like evidence.
    """
    _require_grade(defaults, rows, pd)
    if not rows:
        raise ValueError("Jeffreys needs at least one row")
    return float(stats.beta.cdf(pd, defaults + 0.5, rows - defaults + 0.5))


def jeffreys_grades(
    defaults: Sequence[int], rows: Sequence[int], pds: Sequence[float]
) -> tuple[JeffreysGrade, ...]:
    """`jeffreys` for each grade with Holm's adjustment; a grade without rows has p = 1 and does
    not count among the tests.
    """
    if not len(defaults) == len(rows) == len(pds):
        raise ValueError(
            "defaults, rows and pds must be equally long; "
            f"got {len(defaults)}, {len(rows)}, {len(pds)}"
        )
    grades = [(int(d), int(n), float(pd)) for d, n, pd in zip(defaults, rows, pds, strict=True)]
    for grade in grades:
        _require_grade(*grade)
    filled = np.array([n > 0 for _, n, _ in grades], dtype=bool)
    p_values = np.array([jeffreys(d, n, pd) if n else 1.0 for d, n, pd in grades])
    adjusted = np.ones(len(grades))
    adjusted[filled] = holm(p_values[filled])
    return tuple(
        JeffreysGrade(d, n, pd, float(p), float(a), _too_high(d, n, pd))
        for (d, n, pd), p, a in zip(grades, p_values, adjusted, strict=True)
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


def brier_skill(y: ArrayLike, p: ArrayLike) -> float:
    """1 - Brier / Brier of the observed rate: 1 is perfect, 0 no better than one PD for all.

    Raises ValueError for one class: that rate alone would then be perfect.
    """
    scored = default_probabilities(y, p)
    rate = scored.bads / len(scored.bad)
    if rate in (0, 1):
        raise ValueError("y holds one class only; Brier skill is undefined")
    return 1 - brier(y, p) / (rate * (1 - rate))


def ece(y: ArrayLike, p: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error: |default rate - mean PD| averaged over rows in bins of equal
    size, equal PDs kept together.
    """
    scored = default_probabilities(y, p)
    surplus = scored.bad - scored.score
    per_bin = np.bincount(score_bands(scored.score, bins), weights=surplus)
    return float(np.abs(per_bin).sum() / len(surplus))


def logit_slope_intercept(y: ArrayLike, p: ArrayLike) -> CalibrationLine:
    """Calibration slope and intercept (Cox 1958) by maximum likelihood.

    PDs of 0 and 1 count as 1e-6 and 1 - 1e-6. Raises ValueError where no finite maximum exists:
    one class, one PD for all rows, or bads and goods whose PDs do not overlap.
    """
    scored = default_probabilities(y, p)
    x = log_odds(scored.score)
    require_overlap(x, scored.bad)
    centre, spread = x.mean(), x.std()
    design = np.column_stack([np.ones_like(x), (x - centre) / spread])
    (level, steepness), covariance = fit_logistic(design, scored.bad)
    # back from standardised logits, with the errors carried through the same linear map
    back = np.array([[1, -centre / spread], [0, 1 / spread]])
    intercept, slope = back @ (level, steepness)
    intercept_se, slope_se = np.sqrt(np.diag(back @ covariance @ back.T))
    return CalibrationLine(float(slope), float(intercept), float(slope_se), float(intercept_se))


def slope_change(
    y_before: ArrayLike, p_before: ArrayLike, y_now: ArrayLike, p_now: ArrayLike
) -> SlopeChange:
    """Has the slope of outcome on PD changed between two samples, whatever the level did?

    logit P(bad) = a_k + b_k * logit(PD) in sample k; twice the log likelihood that b_now apart
    from b_before adds to one b for both is chi-squared with one degree of freedom (Cox 1958;
    Vergouwe et al. 2017). The interval is Wald's. Raises ValueError as `logit_slope_intercept`.
    """
    samples = [default_probabilities(y_before, p_before), default_probabilities(y_now, p_now)]
    lines = [logit_slope_intercept(sample.bad, sample.score) for sample in samples]
    xs = [log_odds(sample.score) for sample in samples]
    apart = sum(
        logistic_loss(line.intercept + line.slope * x, sample.bad)
        for line, x, sample in zip(lines, xs, samples, strict=True)
    )
    x, bad = np.concatenate(xs), np.concatenate([sample.bad for sample in samples])
    now = np.repeat([0.0, 1.0], [len(part) for part in xs])
    design = np.column_stack([np.ones_like(x), now, (x - x.mean()) / x.std()])
    coefficients, _ = fit_logistic(design, bad)
    together = logistic_loss(design @ coefficients, bad)
    before, after = lines
    difference = after.slope - before.slope
    margin = float(stats.norm.isf(0.025)) * math.hypot(before.slope_se, after.slope_se)
    return SlopeChange(
        before=before.slope,
        now=after.slope,
        difference=difference,
        lower=difference - margin,
        upper=difference + margin,
        p_value=float(stats.chi2.sf(max(0.0, 2 * (together - apart)), 1)),
    )


def _require_grade(defaults: int, rows: int, pd: float) -> None:
    if not 0 <= defaults <= rows:
        raise ValueError(f"defaults must lie between 0 and rows; got {defaults} of {rows}")
    if not 0 <= pd <= 1:
        raise ValueError(f"pd must lie between 0 and 1; got {pd}")


def _too_high(defaults: int, rows: int, pd: float) -> float:
    return float(stats.beta.sf(pd, defaults + 0.5, rows - defaults + 0.5)) if rows else 1.0
