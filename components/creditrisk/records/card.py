"""`card.json` of a version: what it is, what it rests on and where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from creditrisk.portfolio import Monotone
from creditrisk.records import layout
from creditrisk.records.document import Part, SealedDocument
from creditrisk.records.fairness import Fairness
from creditrisk.records.learning import FeatureSelection, LeakageScan, Parameters
from creditrisk.storage import Store

CARD, CARD_TEXT, CARD_PAGE = "card.json", "card.md", "card.html"
Kind = Literal["initial", "retrain", "recalibrate", "refit"]


@dataclass(frozen=True)
class ModelFeature:
    """A column of the matrix; `text` says it in plain words, `source` is the table it rests on.

    `monotone` is how the PD must move as the value rises, all else equal.
    """

    name: str
    kind: Literal["number", "category"]
    text: str
    source: str
    monotone: Monotone | None = None


class Label(Part):
    """What bad means; a lender without a panel counts no instalments."""

    mob: int
    missed_instalments: int | None


class Benchmark(Part):
    """The scorecard beside the model."""

    kind: str
    train_auc: float
    validation_auc: float


class DatedLeakageScan(LeakageScan):
    """`months_dated`: months whose event counts were held against their history."""

    months_dated: int = 0


@dataclass(frozen=True)
class PrudentGrade:
    """A grade on validation rows, and the largest PD that its bads do not contradict."""

    rows: int
    bads: int
    most: float


class Card(SealedDocument):
    """Cohorts are the months loans began in, oldest first; ages are in months at `as_of`.

    `parent`: the version it follows. `windows`: out of time, none of a refit, which has learned
    from them. `prudent`: by grade, best first, where bads are few. `left_out`: protected
    features. `calibration`: method by mask state.
    """

    kind: Kind
    as_of: date
    parent: str | None
    label: Label
    train: tuple[date, ...]
    validation: tuple[date, ...]
    windows: tuple[tuple[date, ...], ...]
    newest_train_cohort: date
    newest_fitted_cohort: date
    newest_development_cohort: date
    train_age_months: int
    features: tuple[ModelFeature, ...]
    left_out: tuple[str, ...]
    benchmark: Benchmark
    calibration: Mapping[str, str]
    masked_sources_trained: tuple[str, ...]
    data_version: Mapping[str, str]
    seed: int
    threads: int
    parameters: Parameters
    tuned_trials: int
    tuning_cut_by_time: bool
    unmatched_loans: int
    late_loans: int = 0  # set aside: began before their application
    restated_loans: int = 0  # set aside: outcomes in two cohorts
    selection: FeatureSelection = FeatureSelection()
    leakage: DatedLeakageScan = DatedLeakageScan()
    fairness: tuple[Fairness, ...] = ()
    prudent: tuple[PrudentGrade, ...] = Field(default=(), exclude_if=lambda found: not found)

    @property
    def known(self) -> set[date]:
        """Cohorts it has learnt from."""
        return {*self.train, *self.validation}

    @property
    def out_of_time(self) -> tuple[date, ...]:
        """Cohorts of all windows."""
        return tuple(month for window in self.windows for month in window)


def read_card(store: Store, version: str) -> Card:
    """The card of a version; a `UserError` when it is gone."""
    return Card.need(store, layout.version(version, CARD))


def same_trees(store: Store, version: str) -> tuple[str, ...]:
    """A version and those it recalibrates, in turn: they rank alike; the last fitted the trees."""
    found = [version]
    while "-recalibrate-" in found[-1] and (parent := read_card(store, found[-1]).parent):
        found.append(parent)
    return tuple(found)


def validated_version(store: Store, version: str) -> str:
    """The version whose windows were read for it: a refit's parent, else itself."""
    parent = read_card(store, version).parent if "-refit-" in version else None
    return parent or version
