"""How cohorts differ by more than chance: the shocks that the loans of a cohort share.

A cohort's deviation is a level, its shock and chance: of outcomes from PDs in log odds, of an AUC
from the one its PDs promise. Tests that know of chance alone act on shocks, whatever the sample.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import special

from creditrisk.metrics.scored_rows import FloatArray

MOST_CORRELATED = 0.95
LEAST_SHARE = 0.2  # of a variance that a sample's own mean leaves, where neighbours are alike


class Deviation(NamedTuple):
    """Of one cohort, or of cohorts pooled; `variance` is that of chance alone."""

    value: float
    variance: float


class Prior(NamedTuple):
    """What is held of shocks before cohorts tell: their sd, and the cohorts that is worth."""

    sd: float
    cohorts: float


@dataclass(frozen=True)
class Shocks:
    """The variance of a cohort's shock with its degrees of freedom; `correlation` of neighbours."""

    variance: float
    correlation: float
    df: float
    cohorts: int

    def of_mean(self, cohorts: int) -> float:
        """Variance of the mean shock of as many neighbouring cohorts; of 0, which is a limit: 0."""
        return 0.0 if not cohorts else self.variance * _share_of_mean(cohorts, self.correlation)


@dataclass(frozen=True)
class Level:
    """The mean deviation of the cohorts newer ones are held against."""

    centre: float
    variance: float
    cohorts: int


@dataclass(frozen=True)
class Excess:
    """How far a pool lies from a level, with the error that chance, shocks and level give it.

    `se` spans chance and shocks; its ratio to the difference is Student's t with `df`.
    """

    difference: float
    se: float
    df: float

    @property
    def p_above(self) -> float:
        """One-sided, H1: the pool lies above the level."""
        return float(special.stdtr(self.df, -self.difference / self.se))

    @property
    def p_two_sided(self) -> float:
        return float(2 * special.stdtr(self.df, -abs(self.difference) / self.se))

    def margin(self) -> float:
        """Half the width of the 95% interval around the difference."""
        return float(special.stdtrit(self.df, 0.975)) * self.se


NO_SHOCKS = Shocks(0.0, 0.0, 1.0, 0)
NOWHERE = Excess(0.0, 1.0, 1.0)  # of PDs that promise nothing
MANY = 1e9  # degrees of freedom of a normal distribution, as Student's t takes them


def estimate_shocks(groups: Sequence[Sequence[Deviation]], prior: Prior) -> Shocks:
    """Between-cohort variance by moments, shrunk to a prior that weighs as so many cohorts more.

    Each group of neighbouring cohorts, in order, has a level of its own, so that a level that
    moved between groups does not pass for shocks. The squares about it less those that chance
    gives are DerSimonian and Kacker's (2007) general moments, a cohort weighed by what the prior
    lets it tell; of equally large cohorts, Hedges and Olkin's (1985). Neighbours that are alike
    make the squares too small and fewer: their correlation (first-order autoregression, bias
    after Kendall 1954) is taken out of them, and of their degrees of freedom (Box 1954).
    """
    spreads = [_spread(np.array(group, np.float64), prior) for group in groups if len(group) > 1]
    if not spreads:
        return Shocks(prior.sd**2, 0.0, max(1.0, prior.cohorts), 0)
    correlation, df = _correlation(spreads), sum(one.worth - 1 for one in spreads)
    left = (
        sum((one.worth - 1) * _left_by_mean(len(one.centred), correlation) for one in spreads) / df
    )
    squares = max(0.0, sum(one.squares for one in spreads)) / left
    variance = (prior.cohorts * prior.sd**2 + squares) / (prior.cohorts + df)
    worth = prior.cohorts + _degrees_of_freedom(spreads, correlation)
    return Shocks(variance, correlation, worth, sum(len(one.centred) for one in spreads))


def level_of(known: Sequence[Deviation]) -> Level:
    """The mean of deviations; of none, the PDs' own level, as if learnt on one cohort."""
    if not known:
        return Level(0.0, 0.0, 1)
    values, variances = np.array(known, dtype=np.float64).T
    return Level(float(values.mean()), float(variances.sum()) / len(known) ** 2, len(known))


def excess(now: Deviation, cohorts: int, level: Level, shocks: Shocks) -> Excess:
    """A pool of neighbouring cohorts against a level (degrees of freedom: Satterthwaite 1946)."""
    shared = shocks.of_mean(cohorts) + shocks.of_mean(level.cohorts)
    total = shared + now.variance + level.variance
    df = shocks.df * (total / shared) ** 2 if shared > 0 else MANY
    return Excess(now.value - level.centre, math.sqrt(total), min(df, MANY))


def level_deviation(
    bads: float, expected: float, information: float, effect: float = 1.0
) -> Deviation:
    """How far outcomes lie above PDs, in log odds: log(O/E) over what a unit of log odds moves it.

    `expected` is the sum of PDs, `information` that of PD x (1 - PD); all three count as many
    loans as there are over the design `effect`. Half a default on each side keeps a cohort
    without one finite.
    """
    if not expected > 0 or not information > 0:
        raise ValueError("PDs of 0 or 1 in every row promise an outcome: no deviation from it")
    bads, expected, information = bads / effect, expected / effect, information / effect
    moved = math.log((bads + 0.5) / (expected + 0.5))
    share = expected / (expected + 0.5)
    return Deviation(moved * expected / information, share**2 / information)


class _Spread(NamedTuple):
    """What a group tells: deviations about its mean, weighted; equally large cohorts it is worth;
    the sum of as many squares, less those of chance.
    """

    centred: FloatArray
    worth: float
    squares: float


def _spread(group: FloatArray, prior: Prior) -> _Spread:
    """Of deviations and their variances (cohorts, 2)."""
    values, chance = group.T
    weight = 1 / (prior.sd**2 + chance)
    share = weight / weight.sum()
    worth = 1 / float(share @ share)
    centred = np.sqrt(worth * share) * (values - float(share @ values))
    of_chance = worth * float((share * (1 - share)) @ chance)
    return _Spread(centred, worth, float(centred @ centred) - of_chance)


def _correlation(spreads: Sequence[_Spread]) -> float:
    """Of neighbours' shocks, not below 0; few cohorts tell none."""
    squares, df = sum(one.squares for one in spreads), sum(one.worth - 1 for one in spreads)
    if df <= 3 or squares <= 0:
        return 0.0
    raw = sum(float(one.centred[1:] @ one.centred[:-1]) for one in spreads) / squares
    return min(MOST_CORRELATED, max(0.0, (df * raw + 1) / (df - 3)))


def _share_of_mean(cohorts: int, correlation: float) -> float:
    """Variance of the mean of neighbours, over that of one."""
    lag = np.arange(1, cohorts)
    return float(1 + 2 * ((1 - lag / cohorts) * correlation**lag).sum()) / cohorts


def _left_by_mean(cohorts: int, correlation: float) -> float:
    """Sample variance over the variance, on average."""
    left = cohorts / (cohorts - 1) * (1 - _share_of_mean(cohorts, correlation))
    return max(LEAST_SHARE, left)


def _degrees_of_freedom(spreads: Sequence[_Spread], correlation: float) -> float:
    """Independent squares that those about means are worth, by their mean and variance."""
    kept = [(one.worth - 1) / (len(one.centred) - 1) for one in spreads]
    traces = [_traces(len(one.centred), round(correlation, 2)) for one in spreads]
    mean, square = np.array(kept) @ np.array(traces)
    return float(mean**2 / square)


@cache
def _traces(cohorts: int, correlation: float) -> tuple[float, float]:
    """Of the covariance of neighbours about their mean, and of its square."""
    lag = np.abs(np.subtract.outer(np.arange(cohorts), np.arange(cohorts)))
    centred = np.power(correlation, lag)
    centred = centred - centred.mean(axis=0)
    return float(np.trace(centred)), float(np.trace(centred @ centred))
