"""What is measured on one OOT window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from creditrisk.metrics.calibration import (
    OE,
    JeffreysGrade,
    brier,
    ece,
    jeffreys_grades,
    observed_expected,
)
from creditrisk.metrics.discrimination import (
    AucEstimate,
    PrecisionRecall,
    RankOrder,
    delong,
    ks,
    precision_recall,
    rank_inversions,
)
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.metrics.stability import FrozenBins, occupied_bins, psi, psi_critical
from creditrisk.policy import Policy


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

    @property
    def bads(self) -> int:
        return self.auc.bads

    @property
    def jeffreys(self) -> float:
        """The smallest p-value of any grade, after Holm."""
        return min(grade.adjusted for grade in self.grades)


def measure(
    name: str, bad: IntArray, pd: FloatArray, reference: FloatArray, policy: Policy
) -> Measures:
    """Every measure of a window: outcomes `bad` and PDs `pd` of shape (rows,).

    `reference` holds the PDs of the validation months. Raises ValueError for one class.
    """
    return Measures(
        name=name,
        rows=len(bad),
        auc=delong(bad, pd),
        ks=ks(bad, pd),
        oe=observed_expected(bad, pd),
        grades=by_grade(bad, pd, policy.development.grades),
        brier=brier(bad, pd),
        ece=ece(bad, pd),
        shift=shift(reference, pd, policy.monitoring.psi_alpha),
        order=rank_inversions(bad, pd),
        cutoff=precision_recall(bad, pd, policy.scoring.cutoff),
    )


def by_grade(bad: IntArray, pd: FloatArray, bounds: Sequence[float]) -> tuple[JeffreysGrade, ...]:
    """Jeffreys per grade at the grade's mean PD; a bound belongs to the grade below it."""
    grade = np.searchsorted(np.asarray(bounds), pd, side="left")
    rows = np.bincount(grade, minlength=len(bounds) + 1)
    defaults = np.bincount(grade[bad == 1], minlength=len(rows))
    total = np.bincount(grade, weights=pd, minlength=len(rows))
    # a mean of equal PDs may leave them by one rounding: an empty grade has no mean at all
    means = np.clip(total / np.maximum(rows, 1), 0, 1)
    return jeffreys_grades(defaults.tolist(), rows.tolist(), means.tolist())


def shift(reference: FloatArray, current: FloatArray, alpha: float) -> Shift:
    """PSI of `current` over deciles frozen on `reference`."""
    bins = FrozenBins.numeric(reference)
    before, after = bins.counts(reference), bins.counts(current)
    return Shift(
        psi(before, after),
        psi_critical(len(reference), len(current), occupied_bins(before, after), alpha),
    )


def window_name(cohorts: Sequence[date]) -> str:
    """A window as people write it: 2024-01, or 2024-01..2024-02."""
    first, last = f"{min(cohorts):%Y-%m}", f"{max(cohorts):%Y-%m}"
    return first if first == last else f"{first}..{last}"
