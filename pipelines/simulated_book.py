"""A simulated book: months of applications as counts by PD, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from creditrisk.metrics.calibration import MeasuredOE, oe_of
from creditrisk.metrics.discrimination import delong_of
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.ranking import Ties, promised_auc
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.policy import Policy
from creditrisk.stages.monitoring.accepted import Scored
from pipelines.scenarios import (
    LEVELLED,
    WINDOWS,
    Applicants,
    Scenario,
    SimulatedPortfolio,
    applicants,
    shocks,
)

MONTHS = 12  # monitored, from the maturity of the first changed cohort on


@dataclass(frozen=True, eq=False)
class Month:
    """Loans: PDs (scores,) in rising order, rows and bads at each; `declined` have no outcome."""

    pds: FloatArray
    rows: IntArray
    bads: IntArray
    declined: IntArray

    @property
    def ties(self) -> Ties:
        return Ties(self.pds, self.bads, self.rows - self.bads, np.empty(0, dtype=np.int64))

    @cached_property
    def counts(self) -> tuple[int, int]:
        """Bads and goods."""
        bads = int(self.bads.sum())
        return bads, int(self.rows.sum()) - bads

    @cached_property
    def oe(self) -> MeasuredOE:
        expected = float(self.rows @ self.pds)
        information = float(self.rows @ (self.pds * (1 - self.pds)))
        return oe_of(self.counts[0], int(self.rows.sum()), expected, information)

    @cached_property
    def auc(self) -> AucEstimate | None:
        return delong_of(self.ties) if min(self.counts) else None

    @cached_property
    def promised(self) -> float | None:
        return promised_auc(self.pds, self.rows)

    def scores(self) -> FloatArray:
        """Of loans, row by row."""
        return np.repeat(self.pds, self.rows)

    def scored(self) -> Scored:
        """Every application, as monitoring compares those who were lent to with those who were."""
        counts = (self.bads, self.rows - self.bads, self.declined)
        pds = np.concatenate([np.repeat(self.pds, count) for count in counts])
        bad = np.repeat([1.0, 0.0, np.nan], [int(count.sum()) for count in counts])
        return Scored(np.arange(len(pds)).astype(object), pds, bad)


@dataclass(frozen=True, eq=False)
class Book:
    """A simulated book: cohorts known when monitoring begins, those monitored, and who applies."""

    known: Sequence[Month]
    monitored: Sequence[Month]
    applying: Sequence[FloatArray]
    own_level: bool = True  # the PDs have the level of their train cohorts


def draw(
    portfolio: SimulatedPortfolio,
    scenario: Scenario,
    known: int,
    policy: Policy,
    rng: np.random.Generator,
    months: int = MONTHS,
) -> Book:
    """`known` cohorts and the `months` after them; validation and windows are the newest known."""
    mob = policy.outcome.mob
    shock = shocks(scenario, known + months, rng)
    ages = range(-known, months)
    cohorts = [_cohort(portfolio, scenario, age, shock[known + age], rng) for age in ages]
    shift = _level(cohorts[known - LEVELLED : known - WINDOWS]) * scenario.levelled
    levelled = [_shifted(month, shift) for month in cohorts]
    future = [applicants(portfolio, scenario.mix(age + mob)) for age in range(months)]
    applying = [_scores(each, portfolio.applications, shift, rng) for each in future]
    return Book(levelled[:known], levelled[known:], applying, not scenario.recalibrated)


def pooled(months: Sequence[Month]) -> Month:
    """Several cohorts as one."""
    if len(months) == 1:
        return months[0]
    pds, group = np.unique(np.concatenate([m.pds for m in months]), return_inverse=True)
    each = ([getattr(m, name) for m in months] for name in ("rows", "bads", "declined"))
    sums = (np.bincount(group, weights=np.concatenate(counts)) for counts in each)
    return Month(pds, *(counts.astype(np.int64) for counts in sums))


def _cohort(
    portfolio: SimulatedPortfolio,
    scenario: Scenario,
    age: int,
    shock: float,
    rng: np.random.Generator,
) -> Month:
    who = applicants(portfolio, scenario.mix(age))
    rows = rng.multinomial(portfolio.applications, who.shares)
    rank, odds = scenario.rank(age), np.exp(shock) * scenario.odds(age)
    true = rank * who.pds + (1 - rank) * float(who.shares @ who.pds)
    bads = rng.binomial(rows, odds * true / (1 + (odds - 1) * true))
    lent = _lent(who, scenario.booked if age >= 0 else 1.0)
    order = np.argsort(who.pds, kind="stable")
    counts = (rows * lent, bads * lent, rows * ~lent)
    return Month(who.pds[order], *(each[order] for each in counts))


def _lent(who: Applicants, share: float) -> NDArray[np.bool_]:
    """Scores of the share with the lowest PDs: the others are not lent to."""
    if share >= 1:
        return np.ones(len(who.pds), dtype=np.bool_)
    order = np.argsort(who.pds)
    cutoff = who.pds[order][np.searchsorted(np.cumsum(who.shares[order]), share)]
    return np.asarray(who.pds <= cutoff)


def _scores(
    who: Applicants, applications: int, shift: float, rng: np.random.Generator
) -> FloatArray:
    rows = rng.multinomial(applications, who.shares)
    return np.repeat(expit(logit(who.pds) + shift), rows)


def _level(months: Sequence[Month]) -> float:
    """Log odds that make PDs sum to the bads of some months; half a bad where there is none."""
    together = pooled(months)
    bads, rows, odds = max(0.5, float(together.counts[0])), together.rows, logit(together.pds)
    return float(brentq(lambda shift: rows @ expit(odds + shift) - bads, -8, 8, xtol=1e-6))


def _shifted(month: Month, shift: float) -> Month:
    if not shift:
        return month
    return Month(expit(logit(month.pds) + shift), month.rows, month.bads, month.declined)
