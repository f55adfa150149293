"""Fit again, after a pass, on every matured cohort: what was judged, with newer outcomes.

Features, directions, parameters and the number of trees are the judged version's. No outcome
is left to stop, calibrate or judge with, so log-odds of customers the trees have not seen
(five folds) calibrate it, and nothing says that it is as good as its parent but its parent.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.model.scorer import Scorer, log_odds
from creditrisk.model.version import ModelVersion
from creditrisk.records.development import Metrics
from creditrisk.records.learning import Parameters
from creditrisk.stages.training import learn
from creditrisk.stages.training.event_scores import FOLDS, fit_encoders
from creditrisk.stages.training.fit import Shape, fit_frozen, model_bytes, shape_of
from creditrisk.stages.training.leakage import refuse_single_columns
from creditrisk.stages.training.measure import measured_parts
from creditrisk.stages.training.rows import RowMaker, Rows, with_unseen_evidence
from creditrisk.stages.training.scorecard import fit_scorecard


def refit(matured: pd.DataFrame, parent: ModelVersion) -> learn.Learned:
    """Fit on rows of every matured cohort, with all that made `parent` frozen.

    `validation` of its metrics is what customers got from trees that had not seen them.
    """
    dev, portfolio = parent.policy.development, parent.portfolio
    scanned = refuse_single_columns(matured, dev, portfolio)
    features, parameters = parent.scorer.features, parent.card.parameters
    maker = RowMaker(features, portfolio, fit_encoders(matured, portfolio))
    seen = with_unseen_evidence(matured, portfolio)
    rows = maker.with_copies(seen, dev.masked_copies, dev.seed)
    learn.require_both(rows, "matured")
    shape = shape_of(rows, features, portfolio)
    model = fit_frozen(rows, parameters, shape)
    every_state = learn.with_each_source_down(maker, seen)
    unseen = _unseen(rows, every_state, parameters, shape)
    calibrations, chosen = learn.calibrations_of(every_state, unseen, portfolio)
    scorer = Scorer(model, features, portfolio, maker.evidence, calibrations)
    benchmark = fit_scorecard(rows, None, shape.direction, [e.evidence for e in portfolio.events])
    in_sample = (rows, log_odds(model, rows.matrix))
    measured = measured_parts(
        scorer, benchmark, {"train": in_sample, "validation": (every_state, unseen)}
    )
    return learn.Learned(
        scorer=scorer,
        model=model_bytes(model),
        benchmark=benchmark,
        train=learn.cohorts_of(matured),
        validation=(),
        parameters=parameters,
        metrics=Metrics(
            train=measured.whole["train"],
            validation=measured.whole["validation"],
            benchmark=measured.benchmark,
            masked=measured.masked,
            calibration=chosen,
            tuning=parent.metrics.tuning,
            selection=parent.metrics.selection,
            leakage=scanned.replace(evidence=learn.evidence_power(seen, portfolio)),
        ),
    )


def _unseen(rows: Rows, judged: Rows, parameters: Parameters, shape: Shape) -> NDArray[np.float64]:
    """Log-odds (judged,) of each customer from trees fitted on the other folds' customers."""
    found = np.empty(len(judged.bad))
    for fold in range(FOLDS):
        model = fit_frozen(rows.take(rows.fold != fold), parameters, shape)
        held = judged.fold == fold
        found[held] = log_odds(model, judged.matrix[held])
    return found
