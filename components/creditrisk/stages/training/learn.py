"""Learn a model from train and validation rows; nothing here sees an out-of-time row."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.discrimination import auc
from creditrisk.model.calibration_map import Calibrations
from creditrisk.model.cohort_split import NotEnoughEvidenceError
from creditrisk.model.matrix import model_features
from creditrisk.model.scorecard import Scorecard
from creditrisk.model.scorer import Scorer, log_odds
from creditrisk.model.version import ModelVersion
from creditrisk.policy import Development
from creditrisk.portfolio import Portfolio
from creditrisk.records.development import ChosenCalibration, Metrics
from creditrisk.records.learning import Parameters
from creditrisk.stages.training.calibrate import Sample, fit_calibrations
from creditrisk.stages.training.event_scores import fit_encoders
from creditrisk.stages.training.fit import fit, fixed_parameters, model_bytes, shape_of
from creditrisk.stages.training.leakage import refuse_single_columns
from creditrisk.stages.training.measure import MeasuredParts, measured_parts
from creditrisk.stages.training.rows import RowMaker, Rows, together, with_unseen_evidence
from creditrisk.stages.training.scorecard import fit_scorecard
from creditrisk.stages.training.selection import select
from creditrisk.stages.training.tune import tune

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Learned:
    """The parts of a version; `train` and `validation` are the cohorts they were learned from."""

    scorer: Scorer
    model: bytes
    benchmark: Scorecard
    train: tuple[date, ...]
    validation: tuple[date, ...]
    parameters: Parameters
    metrics: Metrics


def learn(
    train: pd.DataFrame, validation: pd.DataFrame, dev: Development, portfolio: Portfolio
) -> Learned:
    """Scan, encode, tune, fit, calibrate. Frames hold rows of gold features, `bad`, `cohort`."""
    scanned = refuse_single_columns(train, dev, portfolio)
    maker = RowMaker(model_features(portfolio), portfolio, fit_encoders(train, portfolio))
    seen = with_unseen_evidence(train, portfolio)
    kept, selection = select(maker.with_copies(seen, dev.masked_copies, dev.seed), dev)
    maker = maker.only(kept, monotone=dev.monotone)
    train_rows = maker.with_copies(seen, dev.masked_copies, dev.seed)
    stop_rows = maker.with_copies(validation, dev.masked_copies, dev.seed)
    for part, rows in (("train", train_rows), ("validation", stop_rows)):
        require_both(rows, part)
    log.info("tuning on %d rows, at most %d trials", len(train_rows.bad), dev.tuning_trials)
    shape = shape_of(train_rows, maker.features, portfolio)
    tuning = tune(train_rows, shape, dev)
    model = fit(train_rows, stop_rows, tuning.parameters, shape, dev)
    log.info("fitted %d trees", model.tree_count_)
    every_state = with_each_source_down(maker, validation)
    raw = log_odds(model, every_state.matrix)
    calibrations, chosen = calibrations_of(every_state, raw, portfolio)
    scorer = Scorer(model, maker.features, portfolio, maker.evidence, calibrations)
    linear = [events.evidence for events in portfolio.events]
    benchmark = fit_scorecard(train_rows, maker.plain(validation), shape.direction, linear)
    in_sample = (train_rows, log_odds(model, train_rows.matrix))
    measured = measured_parts(
        scorer, benchmark, {"train": in_sample, "validation": (every_state, raw)}
    )
    return Learned(
        scorer=scorer,
        model=model_bytes(model),
        benchmark=benchmark,
        train=cohorts_of(train),
        validation=cohorts_of(validation),
        parameters={**fixed_parameters(dev), **tuning.parameters, "trees": int(model.tree_count_)},
        metrics=Metrics(
            train=measured.whole["train"],
            validation=measured.whole["validation"],
            benchmark=measured.benchmark,
            masked=measured.masked,
            calibration=chosen,
            tuning=tuning,
            selection=selection,
            leakage=scanned.replace(evidence=evidence_power(seen, portfolio)),
        ),
    )


def recalibrate(validation: pd.DataFrame, parent: ModelVersion) -> Learned:
    """The parent's model, encoders and benchmark with a new calibration.

    It is fitted on the validation cohorts, those before the three out-of-time windows, less any
    the parent's trees have learned from, and judged on the windows like any challenger. So a
    drift that only the newest cohorts show cannot be learned yet: the recalibration is then
    refused and tried again when those cohorts are no longer the newest. Fitting on the cohorts it
    is judged on would always pass, and prove nothing.
    """
    old = parent.card.train
    fresh = validation[~validation["cohort"].isin(old)].reset_index(drop=True)
    if fresh.empty:
        raise NotEnoughEvidenceError(
            "not enough evidence: the parent's trees have learned from every cohort that may"
            f" recalibrate {parent.id}; wait for one more cohort to mature"
        )
    scorer = parent.scorer
    maker = RowMaker(scorer.features, scorer.portfolio, scorer.evidence)
    every_state = with_each_source_down(maker, fresh)
    require_both(every_state, "validation")
    raw = log_odds(scorer.model, every_state.matrix)
    calibrations, chosen = calibrations_of(every_state, raw, scorer.portfolio)
    again = Scorer(scorer.model, scorer.features, scorer.portfolio, scorer.evidence, calibrations)
    measured = measured_parts(again, parent.benchmark, {"validation": (every_state, raw)})
    return Learned(
        scorer=again,
        model=parent.files["model.cbm"],
        benchmark=parent.benchmark,
        train=old,
        validation=cohorts_of(fresh),
        parameters=parent.card.parameters,
        metrics=_updated(parent.metrics, measured, chosen),
    )


def calibrations_of(
    rows: Rows, raw: NDArray[np.float64], portfolio: Portfolio
) -> tuple[Calibrations, dict[str, ChosenCalibration]]:
    """A calibration for each mask state of the rows, from the model's log-odds `raw` of them."""
    samples = {}
    for state in (ALL_SOURCES_UP, *portfolio.optional_sources):
        of_state = rows.state == state
        if of_state.any():
            samples[state] = Sample(raw[of_state], rows.bad[of_state], rows.customer[of_state])
    return fit_calibrations(samples)


def with_each_source_down(maker: RowMaker, frame: pd.DataFrame) -> Rows:
    """The rows as they are, and all of them once more with each optional source down."""
    down = [maker.masked(frame, source) for source in maker.portfolio.optional_sources]
    return together([maker.plain(frame), *down])


def evidence_power(seen: pd.DataFrame, portfolio: Portfolio) -> dict[str, float]:
    """AUC of each events source's out-of-fold evidence on the train rows that had the source."""
    found = {}
    for events in portfolio.events:
        known = seen[seen[events.evidence].notna()]
        if len(set(known["bad"])) == 2:
            found[events.name] = round(auc(known["bad"], known[events.evidence]), 6)
    return found


def require_both(rows: Rows, part: str) -> None:
    """Rows without bads or without goods teach nothing: `NotEnoughEvidenceError`."""
    bads = int(rows.bad.sum())
    if bads in (0, len(rows.bad)):
        raise NotEnoughEvidenceError(
            f"not enough evidence: the {part} cohorts hold {bads:,} bads in {len(rows.bad)} rows,"
            " both outcomes are needed; wait for more outcomes"
        )


def _updated(
    old: Metrics, measured: MeasuredParts, chosen: Mapping[str, ChosenCalibration]
) -> Metrics:
    """The validation part measured anew: what was measured on train still holds."""
    return old.replace(
        validation=measured.whole["validation"],
        benchmark={**old.benchmark, **measured.benchmark},
        masked={
            source: {**old.masked.get(source, {}), **parts}
            for source, parts in measured.masked.items()
        },
        calibration=chosen,
    )


def cohorts_of(frame: pd.DataFrame) -> tuple[date, ...]:
    """The cohorts of some rows, oldest first."""
    return tuple(sorted(set(frame["cohort"])))
