"""What was measured on one out-of-time window, its cohorts and its mask states."""

from datetime import date
from typing import Literal

from pydantic import Field

from creditrisk.metrics.estimates import AucEstimate, JeffreysGrade, Proportion
from creditrisk.records.document import Part


class AucInterval(Part):
    """An AUC with its 95% interval."""

    auc: float
    se: float
    lower: float
    upper: float


class OeInterval(Part):
    """Observed over expected defaults with its exact 95% interval; H0 of the p-value: 1."""

    ratio: float
    lower: float
    upper: float
    p_value: float


class Bands(Part):
    """Tenths of the scores, the best first."""

    rows: tuple[int, ...]
    bads: tuple[int, ...]


class Window(Part):
    """What was measured on one window. `jeffreys`: the smallest p-value of a grade, after Holm."""

    name: str
    cohorts: tuple[date, ...]
    rows: int
    bads: int
    auc: AucInterval
    gini: float
    ks: float
    oe: OeInterval
    jeffreys: float
    grades: tuple[JeffreysGrade, ...]
    brier: float
    ece: float
    score_psi: float
    score_psi_critical: float
    inversions: int
    significant_inversions: int
    bands: Bands
    precision: Proportion
    recall: Proportion


class KnownCohort(Part):
    """What a matured cohort shows of shocks: how far its outcomes lie above the PDs (log odds).

    `rank`: its AUC less the one its PDs promise; none of train cohorts, on which it is in-sample.
    Variances are those of chance alone.
    """

    cohort: date
    part: Literal["train", "validation", "window", "monitored"]
    level: float
    level_variance: float
    rank: float | None = None
    rank_variance: float | None = None


class MaskedRows(Part):
    """Rows scored as if a source had been down."""

    auc: AucEstimate
    oe: OeInterval


class MaskedWindow(MaskedRows):
    """Those of one window."""

    name: str


class MaskedTest(Part):
    """The windows once more with a source down: whether such rows get a PD.

    `promised`: the AUC that the PDs of `pooled` promise by themselves.
    """

    passed: bool
    reason: str
    promised: float | None = Field(default=None, exclude_if=lambda promise: promise is None)
    pooled: MaskedRows | None = None
    windows: tuple[MaskedWindow, ...]
