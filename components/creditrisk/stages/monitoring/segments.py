"""The measures of the outcome axes on parts of the pooled loans: by cohort, group, outage.

Groups are those the portfolio asks to compare: categories marked `fairness` or `protected`, and
numbers so marked that have `bands` (quarters would be other groups every month). A group that is
gone is said to be: one that was measured the month before, and every band; a mask state that is
over is said to be once. Nothing here is judged: the rule reads the whole pool.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
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
_MASKED = segment_of("")
_NONE = "no loan of it has matured"


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
        return replace(of_pool, cohorts=cohorts, cluster=cluster, change=None)


def compared(portfolio: Portfolio) -> list[Feature]:
    """What has the same groups every month."""
    return [f for f in portfolio.features if f.fairness and (f.kind == "category" or f.bands)]


def measured_before(period: Period) -> tuple[list[str], list[Commit]]:
    """Groups, and mask states with loans, that the newest earlier month has rows of; its commit."""
    months = period.lake.months(FINDINGS.table, upto=add_months(period.as_of, -1))
    if not months:
        return [], []
    commit = period.lake.need(FINDINGS.table, months[-1])
    table = period.lake.read_commits(FINDINGS, [commit])
    found = table.filter(pc.equal(table["metric"], _LEVELS[0]))
    groups = tuple(f"{feature.name}=" for feature in compared(period.portfolio))
    segments = zip(found["segment"].to_pylist(), found["rows"].to_pylist(), strict=True)
    return [
        segment
        for segment, rows in segments
        if segment.startswith(groups) or (segment.startswith(_MASKED) and rows)
    ], [commit]


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
    found = _states_of(pool, portfolio)
    for segment, rows in found.items() if len(found) > 1 else []:
        yield Part(segment, pool.span, rows)


def _states_of(pool: MaturedCohorts, portfolio: Portfolio) -> dict[str, NDArray[np.bool_]]:
    """Rows of each mask state of the pool, by segment."""
    if not len(pool.rows):
        return {}
    states = mask_states(pool.rows, portfolio)
    return {segment_of(state): states == state for state in sorted(set(states.tolist()))}


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
    there = {part.segment for part in parts} | set(_states_of(pool, portfolio))
    gone = sorted({*before, *bands} - there)
    return [*found, *(finding for segment in gone for finding in _gone(segment, pool.span))]


def _gone(segment: str, cohort: str) -> Iterator[Finding]:
    masked = segment.startswith(_MASKED)
    text = "no loan of the pool is of this mask state any more" if masked else _NONE
    none = np.empty(0, dtype=np.int64)
    for axis in _MATURED:
        for finding in _not_measured(axis, none, text):
            yield replace(finding, segment=segment, cohort=cohort)


def _measured(y: IntArray, pds: FloatArray, policy: Policy, shared: Shared | None) -> list[Finding]:
    limits, rows, bads = policy.monitoring, len(y), int(y.sum())
    cluster = shared.cluster if shared else None
    worth = independent(cluster, rows)
    if worth < limits.min_segment_rows:
        many = f" count as {worth:,.0f}, many of one customer" if worth < rows else ""
        text = f"{rows:,} loans{many}, {limits.min_segment_rows} needed"
        return [finding for axis in _MATURED for finding in _not_measured(axis, y, text)]
    levelled = (
        levels(y, pds, limits, "significant", shared)
        if bads
        else _not_measured("calibration", y, f"0 of {rows:,} loans bad: no level to measure")
    )
    if 0 < bads < rows:
        now = delong(y, pds, cluster=cluster)
        ranks = [auc_level(now, limits, "significant", shared), gini_of(now), ks_of(y, pds)]
        ranks += at_cutoff(y, pds, policy.scoring.cutoff, cluster)
    else:
        ranks = _not_measured(
            "discrimination", y, f"{bads:,} of {rows:,} loans bad: nothing to rank"
        )
    found = (*ranks, *levelled)
    return [f if f.state == "insufficient" else replace(f, state="none") for f in found]


def _not_measured(axis: FindingAxis, y: IntArray, text: str) -> list[Finding]:
    names = _RANKS if axis == "discrimination" else _LEVELS
    rows, bads = len(y), int(y.sum())
    return [Finding(name, axis, rows=rows, bads=bads).lacking(text) for name in names]
