"""What a version keeps of its making: `metrics.json`, `profile.json` and `lineage.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.records import layout
from creditrisk.records.document import Part, SealedDocument
from creditrisk.records.learning import FeatureSelection, LeakageScan, Parameters
from creditrisk.storage import Store

METRICS, PROFILE, LINEAGE = "metrics.json", "profile.json", "lineage.json"
DevelopmentPart = Literal["train", "validation"]
Bins = Annotated[
    FrozenBins,
    BeforeValidator(lambda raw: raw if isinstance(raw, FrozenBins) else FrozenBins.from_dict(raw)),
    PlainSerializer(FrozenBins.to_dict),
]


class Measured(Part):
    """AUC with its DeLong interval, O/E with its exact one, Brier; 95%.

    Rows of one customer count in the intervals as what they are worth; to 0.1.0 each as one.
    """

    rows: int
    bads: int
    auc: float
    auc_lower: float
    auc_upper: float
    oe: float
    oe_lower: float
    oe_upper: float
    brier: float


class ChosenCalibration(Part):
    """The map of a mask state; `pooled`: fitted on the rows of all states, its own were few."""

    method: Literal["sigmoid", "isotonic"]
    rows: int
    pooled: bool
    cross_fitted_log_loss: Mapping[str, float]  # by method


class Tuning(Part):
    """The parameters chosen, of how many trials `wanted`; `cut`: the time budget ended it.

    Each trial: `number`, `state`, mean held-out log-loss `loss`, and its parameters.
    """

    parameters: Parameters
    trials: tuple[Mapping[str, int | float | str | None], ...]
    cut: bool
    wanted: int


class Metrics(SealedDocument):
    """Numbers of development: in-sample, or nearly. `benchmark` is the scorecard on the same rows.

    `masked`: by optional source down, then part; `calibration`: by mask state.
    """

    train: Measured
    validation: Measured
    benchmark: Mapping[DevelopmentPart, Measured]
    masked: Mapping[str, Mapping[DevelopmentPart, Measured]]
    calibration: Mapping[str, ChosenCalibration]
    tuning: Tuning
    selection: FeatureSelection = FeatureSelection()
    leakage: LeakageScan = LeakageScan()

    def headlines(self) -> dict[str, float]:
        """Headline numbers of development, all finite."""
        parts = {"train": self.train, "validation": self.validation}
        return {
            f"{part}_{name}": float(getattr(measured, name))
            for part, measured in parts.items()
            for name in ("auc", "oe", "brier", "rows", "bads")
        }


@dataclass(frozen=True)
class Reference:
    """One column of the frozen profile: its bins and the reference window's rows in each."""

    bins: Bins
    counts: tuple[int, ...]

    @property
    def shares(self) -> dict[str, float]:
        """Share of the reference rows by bin label, in the bins' order."""
        rows = by_label(self.bins, self.counts)
        return {label: count / max(1, sum(self.counts)) for label, count in rows.items()}


@dataclass(frozen=True)
class FeatureReference(Reference):
    """`importance`: mean |SHAP| in that window, log-odds."""

    importance: float = 0.0


def by_label(bins: FrozenBins, counts: Sequence[int]) -> dict[str, int]:
    """Rows by bin label, in the bins' order; a category called like a bin of ours shares it."""
    rows: dict[str, int] = {}
    for label, count in zip(bins.labels, counts, strict=True):
        rows[label] = rows.get(label, 0) + count
    return rows


class Profile(SealedDocument):
    """How scores and features were distributed in the newest OOT window, its `cohorts`.

    `masked_score`: by optional source down. `events_length`: months of history of each events
    source that the newest of the months could look back on. `usual`: what a column adds to the
    score (log-odds) of the approved, in the median, by mask state; versions of 0.1.0 have none.
    """

    score: Reference
    masked_score: Mapping[str, Reference]
    features: Mapping[str, FeatureReference]
    events_length: Mapping[str, int]
    rows: int
    cohorts: tuple[date, ...]
    usual: Mapping[str, Mapping[str, float]] = Field(default={}, exclude_if=lambda found: not found)


class Lineage(SealedDocument):
    """What it takes to make the same bytes again; `data_version`: manifest -> digest."""

    as_of: date
    code: str
    config: str
    policy: str
    portfolio: str
    parent: str | None
    data_version: Mapping[str, str]
    parameters: Parameters
    seed: int
    threads: int
    python: str
    packages: Mapping[str, str]


def read_profile(store: Store, version: str) -> Profile:
    """The profile of a version; a `UserError` when it is gone."""
    return Profile.need(store, layout.version(version, PROFILE))


def read_lineages(store: Store) -> dict[str, Lineage]:
    """Of every version, complete or not."""
    keys = (key for key in store.keys(layout.VERSIONS) if key.endswith(f"/{LINEAGE}"))
    return {layout.version_of(key): Lineage.parse(store.read(key), key) for key in keys}
