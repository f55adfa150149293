"""The early outcome of cohorts whose final one is still open, against what is usual by then.

Of the loans that turned bad in the cohorts a version was validated on, a share had done so within
`early_mob`. That share of each PD is what the newer cohorts should show by then.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from creditrisk.errors import UserError
from creditrisk.lake import Commit
from creditrisk.metrics.calibration import observed_expected, with_shocks
from creditrisk.metrics.design_effect import independent
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.stages.monitoring.calibration import LEAST_PD
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.matured_cohorts import matured_cohorts
from creditrisk.stages.monitoring.reference import version_labels
from creditrisk.stages.monitoring.shared import Shared

METRIC = "early_oe"


@dataclass(frozen=True)
class Usual:
    """Bads within `early_mob`, and bads in all, among loans of which both are known; else why."""

    early: int
    bads: int
    commits: tuple[Commit, ...] = ()
    why: str = "no outcome says so"

    @property
    def share(self) -> float:
        return self.early / self.bads


def early_outcome(
    period: Period,
    model: ModelVersion,
    newer_than: date,
    validated: ValidatedStates,
    shared: Shared | None = None,
) -> tuple[list[Finding], tuple[Commit, ...]]:
    """O/E of the newest early-matured cohorts, pooled as for the axes, and what was read.

    The interval takes the usual share as known, and carries shocks (`shared`). Nothing where the
    early outcome is the outcome.
    """
    early, mob = period.policy.outcome.early_mob, model.card.label.mob
    if early >= mob:
        return [], ()
    usual = usual_share(period, model, early, mob)
    pool = matured_cohorts(period, early, newer_than, validated, model.card.label)
    rows, bads, read = len(pool.rows), int(pool.bad.sum()), (*usual.commits, *pool.commits)
    base = Finding(
        METRIC, "calibration", rows=rows, bads=bads, cohort=pool.span, label_as_of=pool.label_as_of
    )
    if not rows:
        text = f"no cohort after {newer_than:%Y-%m} is {early} months old"
        return [base.lacking(text)], read
    if not usual.early:
        text = f"which share of bads is usual by mob {early} is not known: {usual.why}"
        return [base.lacking(text)], read
    worth = independent(None if pool.cluster is None else pool.cluster[pool.bad == 1], bads)
    if worth < (needed := period.policy.monitoring.min_reference_bads):
        return [base.lacking(f"{worth:,.0f} bads within mob {early}, {needed} needed")], read
    expected = usual.share * np.maximum(model.predict(pool.rows), LEAST_PD)
    found = observed_expected(pool.bad, expected, cluster=pool.cluster)
    if shared:
        beyond = shared.shocks.beyond_level(found.deviation, len(pool.cohorts))
        found = with_shocks(found, beyond)
    finding = replace(
        base,
        value=found.ratio,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        text=f"{bads:,} bads within mob {early}, {found.expected:,.1f} expected: {usual.early:,} of"
        f" {usual.bads:,} bads had shown by then at validation",
    )
    return [finding], read


def usual_share(period: Period, model: ModelVersion, early: int, mob: int) -> Usual:
    """Counted on the version's validation and OOT cohorts; of a refit, on all it learned from."""
    card = model.card
    cohorts = [*card.validation, *(month for window in card.windows for month in window)]
    try:
        labels, commits = version_labels(period.lake, model, cohorts or card.train)
    except (KeyError, UserError) as error:  # a month is not stopped by what is only looked at
        return Usual(0, 0, why=str(error))
    at = labels.pivot(index="loan_id", columns="mob", values="bad").reindex(columns=[early, mob])
    both = at.dropna()
    bad = both[both[mob] == 1]
    return Usual(int((bad[early] == 1).sum()), len(bad), tuple(commits))
