"""What needs outcomes: two axes, their measures part by part, concept drift, the early outcome.

The version's PDs on matured cohorts newer than any it was developed on, by gold features, for
the scores published then may be an older champion's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from creditrisk.lake import Commit
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.mask_states import mask_states
from creditrisk.model.shared_shocks import known_cohorts
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.records.card import same_trees, validated_version
from creditrisk.records.measured_window import KnownCohort
from creditrisk.stages.monitoring import concept_drift
from creditrisk.stages.monitoring.acceptance import acceptance, through_the_door
from creditrisk.stages.monitoring.accepted import Expected, expected_of_frames
from creditrisk.stages.monitoring.calibration import calibration_axis
from creditrisk.stages.monitoring.discrimination import at_cutoff, discrimination_axis
from creditrisk.stages.monitoring.early_outcome import early_outcome
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.grade_backtest import measure_grades
from creditrisk.stages.monitoring.handed_on import handed_on
from creditrisk.stages.monitoring.matured_cohorts import (
    MaturedCohorts,
    matured_cohorts,
    with_missed,
)
from creditrisk.stages.monitoring.reference import ReferenceRows, window_applications
from creditrisk.stages.monitoring.segments import measured_before, measured_by_part
from creditrisk.stages.monitoring.shared import Shared, judged_red, known_before, shared_of


def measure_matured(
    period: Period, model: ModelVersion, reference: ReferenceRows
) -> tuple[list[Finding], Sequence[Commit]]:
    """Findings on outcomes known at `as_of`, and what was read for them."""
    validated = validated_states(period.store, model.id)
    newer_than = model.card.newest_development_cohort
    label = model.card.label
    pool = matured_cohorts(period, label.mob, newer_than, validated, label)
    pds = model.predict(pool.rows) if len(pool.rows) else np.empty(0)
    drift = (
        concept_drift.not_measured(reference.lacking, len(pds), int(pool.bad.sum()))
        if reference.lacking
        else concept_drift.concept_drift(
            pool.bad, pds, model, reference.frame, period.policy.monitoring, pool.cluster
        )
    )
    door, opened = through_the_door(period, pool, validated)
    expected, searched = _expected(period, model, pool, door)
    rows, before = handed_on(period, model)
    measured = {one.cohort for one in known_before(rows)}
    every = with_missed(period, pool, measured, newer_than, validated, label)
    of_every = pds if every is pool else model.predict(every.rows)
    own = _by_cohort(every, of_every)
    shared, cohorts = shared_of(period, model, pool, own, rows, validated)
    shared = replace(shared, pds=_pds_of_trees(period, model, pool))
    limits, mode = period.policy.monitoring, period.policy.rule.mode
    whole = [
        *_ranks(period, pool, pds, expected, shared),
        *calibration_axis(pool.bad, pds, limits, mode, shared),
    ]
    cohorts = judged_red(cohorts, (f for f in whole if f.metric.startswith("axis:")), pool)
    whole = [*_placed(whole, pool, newer_than), *_at_cutoff(period, pool, pds), drift]
    early, read = early_outcome(period, model, newer_than, validated, shared)
    grades, counted = measure_grades(period, model, every, of_every, shared.shocks)
    groups, looked_up = measured_before(period)
    found = [
        *(replace(finding, cohort=pool.span) for finding in whole),
        *measured_by_part(pool, pds, period.portfolio, period.policy, shared, groups),
        *acceptance(period, model, door, pool.span),
    ]
    known = [replace(finding, label_as_of=pool.label_as_of) for finding in found]
    commits = (*every.commits, *opened, *searched, *before, *read, *counted, *looked_up)
    return [*known, *cohorts, *early, *grades], commits


def _by_cohort(loans: MaturedCohorts, pds: FloatArray) -> tuple[KnownCohort, ...]:
    if loans.rows.empty:
        return ()
    cohorts, customers = loans.rows["cohort"], loans.rows["customer_id"]
    return known_cohorts(cohorts, customers, loans.bad, pds, "monitored")


def _expected(
    period: Period, model: ModelVersion, pool: MaturedCohorts, door: pd.DataFrame
) -> tuple[Expected, Sequence[Commit]]:
    """What validation lets one expect of the pool's loans, selected as they were."""
    judge = _judge(period, model)
    windows = window_applications(period, judge)
    least = period.policy.monitoring.min_reference_bads
    found = None
    if len(windows.frame) and len(door):
        found = expected_of_frames(judge, windows.frame, door, least)
    if found is None:
        states = mask_states(pool.rows, period.portfolio) if len(pool.rows) else np.empty(0, str)
        seen = validated_states(period.store, judge.id)
        found = Expected(seen.expected_auc(states), promised=seen.expected_promise(states))
    return found, windows.commits


def _judge(period: Period, model: ModelVersion) -> ModelVersion:
    """The version on whose windows the ranking was seen that the model still has.

    A refit was not validated itself: its parent was. A recalibration ranks as the trees it took
    over, and what these have lost is lost; under another definition of bad it is a new start.
    """
    version = validated_version(period.store, same_trees(period.store, model.id)[-1])
    judge = model if version == model.id else load_version(period.store, version)
    return judge if judge.card.label == model.card.label else model


def _pds_of_trees(period: Period, model: ModelVersion, pool: MaturedCohorts) -> FloatArray | None:
    """PDs on the scale of the version that fitted the trees; None where it is the model's own."""
    version = same_trees(period.store, model.id)[-1]
    if version == model.id or pool.rows.empty:
        return None
    return load_version(period.store, version).predict(pool.rows)


def _ranks(
    period: Period, pool: MaturedCohorts, pds: FloatArray, expected: Expected, shared: Shared
) -> list[Finding]:
    """The discrimination axis, on loans at whose PDs validation knew outcomes."""
    limits, mode = period.policy.monitoring, period.policy.rule.mode
    kept = np.ones(len(pds), dtype=np.bool_)
    if expected.comparable is not None:
        kept = pool.rows["application_id"].isin(expected.comparable).to_numpy()
    cluster = None if shared.cluster is None else shared.cluster[kept]
    scale = None if shared.pds is None else shared.pds[kept]
    like = replace(
        shared, cluster=cluster, promised=expected.promised, cost=expected.cost, pds=scale
    )
    found = discrimination_axis(pool.bad[kept], pds[kept], expected.auc, limits, mode, like)
    text = f"; {(~kept).sum()} loans at PDs validation saw no outcome of" if not kept.all() else ""
    if expected.lacking:
        found = [finding.lacking(expected.lacking) for finding in found]
    return [replace(f, text=f.text + text) if f.metric.startswith("axis:") else f for f in found]


def _placed(
    findings: Sequence[Finding], pool: MaturedCohorts, newer_than: date
) -> Iterator[Finding]:
    """With the cohorts, and the loans not measured, in the axes' text."""
    where = pool.description if pool.cohorts else f"no cohort after {newer_than:%Y-%m} has matured"
    if pool.excluded:
        where += f", {pool.excluded:,} loans not measured: a source was down"
    if pool.unknown:
        where += f", {pool.unknown:,} loans have no outcome yet"
    for finding in findings:
        axis = finding.metric.startswith("axis:")
        yield replace(finding, text=f"{finding.text}; {where}") if axis else finding


def _at_cutoff(period: Period, pool: MaturedCohorts, pds: FloatArray) -> list[Finding]:
    both = 0 < pool.bad.sum() < len(pds)
    return at_cutoff(pool.bad, pds, period.policy.scoring.cutoff, pool.cluster) if both else []
