"""Scenarios of known truth: books where nothing is wrong, however uneven, and what can go wrong.

Scores of a segment are binormal: goods N(0, 1), bads N(d, 1) with d = sqrt(2) z(AUC), so the PD
is exact until a scenario changes what becomes of it. Applications are counts on a grid of scores:
a month of 10,000 costs what one of 500 does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from creditrisk.metrics.scored_rows import FloatArray

AUC = 0.76
GRID = 160  # distinct scores of a segment
WINDOWS, VALIDATION = 3, 2
LEVELLED = WINDOWS + VALIDATION  # known cohorts after the train cohorts
Kind = Literal["independent", "autoregressive", "seasonal"]


@dataclass(frozen=True)
class SimulatedPortfolio:
    """Applications a month, and the share of them that goes bad."""

    applications: int
    bad_rate: float

    def __str__(self) -> str:
        return f"{self.applications:,} a month, {self.bad_rate:.3g} bad"


@dataclass(frozen=True)
class Segment:
    """Part of the applicants: their share, their AUC, and how far their scores have moved."""

    share: float
    auc: float = AUC
    moved: float = 0.0


@dataclass(frozen=True, eq=False)
class Applicants:
    """Exact PDs (scores,) and the share of applications at each."""

    pds: FloatArray
    shares: FloatArray


Mix = tuple[Segment, ...]
ONE: Mix = (Segment(1.0),)


@dataclass(frozen=True)
class Scenario:
    """One scenario. `sd`: of cohorts' log odds, and how shocks follow one another.

    Functions are given months since the newest known cohort, 0 the first one monitored: `mix` of
    applicants; `rank`, the share of the ranking that is left; `odds`, a factor on the true odds.
    `levelled`: PDs take their level from the two validation cohorts, else they are exact.
    `recalibrated`: they no longer have that of the train cohorts. `booked`: the share of the best
    applications that is lent to, once the model is in force.
    """

    name: str
    wrong: bool = False
    sd: float = 0.0
    kind: Kind = "independent"
    levelled: bool = True
    recalibrated: bool = False
    mix: Callable[[int], Mix] = lambda _: ONE
    rank: Callable[[int], float] = lambda _: 1.0
    odds: Callable[[int], float] = lambda _: 1.0
    booked: float = 1.0
    outage: str = ""


def auc_of(target: float) -> float:
    """The `rank` that leaves this AUC: bads and goods are mixed with the whole population."""
    return (target - 0.5) / (AUC - 0.5)


def _since(factor: float) -> Callable[[int], float]:
    """1 until the first cohort monitored, from then on `factor`."""
    return lambda age: factor if age >= 0 else 1.0


def _after_a_rise(factor: float) -> Callable[[int], float]:
    """Odds that rose by half after the train cohorts, and by `factor` once recalibrated."""
    return lambda age: _since(factor)(age) if age >= -LEVELLED else 1 / 1.5


@cache
def applicants(portfolio: SimulatedPortfolio, mix: Mix) -> Applicants:
    """The grid of a mix of segments, which go bad equally often where they have not moved."""
    rate, pds, shares = portfolio.bad_rate, [], []
    for segment in mix:
        d = np.sqrt(2) * norm.ppf(segment.auc)
        z = np.linspace(-4, d + 4, GRID)
        # the share of each score as it was, wherever the segment has moved since
        there = z - segment.moved
        density = (1 - rate) * norm.pdf(there) + rate * norm.pdf(there - d)
        pds.append(expit(logit(rate) + d * z - d**2 / 2))
        shares.append(segment.share * density / density.sum())
    return Applicants(np.concatenate(pds), np.concatenate(shares))


def shocks(scenario: Scenario, months: int, rng: np.random.Generator) -> FloatArray:
    """Of each month's log odds, with the sd of the scenario."""
    if scenario.kind == "seasonal":
        phase = rng.integers(12)
        season = np.sin(2 * np.pi * (np.arange(months) + phase) / 12)
        return np.asarray(scenario.sd * np.sqrt(2) * season)
    drawn = rng.standard_normal(months)
    if scenario.kind == "autoregressive":
        for month in range(1, months):
            drawn[month] = 0.8 * drawn[month - 1] + 0.6 * drawn[month]
    return scenario.sd * drawn


def _months(age: int) -> int:
    return min(max(0, age), 24)  # what grows ends after two years


def _mixing(age: int) -> Mix:
    share = 0.5 - 0.02 * _months(age)
    return (Segment(share, 0.84), Segment(1 - share, 0.68))


def _learning(age: int) -> Mix:
    return (Segment(1.0, AUC + 0.004 * _months(age)),)


def _moving(age: int) -> Mix:
    return (Segment(1.0, moved=0.05 * _months(age)),)


UNEVEN: tuple[tuple[str, float, Kind], ...] = (
    *((f"sd {sd:.2f}", sd, "independent") for sd in (0.0, 0.10, 0.15, 0.20)),
    ("autoregressive (.8), sd 0.20", 0.20, "autoregressive"),
    ("seasonal, sd 0.20", 0.20, "seasonal"),
)
RIGHT = (
    Scenario("independent loans, exact PDs", levelled=False),
    Scenario("level set on two cohorts"),
    *(Scenario(f"cohort sd {sd:.2f}", sd=sd) for sd in (0.10, 0.15, 0.20, 0.30)),
    Scenario("autoregressive (.8), sd 0.20", sd=0.20, kind="autoregressive"),
    Scenario("seasonal, sd 0.20", sd=0.20, kind="seasonal"),
    Scenario("mix of AUC .84 and .68 drifts, sd 0.10", sd=0.10, mix=_mixing),
    Scenario("exact PDs, inputs drift, sd 0.10", sd=0.10, mix=_moving),
    Scenario("lending by the PD, sd 0.10", sd=0.10, booked=0.7),
    Scenario("growing histories, sd 0.10", sd=0.10, mix=_learning),
    Scenario("source outage, sd 0.10", sd=0.10, outage="events"),
    *(
        Scenario(f"recalibrated, {name}", False, sd, kind, recalibrated=True, odds=_after_a_rise(1))
        for name, sd, kind in UNEVEN
    ),
)
WRONG = (
    *(
        Scenario(f"AUC .76 to .70, sd {sd:.2f}", True, sd, rank=_since(auc_of(0.70)))
        for sd in (0.0, 0.10, 0.20)
    ),
    *(
        Scenario(f"odds x1.5, sd {sd:.2f}", True, sd, odds=_since(1.5))
        for sd in (0.0, 0.10, 0.15, 0.20)
    ),
    Scenario("both, sd 0.10", True, 0.10, rank=_since(auc_of(0.70)), odds=_since(1.5)),
    Scenario(
        "AUC -.005 and odds +4 % a month, sd 0.10",
        True,
        0.10,
        rank=lambda age: auc_of(AUC - 0.005 * max(0, age + 1)),
        odds=lambda age: 1.04 ** max(0, age + 1),
    ),
    *(
        Scenario(
            f"recalibrated, odds x1.5 more, {name}",
            True,
            sd,
            kind,
            recalibrated=True,
            odds=_after_a_rise(1.5),
        )
        for name, sd, kind in UNEVEN[:4]
    ),
)
PORTFOLIOS = (
    SimulatedPortfolio(500, 0.05),
    SimulatedPortfolio(2_000, 0.05),
    SimulatedPortfolio(10_000, 0.05),
    SimulatedPortfolio(500, 0.28),
)
SMALL = (SimulatedPortfolio(2_000, 0.005), SimulatedPortfolio(100, 0.28))
