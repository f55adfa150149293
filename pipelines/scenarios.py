"""Worlds that are known: what becomes of a stable book, and what if it changes in one way.

A world is binormal: the score of goods is N(0, 1), of bads N(d, 1) with d = sqrt(2) z(AUC), and
the PD is the true one until the world changes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from creditrisk.metrics.scored_rows import FloatArray, IntArray

AUC = 0.76


@dataclass(frozen=True)
class SimulatedPortfolio:
    """Applications a month, and the share of them that goes bad."""

    applications: int
    bad_rate: float

    def __str__(self) -> str:
        return f"{self.applications:,} a month, {self.bad_rate:.0%} bad"


@dataclass(frozen=True)
class Month:
    """A month's applications under a change that is `age` months old."""

    z: FloatArray
    pd: FloatArray
    bad: IntArray


@dataclass(frozen=True)
class Scenario:
    """What changes. Both functions are given the age of the change in months, from 0.

    `rank`: share of the ranking that is left (the AUC falls to .5 + rank x (AUC - .5), the
    observed bads stay as expected); `odds`: factor on the true odds; `moved`: shift of
    everybody's score, in standard deviations, with outcomes following the PDs.
    """

    name: str
    rank: Callable[[int], float] = lambda _: 1.0
    odds: Callable[[int], float] = lambda _: 1.0
    moved: float = 0.0
    outage: str = ""


def auc_of(target: float) -> float:
    """The `rank` that leaves this AUC: bads and goods are mixed with the whole population."""
    return (target - 0.5) / (AUC - 0.5)


SCENARIOS = (
    Scenario("stable"),
    Scenario("rank loss, AUC .76 to .70", rank=lambda _: auc_of(0.70)),
    Scenario("odds up by half", odds=lambda _: 1.5),
    Scenario("rank loss and odds up by half", rank=lambda _: auc_of(0.70), odds=lambda _: 1.5),
    Scenario("population shift, half an sd", moved=0.5),
    Scenario("source outage", outage="events"),
    Scenario(
        "slow drift: AUC -.005 and odds +4 % a month",
        rank=lambda age: auc_of(0.76 - 0.005 * (age + 1)),
        odds=lambda age: 1.04 ** (age + 1),
    ),
)
PORTFOLIOS = (
    SimulatedPortfolio(500, 0.05),
    SimulatedPortfolio(2_000, 0.05),
    SimulatedPortfolio(10_000, 0.05),
    SimulatedPortfolio(500, 0.28),
)


def applications(
    portfolio: SimulatedPortfolio, scenario: Scenario, age: int, rng: np.random.Generator
) -> Month:
    """One cohort; `age` below 0: before the change."""
    changed = age >= 0
    d = np.sqrt(2) * norm.ppf(AUC)
    bad_like = rng.random(portfolio.applications) < portfolio.bad_rate
    z = rng.standard_normal(portfolio.applications) + d * bad_like
    z += scenario.moved if changed else 0.0
    pd = expit(logit(portfolio.bad_rate) + d * z - d**2 / 2)
    rank, odds = (scenario.rank(age), scenario.odds(age)) if changed else (1.0, 1.0)
    true = rank * pd + (1 - rank) * pd.mean()
    true = odds * true / (1 + (odds - 1) * true)
    return Month(z, pd, (rng.random(portfolio.applications) < true).astype(np.int64))
