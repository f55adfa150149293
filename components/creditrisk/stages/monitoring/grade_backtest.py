"""Every grade against its outcomes, each month, over a horizon that pools the newest cohorts.

A grade has few defaults a month. Each month counts its cohorts by grade and hands on the counts of
the months before, so that the oldest need not be read again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from creditrisk.lake import Commit
from creditrisk.metrics.between_cohorts import NOWHERE, Excess, level_deviation
from creditrisk.metrics.calibration import jeffreys_grades
from creditrisk.metrics.design_effect import design_effect
from creditrisk.metrics.low_default import upper_bounds
from creditrisk.metrics.proportion import exact_bounds
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.grade import grades_of
from creditrisk.model.shared_shocks import SharedShocks
from creditrisk.model.version import ModelVersion
from creditrisk.number_text import p_text
from creditrisk.period import Period
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.handed_on import COUNTED, WORTH, Row, handed_on
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts


@dataclass(frozen=True)
class GradeCount:
    """Loans of one cohort (`2024-01`) in one grade; `pd`: their mean.

    `effect`: of their design, loans over those they count for where customers have several.
    """

    cohort: str
    grade: int
    rows: int
    bads: int
    pd: float
    effect: float = 1.0


@dataclass(frozen=True)
class Pooled:
    """The loans of a grade, of all its cohorts."""

    counts: Sequence[GradeCount]

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.counts)

    @property
    def bads(self) -> int:
        return sum(one.bads for one in self.counts)

    @property
    def expected(self) -> float:
        return sum(one.rows * one.pd for one in self.counts)

    @property
    def pd(self) -> float:
        """Their mean."""
        return min(1.0, self.expected / max(1, self.rows))

    @property
    def information(self) -> float:
        """The sum of PD x (1 - PD), as in a grade PDs are about the same."""
        return sum(one.rows * one.pd * (1 - one.pd) for one in self.counts)

    @property
    def effect(self) -> float:
        """The design effect: cohorts' variances add up. Customers are known within a cohort."""
        if not self.information > 0:
            return 1.0
        each = (one.effect * one.rows * one.pd * (1 - one.pd) for one in self.counts)
        return sum(each) / self.information


def measure_grades(
    period: Period, model: ModelVersion, pool: MaturedCohorts, pds: FloatArray, shocks: SharedShocks
) -> tuple[list[Finding], list[Commit]]:
    """Counts by cohort and grade, and by grade the backtest and the most prudent PD.

    The backtest carries `shocks`, which the loans of a cohort share.
    """
    own = list(_counted(pool, pds, period.policy.development.grades))
    earlier, read = handed_on(period, model)
    measured = {one.cohort for one in own}
    known = [*(one for one in _read(earlier) if one.cohort not in measured), *own]
    horizon = sorted({one.cohort for one in known})[-period.policy.low_default.backtest_cohorts :]
    kept = [one for one in known if one.cohort in horizon]
    span = f"{horizon[0]}..{horizon[-1]}" if horizon else ""
    beyond = partial(_beyond, shocks, len(horizon))
    backtest = [replace(finding, cohort=span) for finding in _backtest(kept, period, beyond)]
    return [*(finding for one in kept for finding in _findings(one)), *backtest], read


def _counted(
    pool: MaturedCohorts, pds: FloatArray, bounds: tuple[float, ...]
) -> Iterator[GradeCount]:
    if not len(pds):
        return
    grades, cluster = grades_of(pds, bounds), pool.cluster
    cohorts = pool.rows["cohort"].to_numpy()
    for cohort in pool.cohorts:
        for grade in np.unique(grades[cohorts == cohort]).tolist():
            mine = (cohorts == cohort) & (grades == grade)
            rows, bads = int(mine.sum()), int(pool.bad[mine].sum())
            effect = 1.0
            if cluster is not None:
                effect = design_effect(pool.bad[mine] - pds[mine], cluster[mine])
            mean = float(pds[mine].mean())
            yield GradeCount(f"{cohort:%Y-%m}", grade, rows, bads, mean, effect)


def _beyond(shocks: SharedShocks, cohorts: int, loans: Pooled) -> Excess:
    """How far outcomes of a grade lie above its PDs."""
    if not loans.information > 0:
        return NOWHERE
    counts = loans.bads, loans.expected, loans.information
    return shocks.beyond_level(level_deviation(*counts, loans.effect), cohorts)


def _backtest(
    counts: list[GradeCount], period: Period, beyond: Callable[[Pooled], Excess]
) -> Iterator[Finding]:
    """Jeffreys after Holm, and the most prudent PD, of each grade."""
    limits = period.policy.low_default
    grades = range(1, len(period.policy.development.grades) + 2)
    pools = [Pooled([one for one in counts if one.grade == grade]) for grade in grades]
    bads, rows = [loans.bads for loans in pools], [loans.rows for loans in pools]
    means, effects = [loans.pd for loans in pools], [loans.effect for loans in pools]
    tests = jeffreys_grades(bads, rows, means, [beyond(loans) for loans in pools], effects)
    worth_bads, worth_rows = (np.divide(one, effects).tolist() for one in (bads, rows))
    prudent = upper_bounds(worth_bads, worth_rows, limits.confidence, limits.asset_correlation)
    for grade, loans, test, most in zip(grades, pools, tests, prudent, strict=True):
        base = Finding("", "calibration", rows=test.rows, bads=test.defaults)
        none = "no loan of this grade has matured"
        if not test.rows:
            yield replace(base, metric=f"jeffreys_grade:{grade}", state="insufficient", text=none)
            yield replace(base, metric=f"prudent_pd:{grade}", state="insufficient", text=none)
            continue
        lower, upper = exact_bounds(test.defaults / loans.effect, test.rows / loans.effect)
        many = f" (worth {test.rows / loans.effect:,.0f})" if loans.effect > 1 else ""
        yield replace(
            base,
            metric=f"jeffreys_grade:{grade}",
            value=test.defaults / test.rows,
            lower=lower,
            upper=upper,
            p_value=test.adjusted,
            text=f"{test.defaults:,} of {test.rows:,}{many} bad, mean PD {test.pd:.1%}: Jeffreys"
            f" {p_text(test.adjusted)} after Holm that the PD is not too low",
        )
        yield replace(
            base,
            metric=f"prudent_pd:{grade}",
            value=most,
            text=f"at {limits.confidence:.0%}, correlation {limits.asset_correlation:g}, the counts"
            f" of this and all riskier grades contradict a PD above {most:.1%}",
        )


def _findings(one: GradeCount) -> Iterator[Finding]:
    counted = Finding(
        f"{COUNTED}{one.grade}",
        "calibration",
        value=one.pd,
        rows=one.rows,
        bads=one.bads,
        text="mean PD of the cohort's loans in the grade",
        cohort=one.cohort,
        segment=f"cohort={one.cohort}",
    )
    yield counted
    if one.effect > 1:
        text = "as many loans as these count for: customers have several"
        worth = one.rows / one.effect
        yield replace(counted, metric=f"{WORTH}{one.grade}", value=worth, text=text)


def _read(rows: Sequence[Row]) -> Iterator[GradeCount]:
    worth = {
        (row["cohort"], row["metric"].removeprefix(WORTH)): row["value"]
        for row in rows
        if row["metric"].startswith(WORTH)
    }
    for row in rows:
        if row["metric"].startswith(COUNTED):
            grade, cohort = row["metric"].removeprefix(COUNTED), row["cohort"]
            counts = row["rows"], row["bads"], row["value"]
            # not said: nobody has two, or the month was measured before it was
            effect = row["rows"] / worth.get((cohort, grade), row["rows"])
            yield GradeCount(cohort, int(grade), *counts, effect)
