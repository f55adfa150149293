"""What is measured on one OOT window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from creditrisk.metrics.between_cohorts import NOWHERE, level_deviation
from creditrisk.metrics.calibration import (
    brier,
    ece,
    jeffreys_grades,
    observed_expected,
    with_shocks,
)
from creditrisk.metrics.design_effect import by_group as effects_of
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.discrimination import (
    PrecisionRecall,
    RankOrder,
    delong,
    ks,
    precision_recall,
    rank_inversions,
)
from creditrisk.metrics.estimates import OE, AucEstimate, JeffreysGrade
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.metrics.stability import psi_with_chance
from creditrisk.model.grade import grades_of
from creditrisk.model.shared_shocks import SharedShocks
from creditrisk.policy import Policy


@dataclass(frozen=True, eq=False)
class Shared:
    """What rows of a window share: shocks of its `cohorts`; customers (ids) with several loans."""

    shocks: SharedShocks
    cohorts: int
    customers: ArrayLike


@dataclass(frozen=True)
class Shift:
    """Score PSI against the validation months, and what chance alone would reach."""

    psi: float
    critical: float


@dataclass(frozen=True)
class Measures:
    """Discrimination, calibration and stability on the rows of one window.

    `grades` holds one entry per rating grade, best first, tested one-sided for a PD too low.
    """

    name: str
    rows: int
    auc: AucEstimate
    ks: float
    oe: OE
    grades: tuple[JeffreysGrade, ...]
    brier: float
    ece: float
    shift: Shift
    order: RankOrder
    cutoff: PrecisionRecall
    cohorts: int = 1

    @property
    def bads(self) -> int:
        return self.auc.bads

    @property
    def jeffreys(self) -> float:
        """The smallest p-value of any grade, after Holm."""
        return min(grade.adjusted for grade in self.grades)

    def jeffreys_above(self, ratio: float) -> float:
        """The same of grades whose O/E is above one; 1 where there is none."""
        material = (g.adjusted for g in self.grades if g.defaults > ratio * g.rows * g.pd)
        return min(material, default=1.0)


def bads_of(windows: Sequence[Measures]) -> int:
    return sum(window.bads for window in windows)


def measure(
    name: str,
    bad: IntArray,
    pd: FloatArray,
    reference: FloatArray,
    policy: Policy,
    shared: Shared | None = None,
) -> Measures:
    """Every measure of a window: outcomes `bad` and PDs `pd` of shape (rows,).

    `reference` holds the PDs of the validation months. Raises ValueError for one class.
    """
    cluster = clusters(shared.customers) if shared else None
    ratio = observed_expected(bad, pd, cluster=cluster)
    beyond = shared.shocks.beyond_level(ratio.deviation, shared.cohorts) if shared else None
    return Measures(
        name=name,
        rows=len(bad),
        auc=delong(bad, pd, cluster=cluster),
        ks=ks(bad, pd),
        oe=with_shocks(ratio, beyond),
        grades=by_grade(bad, pd, policy.development.grades, shared),
        brier=brier(bad, pd),
        ece=ece(bad, pd),
        shift=shift(reference, pd, policy.monitoring.psi_alpha),
        order=rank_inversions(bad, pd, cluster=cluster),
        cutoff=precision_recall(bad, pd, policy.scoring.cutoff, cluster),
        cohorts=shared.cohorts if shared else 1,
    )


def rank_and_level(bad: IntArray, pd: FloatArray, shared: Shared) -> tuple[AucEstimate, OE]:
    """AUC and O/E, with the errors of what the rows share."""
    cluster = clusters(shared.customers)
    ratio = observed_expected(bad, pd, cluster=cluster)
    beyond = shared.shocks.beyond_level(ratio.deviation, shared.cohorts)
    return delong(bad, pd, cluster=cluster), with_shocks(ratio, beyond)


def together(shared: Sequence[Shared]) -> Shared:
    """Of neighbouring windows together."""
    customers = np.concatenate([np.asarray(own.customers) for own in shared])
    return Shared(shared[0].shocks, sum(own.cohorts for own in shared), customers)


def by_grade(
    bad: IntArray, pd: FloatArray, bounds: Sequence[float], shared: Shared | None = None
) -> tuple[JeffreysGrade, ...]:
    """Jeffreys per grade at the grade's mean PD."""
    grade = grades_of(pd, bounds) - 1
    rows = np.bincount(grade, minlength=len(bounds) + 1)
    defaults = np.bincount(grade[bad == 1], minlength=len(rows))
    total = np.bincount(grade, weights=pd, minlength=len(rows))
    spread = np.bincount(grade, weights=pd * (1 - pd), minlength=len(rows))
    cluster = clusters(shared.customers) if shared else None
    effects = effects_of(bad - pd, grade, len(rows), cluster)
    # a mean of equal PDs may leave them by one rounding: an empty grade has no mean at all
    means = np.clip(total / np.maximum(rows, 1), 0, 1)
    beyond = [
        shared.shocks.beyond_level(level_deviation(*found), shared.cohorts)
        if found[2] > 0
        else NOWHERE
        for found in zip(defaults, total, spread, effects, strict=True)
        if shared
    ]
    return jeffreys_grades(defaults.tolist(), rows.tolist(), means.tolist(), beyond, effects)


def shift(
    reference: FloatArray,
    current: FloatArray,
    alpha: float,
    worth: tuple[float, float] | None = None,
) -> Shift:
    """PSI of `current` over deciles frozen on `reference`.

    `worth`: independent rows of either; None: all are.
    """
    bins = FrozenBins.numeric(reference)
    rows = worth or (len(reference), len(current))
    return Shift(*psi_with_chance(bins.counts(reference), bins.counts(current), alpha, rows))
