"""Whether the level of outcomes has changed since a version was promoted, from every cohort known.

The newest pool against a mean forgets the months between, and how the cohorts got there: shocks
that drift leave the level step by step, a change leaves it once. The likelihoods of all cohorts
tell the two apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from creditrisk.metrics.between_cohorts import Deviation
from creditrisk.metrics.scored_rows import FloatArray

# Chosen on 2026-11-30 on normal deviations drawn with seeds 2000 to 2002, before any simulated book
SDS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5)  # of a cohort's shock, in the policy's `level_sd`
WORTH = 2  # cohorts that `level_sd` is worth among them
DRIFT = {0.0: 0.5, 0.5: 0.25, 0.8: 0.25}  # correlation of neighbours, and what is held of each
FROM_THE_START = 0.25  # chance of a change, if any, to date from the promotion
MONTHLY = 1 / 24  # chance of one in each month after it
# Of a change in log odds, mean and sd, and what is held of each: odds x1.5 (x1.0 to x2.2); a large
# one, or a cohort far off would sooner be a shock of the widest sd than a change.
SIZES = ((0.4, 0.2, 0.8), (1.0, 0.5, 0.2))


@dataclass(frozen=True)
class LevelChange:
    """Log likelihood ratios of a change to a higher, and to a lower level, against none.

    Under the hypothesis of none their exponents are martingales from month to month, so that one
    over them is a p-value whenever it is looked at (Ville 1939; Shafer et al. 2011): a right level
    ever has a p below .1 with a chance of .1, in all months together.
    """

    higher: float
    lower: float

    @property
    def p_above(self) -> float:
        return math.exp(min(0.0, -self.higher))

    @property
    def p_two_sided(self) -> float:
        either = np.logaddexp(self.higher, self.lower) - math.log(2)
        return math.exp(min(0.0, -float(either)))


def level_change(
    own: Sequence[Deviation],
    learnt: Sequence[Deviation],
    monitored: Sequence[Deviation],
    level_sd: float,
) -> LevelChange:
    """Of cohorts in order: `own` have a level of their own, `learnt` that of the PDs.

    Variances of chance are above 0. Levels are unknown; shocks are normal, of a variance and a
    correlation that are averaged over what is held of them (a nearly optimal test where a nuisance
    parameter is present under the null hypothesis is of this form: Elliott, Mueller and Watson
    2015). A change is looked for where shocks do not drift, in any month since the promotion.
    """
    if not monitored:
        return LevelChange(0.0, 0.0)
    values, chance = np.array([*own, *learnt, *monitored], dtype=np.float64).T
    design = np.ones((len(values), 2 if own else 1))
    if own:
        design[:, 1] = np.arange(len(values)) < len(own)
    sds, correlations, held = _shocks()
    covariance = (sds * level_sd)[:, None, None] ** 2 * _alike(len(values))
    covariance += np.diag(chance)
    fit = _fit(values, design, covariance, len(monitored))
    steady = correlations == 0
    first = (held + fit.likelihood)[steady] - math.log(DRIFT[0.0])
    against = logsumexp(held + fit.likelihood)
    higher = logsumexp(first + _gain(fit.moved[steady], fit.information[steady])) - against
    lower = logsumexp(first + _gain(-fit.moved[steady], fit.information[steady])) - against
    return LevelChange(float(higher), float(lower))


class _Fit(NamedTuple):
    """With levels free: log likelihoods (shocks,), and by the month of a change (shocks, months)
    its score and the information about it.
    """

    likelihood: FloatArray
    moved: FloatArray
    information: FloatArray


def _fit(values: FloatArray, design: FloatArray, covariance: FloatArray, months: int) -> _Fit:
    """Restricted likelihood (Patterson and Thompson 1971), of each covariance."""
    inverse = np.linalg.inv(covariance)
    weighted = inverse @ design
    inner = design.T @ weighted
    free = inverse - weighted @ np.linalg.solve(inner, weighted.transpose(0, 2, 1))
    scaled = free @ values
    sizes = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(inner)[1]
    moved = scaled[:, : -months - 1 : -1].cumsum(axis=1)[:, ::-1]
    newest = free[:, -months:, -months:][:, ::-1, ::-1].cumsum(axis=1).cumsum(axis=2)
    information = np.diagonal(newest, axis1=1, axis2=2)[:, ::-1]
    return _Fit(-(scaled @ values + sizes) / 2, moved, information)


def _gain(moved: FloatArray, information: FloatArray) -> FloatArray:
    """Log likelihood ratios of a change upwards, in any month or in none yet."""
    gains = []
    for size, sd, share in SIZES:
        precision = 1 / sd**2
        square = (moved + size * precision) ** 2 / (precision + information)
        gain = (square - np.log1p(information / precision) - size**2 * precision) / 2
        gains.append(gain + math.log(share))
    when = (1 - FROM_THE_START) * MONTHLY * (1 - MONTHLY) ** np.arange(moved.shape[1])
    when[0] += FROM_THE_START
    never = np.full((len(moved), 1), math.log(1 - when.sum()))
    return np.asarray(logsumexp(np.hstack([*(one + np.log(when) for one in gains), never]), axis=1))


@cache
def _shocks() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Their sd (of `level_sd`), their correlation, and the log of what is held of both (shocks,).

    The sd has a scaled inverse chi-squared prior.
    """
    sds = np.array(SDS)
    edges = np.concatenate([[0.0], (sds[1:] + sds[:-1]) / 2, [sds[-1] + 1]])
    least = np.maximum(sds, 0.1)
    weight = np.exp(-(WORTH + 1) * np.log(least) - WORTH / 2 / least**2) * np.diff(edges)
    held = np.maximum(weight / weight.sum(), 1e-300)
    shares = np.array(list(DRIFT.values()))
    correlations = np.tile(list(DRIFT), len(sds))
    return np.repeat(sds, len(shares)), correlations, np.log(np.outer(held, shares)).ravel()


@cache
def _alike(cohorts: int) -> FloatArray:
    """Correlation of each pair of cohorts (shocks, cohorts, cohorts)."""
    lag = np.abs(np.subtract.outer(np.arange(cohorts), np.arange(cohorts)))
    each = [np.where(lag == 0, 1.0, np.power(one, lag)) for one in _shocks()[1]]
    return np.array(each)
