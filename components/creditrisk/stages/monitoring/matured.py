"""What needs outcomes: two axes, their measures part by part, concept drift, the early outcome.

The version's PDs on matured cohorts newer than any it was developed on, by gold features, for
the scores published then may be an older champion's.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from creditrisk.lake import Commit
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.matrix import mask_states
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.records.validated_states import ValidatedStates, validated_states
from creditrisk.stages.monitoring import concept
from creditrisk.stages.monitoring.calibration import calibration_axis
from creditrisk.stages.monitoring.discrimination import at_cutoff, discrimination_axis
from creditrisk.stages.monitoring.early import early_outcome
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts, matured_cohorts
from creditrisk.stages.monitoring.reference import ReferenceRows
from creditrisk.stages.monitoring.segments import measured_by_part


def measure_matured(
    period: Period, model: ModelVersion, reference: ReferenceRows
) -> tuple[list[Finding], Sequence[Commit]]:
    """Findings on outcomes known at `as_of`, and what was read for them."""
    validated = validated_states(period.store, model.id)
    newer_than = model.card.newest_development_cohort
    pool = matured_cohorts(period, model.card.label.mob, newer_than, validated)
    pds = model.predict(pool.rows) if len(pool.rows) else np.empty(0)
    drift = (
        concept.not_measured(reference.lacking, len(pds), int(pool.bad.sum()))
        if reference.lacking
        else concept.concept_drift(pool.bad, pds, model, reference.frame, period.policy.monitoring)
    )
    whole = [*_whole_pool(period, pool, pds, validated, newer_than), drift]
    parts = measured_by_part(pool, pds, period.portfolio, period.policy)
    early, read = early_outcome(period, model, newer_than, validated)
    found = [
        *(replace(finding, cohort=pool.span) for finding in whole),
        *parts,
    ]
    known = [replace(finding, label_as_of=pool.label_as_of) for finding in found]
    return [*known, *early], (*pool.commits, *read)


def _whole_pool(
    period: Period,
    pool: MaturedCohorts,
    pds: FloatArray,
    validated: ValidatedStates,
    newer_than: date,
) -> list[Finding]:
    """What the rule reads, and precision and recall."""
    states = mask_states(pool.rows, period.portfolio) if len(pool.rows) else np.empty(0, np.str_)
    limits, mode = period.policy.monitoring, period.policy.rule.mode
    reference = validated.expected_auc(states)
    findings = [
        *discrimination_axis(pool.bad, pds, reference, limits, mode),
        *calibration_axis(pool.bad, pds, limits, mode),
    ]
    where = pool.description if pool.cohorts else f"no cohort after {newer_than:%Y-%m} has matured"
    if pool.excluded:
        where += f", {pool.excluded} loans not measured: a source was down"
    found = [
        replace(f, text=f"{f.text}; {where}") if f.metric.startswith("axis:") else f
        for f in findings
    ]
    both = 0 < pool.bad.sum() < len(pds)
    return found + (at_cutoff(pool.bad, pds, period.policy.scoring.cutoff) if both else [])
