"""Whether PDs spread as outcomes do: the slope of outcome on PD, and its change.

`y` is 1 for bad, `p` is the PD (0 to 1), of shape (rows,).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from creditrisk.metrics.design_effect import design_effect
from creditrisk.metrics.logistic import fit_logistic, log_odds, logistic_loss, require_overlap
from creditrisk.metrics.scored_rows import BoolArray, FloatArray, default_probabilities


@dataclass(frozen=True)
class CalibrationLine:
    """logit P(bad) = intercept + slope * logit(PD); 0 and 1 are perfect."""

    slope: float
    intercept: float
    slope_se: float


@dataclass(frozen=True)
class SlopeChange:
    """Calibration slopes of two samples; `p_value` is two-sided, H0: they are equal."""

    before: float
    now: float
    difference: float
    lower: float
    upper: float
    p_value: float


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
    slope = float(steepness / spread)  # back from standardised logits
    slope_se = float(np.sqrt(covariance[1, 1])) / spread
    return CalibrationLine(slope, float(level - centre * slope), slope_se)


def slope_change(
    y_before: ArrayLike,
    p_before: ArrayLike,
    y_now: ArrayLike,
    p_now: ArrayLike,
    customers: tuple[ArrayLike | None, ArrayLike | None] = (None, None),
) -> SlopeChange:
    """Has the slope of outcome on PD changed between two samples, whatever the level did?

    logit P(bad) = a_k + b_k * logit(PD) in sample k; twice the log likelihood that b_now apart
    from b_before adds to one b for both is chi-squared with one degree of freedom (Cox 1958;
    Vergouwe et al. 2017). The interval is Wald's. `customers`: of each sample, numbers of rows
    that are not independent (None: all are); the slopes' errors and the statistic are those of
    the rows they are worth (Rao and Scott 1984). Raises ValueError as `logit_slope_intercept`.
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
    errors = np.array([line.slope_se for line in lines]) ** 2
    effects = [
        _effect(line, own, sample.bad, cluster)
        for line, own, sample, cluster in zip(lines, xs, samples, customers, strict=True)
    ]
    variance = float(errors @ effects)
    margin = float(stats.norm.isf(0.025)) * math.sqrt(variance)
    return SlopeChange(
        before=before.slope,
        now=after.slope,
        difference=difference,
        lower=difference - margin,
        upper=difference + margin,
        p_value=float(stats.chi2.sf(max(0.0, 2 * (together - apart)) * errors.sum() / variance, 1)),
    )


def _effect(
    line: CalibrationLine, x: FloatArray, bad: BoolArray, cluster: ArrayLike | None
) -> float:
    """The design effect of a slope: of what each row adds to it."""
    fitted = special.expit(line.intercept + line.slope * x)
    centre = np.average(x, weights=fitted * (1 - fitted))
    return design_effect((bad - fitted) * (x - centre), cluster)
