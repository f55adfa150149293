"""`validation.json` of a version: what was read, found and judged on its out-of-time windows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from creditrisk.metrics.estimates import AucEstimate, PairedAuc
from creditrisk.records import layout
from creditrisk.records.document import Part, SealedDocument
from creditrisk.records.fairness import Fairness
from creditrisk.records.measured_window import KnownCohort, MaskedTest, OeInterval, Window
from creditrisk.storage import Store

VALIDATION, PAGE = "validation.json", "validation.html"
Verdict = Literal["pass", "fail", "insufficient"]
GateState = Literal["green", "amber", "red", "insufficient"]
Outcome = Literal["superior", "as good and better calibrated", "not better"]


class Gate(Part):
    """One judgement: `value` against `limit`, with a 95% interval and a p-value if it has them.

    `sample` is the bads it rests on (rows for `score_psi` and `rank_order`). Red fails;
    insufficient evidence never passes.
    """

    gate: str
    window: str
    value: int | float
    limit: int | float
    sample: int
    state: GateState
    reason: str
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    derived: ClassVar = ("passed",)

    @property
    def passed(self) -> bool:
        return self.state in ("green", "amber")


class BenchmarkTest(Part):
    """The model against the scorecard on all windows; `better` where significantly so."""

    auc: float
    benchmark_auc: float
    auc_difference: float
    lower: float
    upper: float
    p_value: float
    better: bool


@dataclass(frozen=True)
class BrierGain:
    """Mean squared error of both PDs; `p_value` is one-sided, H1: the challenger's is smaller."""

    champion: float
    challenger: float
    p_value: float


@dataclass(frozen=True)
class PairedWindow(PairedAuc):
    """The same of one window."""

    name: str


class OeOfBoth(Part):
    """O/E of both versions on the same rows."""

    champion: OeInterval
    challenger: OeInterval


class Comparison(Part):
    """Challenger against champion on equal rows; `difference` is challenger minus champion."""

    champion: str
    rows: int
    bads: int
    pooled: PairedAuc
    windows: tuple[PairedWindow, ...]
    brier: BrierGain
    oe: OeOfBoth
    gains: tuple[str, ...]
    outcome: Outcome


class RocPoints(Part):
    """The ROC curve of all windows."""

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]
    thresholds: tuple[float, ...]

    @property
    def points(self) -> tuple[tuple[float, ...], ...]:
        return self.fpr, self.tpr, self.thresholds


class Validation(SealedDocument):
    """Everything found. Probabilities and shares are fractions, intervals 95%.

    `version`, `as_of`, `policy` (sha256) and `champion` ("": none) say what a repetition must
    equal. `cohorts`: of the windows. `pooled`: all windows together, `promised`: the AUC its PDs
    promise by themselves; `masked`: by optional source down. `known`: every cohort measured.
    `confusion` is [good, bad] by [kept, declined] at the cut-off. `limits`: those in force.
    `data_version`: manifest -> digest of what was read. Windows that may not be read leave it at
    that: nothing found, never a pass.
    """

    version: str
    as_of: date
    policy: str
    champion: str = ""
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    cohorts: tuple[tuple[date, ...], ...] = ()
    windows: tuple[Window, ...] = ()
    pooled: AucEstimate | None = None
    pooled_oe: OeInterval | None = None
    masked: Mapping[str, MaskedTest] = {}
    benchmark: BenchmarkTest | None = None
    comparison: Comparison | None = None
    fairness: tuple[Fairness, ...] = ()
    gates: tuple[Gate, ...] = ()
    limits: Mapping[str, int | float] = {}
    roc: RocPoints | None = None
    confusion: tuple[tuple[int, int], tuple[int, int]] | None = None
    data_version: Mapping[str, str] | None = Field(
        default=None, exclude_if=lambda read: read is None
    )
    known: tuple[KnownCohort, ...] = Field(default=(), exclude_if=lambda known: not known)
    promised: float | None = Field(default=None, exclude_if=lambda promise: promise is None)

    @property
    def opened(self) -> bool:
        """Whether its windows were read; windows that were spent before are not measured again."""
        return bool(self.gates) or self.verdict != "insufficient"

    @property
    def window_months(self) -> int:
        """Width in cohorts of the windows it was read on; 0 where none was opened."""
        return max(map(len, self.cohorts), default=1) if self.opened else 0

    @property
    def aucs(self) -> list[float]:
        """Of each window."""
        return [window.auc.auc for window in self.windows]

    @property
    def failed(self) -> tuple[Gate, ...]:
        """Gates it did not pass."""
        return tuple(gate for gate in self.gates if not gate.passed)

    def numbers(self) -> dict[str, float]:
        """Headline numbers; those not measured are left out."""
        numbers: dict[str, float] = {}
        for place, window in enumerate(self.windows, start=1):
            numbers[f"window_{place}_auc"] = window.auc.auc
            numbers[f"window_{place}_oe"] = window.oe.ratio
        if self.pooled and self.pooled_oe:
            numbers |= {"auc": self.pooled.auc, "oe": self.pooled_oe.ratio}
        if self.benchmark:
            numbers["gain_over_scorecard"] = self.benchmark.auc_difference
        return numbers


def validation_key(version: str) -> str:
    """Where the validation of a version lies."""
    return layout.version(version, VALIDATION)


def validation_page_key(version: str) -> str:
    """Where its page lies."""
    return layout.version(version, PAGE)


def validation_sha256(store: Store, version: str) -> str:
    """Of a version's record, as it is stored; empty where there is none."""
    try:
        return hashlib.sha256(store.read(validation_key(version))).hexdigest()
    except KeyError:
        return ""


def read_validation(store: Store, version: str) -> Validation | None:
    """What was found of a version; None where it was not validated."""
    return Validation.read(store, validation_key(version))
