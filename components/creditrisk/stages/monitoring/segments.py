"""The measures of the outcome axes on parts of the pooled loans: by cohort, group, outage.

Groups are those the portfolio asks to compare: categories marked `fairness` or `protected`, and
numbers so marked that have `bands` (quarters would be other groups every month). A group that is
gone is said to be: one that was measured the month before, and every band. Nothing here is judged:
the rule reads the whole pool.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS, FindingAxis
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import independent
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.groups import band_names, groups_of
from creditrisk.model.mask_states import mask_states, segment_of
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.portfolio import Feature, Portfolio
from creditrisk.stages.monitoring.calibration import levels
from creditrisk.stages.monitoring.discrimination import at_cutoff, auc_level, gini_of, ks_of
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts
from creditrisk.stages.monitoring.shared import Shared

_MATURED: tuple[FindingAxis, ...] = ("discrimination", "calibration")
_RANKS = ("auc", "gini", "ks", "precision", "recall")
_LEVELS = ("oe", "jeffreys")


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of a pool: `segment` as the findings call it, the cohorts it spans."""

    segment: str
    cohort: str
    rows: NDArray[np.bool_]

    def shared(self, of_pool: Shared | None) -> Shared | None:
        """What its rows share, of what the pool's do."""
        if of_pool is None:
            return None
        cluster = None if of_pool.cluster is None else of_pool.cluster[self.rows]
        cohorts = 1 if self.segment.startswith("cohort=") else of_pool.cohorts
        return replace(of_pool, cohorts=cohorts, cluster=cluster)


def compared(portfolio: Portfolio) -> list[Feature]:
    """What has the same groups every month."""
    return [f for f in portfolio.features if f.fairness and (f.kind == "category" or f.bands)]


def measured_before(period: Period) -> tuple[list[str], list[Commit]]:
    """Groups that the newest earlier month with findings has a row of, and its commit."""
    features = compared(period.portfolio)
    months = period.lake.months(FINDINGS.table, upto=add_months(period.as_of, -1))
    if not features or not months:
        return [], []
    commit = period.lake.need(FINDINGS.table, months[-1])
    found = period.lake.read_commits(FINDINGS, [commit])["segment"].unique().to_pylist()
    names = tuple(f"{feature.name}=" for feature in features)
    return [segment for segment in found if segment.startswith(names)], [commit]


def parts_of(pool: MaturedCohorts, portfolio: Portfolio) -> Iterator[Part]:
    """Every pooled cohort, every group, every mask state where there are several."""
    if not len(pool.rows):
        return
    cohorts = pool.rows["cohort"].to_numpy()
    for cohort in pool.cohorts:
        month = f"{cohort:%Y-%m}"
        yield Part(f"cohort={month}", month, cohorts == cohort)
    for feature in compared(portfolio):
        groups = groups_of(pool.rows[feature.name], feature)
        for group in sorted(set(groups)):
            yield Part(f"{feature.name}={group}", pool.span, groups == group)
    states = mask_states(pool.rows, portfolio)
    found = sorted(set(states.tolist()))
    for state in found if len(found) > 1 else []:
        yield Part(segment_of(state), pool.span, states == state)


def measured_by_part(
    pool: MaturedCohorts,
    pds: FloatArray,
    portfolio: Portfolio,
    policy: Policy,
    shared: Shared | None = None,
    before: Sequence[str] = (),
) -> list[Finding]:
    """Seven measures of every part, for PDs of the pool's rows; `shared` is the pool's.

    Groups that were measured `before`, and bands, are there with their reason where no loan is.
    """
    parts = list(parts_of(pool, portfolio))
    found = [
        replace(finding, segment=part.segment, cohort=part.cohort)
        for part in parts
        for finding in _measured(pool.bad[part.rows], pds[part.rows], policy, part.shared(shared))
    ]
    banded = [f for f in compared(portfolio) if f.bands] if parts else []
    bands = [f"{feature.name}={name}" for feature in banded for name in band_names(feature)]
    gone = sorted({*before, *bands} - {part.segment for part in parts})
    return [*found, *(finding for segment in gone for finding in _gone(segment, pool.span))]


def _gone(segment: str, cohort: str) -> Iterator[Finding]:
    none, text = np.empty(0, dtype=np.int64), "no loan of it has matured"
    for axis in _MATURED:
        for finding in _not_measured(axis, none, text):
            yield replace(finding, segment=segment, cohort=cohort)


def _measured(y: IntArray, pds: FloatArray, policy: Policy, shared: Shared | None) -> list[Finding]:
    limits, rows, bads = policy.monitoring, len(y), int(y.sum())
    worth = independent(shared.cluster if shared else None, rows)
    if worth < limits.min_segment_rows:
        many = f" count as {worth:.0f}, many of one customer" if worth < rows else ""
        text = f"{rows} loans{many}, {limits.min_segment_rows} needed"
        return [finding for axis in _MATURED for finding in _not_measured(axis, y, text)]
    levelled = levels(y, pds, limits, "significant", shared)
    if 0 < bads < rows:
        now = delong(y, pds, cluster=shared.cluster if shared else None)
        ranks = [auc_level(now, limits, "significant", shared), gini_of(now), ks_of(y, pds)]
        ranks += at_cutoff(y, pds, policy.scoring.cutoff)
    else:
        ranks = _not_measured("discrimination", y, f"{bads} of {rows} loans bad: nothing to rank")
    found = {finding.metric for finding in ranks if finding.state != "insufficient"}
    judged = [f if f.metric not in found else replace(f, state="none") for f in ranks]
    return [*judged, *(replace(finding, state="none") for finding in levelled)]


def _not_measured(axis: FindingAxis, y: IntArray, text: str) -> list[Finding]:
    names = _RANKS if axis == "discrimination" else _LEVELS
    rows, bads = len(y), int(y.sum())
    return [
        Finding(name, axis, rows=rows, bads=bads, state="insufficient", text=text) for name in names
    ]
