"""Every grade against its outcomes, each month, over a horizon that pools the newest cohorts.

A grade has few defaults a month. Each month counts its cohorts by grade and hands on the counts of
the months before, so that the oldest need not be read again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow.compute as pc

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.lake import Commit
from creditrisk.metrics.between_cohorts import NOWHERE, Excess, level_deviation
from creditrisk.metrics.calibration import jeffreys_grades
from creditrisk.metrics.low_default import upper_bounds
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.grade import grades_of
from creditrisk.model.shared_shocks import SharedShocks
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.stages.monitoring.finding import Finding, p_text
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts

COUNTED = "grade_cohort:"  # and the grade


@dataclass(frozen=True)
class GradeCount:
    """Loans of one cohort (`2024-01`) in one grade; `pd`: their mean."""

    cohort: str
    grade: int
    rows: int
    bads: int
    pd: float


def measure_grades(
    period: Period,
    model: ModelVersion,
    pool: MaturedCohorts,
    pds: FloatArray,
    shocks: SharedShocks,
) -> tuple[list[Finding], list[Commit]]:
    """Counts by cohort and grade, and by grade the backtest and the most prudent PD.

    The backtest carries `shocks`, which the loans of a cohort share.
    """
    own = list(_counted(pool, pds, period.policy.development.grades))
    earlier, read = _earlier(period, model)
    measured = {one.cohort for one in own}
    known = [*(one for one in earlier if one.cohort not in measured), *own]
    horizon = sorted({one.cohort for one in known})[-period.policy.low_default.backtest_cohorts :]
    kept = [one for one in known if one.cohort in horizon]
    span = f"{horizon[0]}..{horizon[-1]}" if horizon else ""
    beyond = partial(_beyond, shocks, len(horizon))
    backtest = [replace(finding, cohort=span) for finding in _backtest(kept, period, beyond)]
    return [*map(_finding, kept), *backtest], read


def _counted(
    pool: MaturedCohorts, pds: FloatArray, bounds: tuple[float, ...]
) -> Iterator[GradeCount]:
    if not len(pds):
        return
    grades = grades_of(pds, bounds)
    cohorts = pool.rows["cohort"].to_numpy()
    for cohort in pool.cohorts:
        for grade in np.unique(grades[cohorts == cohort]).tolist():
            mine = (cohorts == cohort) & (grades == grade)
            rows, bads = int(mine.sum()), int(pool.bad[mine].sum())
            yield GradeCount(f"{cohort:%Y-%m}", grade, rows, bads, float(pds[mine].mean()))


def _beyond(shocks: SharedShocks, cohorts: int, loans: list[GradeCount]) -> Excess:
    """How far outcomes of a grade lie above its PDs, which in a grade are about the same."""
    expected = sum(one.rows * one.pd for one in loans)
    information = sum(one.rows * one.pd * (1 - one.pd) for one in loans)
    if not information > 0:
        return NOWHERE
    found = level_deviation(sum(one.bads for one in loans), expected, information)
    return shocks.beyond_level(found, cohorts)


def _backtest(
    counts: list[GradeCount], period: Period, beyond: Callable[[list[GradeCount]], Excess]
) -> Iterator[Finding]:
    """Jeffreys after Holm, and the most prudent PD, of each grade."""
    grades = range(1, len(period.policy.development.grades) + 2)
    by_grade = [[one for one in counts if one.grade == grade] for grade in grades]
    rows = [sum(one.rows for one in group) for group in by_grade]
    bads = [sum(one.bads for one in group) for group in by_grade]
    means = [
        min(1.0, sum(one.rows * one.pd for one in group) / max(1, total))
        for group, total in zip(by_grade, rows, strict=True)
    ]
    limits = period.policy.low_default
    tests = jeffreys_grades(bads, rows, means, [beyond(group) for group in by_grade])
    prudent = upper_bounds(bads, rows, limits.confidence, limits.asset_correlation)
    for grade, test, most in zip(grades, tests, prudent, strict=True):
        base = Finding("", "calibration", rows=test.rows, bads=test.defaults)
        none = "no loan of this grade has matured"
        if not test.rows:
            yield replace(base, metric=f"jeffreys_grade:{grade}", state="insufficient", text=none)
            yield replace(base, metric=f"prudent_pd:{grade}", state="insufficient", text=none)
            continue
        rate = clopper_pearson(test.defaults, test.rows)
        yield replace(
            base,
            metric=f"jeffreys_grade:{grade}",
            value=rate.value,
            lower=rate.lower,
            upper=rate.upper,
            p_value=test.adjusted,
            text=f"{test.defaults} of {test.rows} bad, mean PD {test.pd:.4f}: Jeffreys"
            f" {p_text(test.adjusted, 4)} after Holm that the PD is not too low",
        )
        yield replace(
            base,
            metric=f"prudent_pd:{grade}",
            value=most,
            text=f"at {limits.confidence:.0%}, correlation {limits.asset_correlation:g}, the counts"
            f" of this and all riskier grades contradict a PD above {most:.4f}",
        )


def _finding(one: GradeCount) -> Finding:
    return Finding(
        f"{COUNTED}{one.grade}",
        "calibration",
        value=one.pd,
        rows=one.rows,
        bads=one.bads,
        text="mean PD of the cohort's loans in the grade",
        cohort=one.cohort,
        segment=f"cohort={one.cohort}",
    )


def _earlier(period: Period, model: ModelVersion) -> tuple[list[GradeCount], list[Commit]]:
    """What the newest earlier month that measured the version has counted."""
    months = period.lake.months(FINDINGS.table, upto=add_months(period.as_of, -1))
    for month in reversed([m for m in months if m >= model.card.as_of]):
        commit = period.lake.need(FINDINGS.table, month)
        table = period.lake.read_commits(FINDINGS, [commit])
        mine = pc.and_(
            pc.equal(table["model_version"], model.id), pc.starts_with(table["metric"], COUNTED)
        )
        if rows := table.filter(mine).to_pylist():
            counts = [
                GradeCount(
                    row["cohort"],
                    int(row["metric"].removeprefix(COUNTED)),
                    row["rows"],
                    row["bads"],
                    row["value"],
                )
                for row in rows
            ]
            return counts, [commit]
    return [], []
