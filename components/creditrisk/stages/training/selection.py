"""Keep the features that tell more than noise, in most of some temporal folds inside train.

In each fold a model learns from the cohorts before the held-out one, with a shuffled copy
of every feature beside the real ones. What the best shuffled copy achieves on the held-out
cohort is what chance achieves there: a feature has to beat it. (Boruta's shadow features,
Kursa and Rudnicki 2010, over time instead of over resamples.)
"""

import logging

import numpy as np
import pandas as pd
from catboost import CatBoost
from numpy.typing import NDArray

from creditrisk.model.scorer import pool_of, shap_values
from creditrisk.policy import Development
from creditrisk.records.learning import FeatureSelection
from creditrisk.stages.training.fit import START, fixed_parameters
from creditrisk.stages.training.rows import Rows, temporal_folds

log = logging.getLogger(__name__)
SHUFFLED = "shuffled "
QUICK_TREES = 150
QUICK = {"learning_rate": 0.1, "od_wait": 20}  # enough to tell use from noise


def select(train: Rows, dev: Development) -> tuple[tuple[str, ...], FeatureSelection]:
    """Features that beat noise in at least `selection_share` of the folds; the record of it.

    All of them where selection is switched off, no fold has both outcomes, or none beats noise.
    """
    names = tuple(train.matrix.columns)
    folds = temporal_folds(train, dev.selection_folds) if dev.selection else []
    wins = np.zeros(len(names))
    for number, (learn, held_out) in enumerate(folds):
        wins += _beats_noise(learn, held_out, dev, number)
    if not wins.any():
        return names, FeatureSelection(folds=len(folds))
    share = wins / len(folds)
    kept = tuple(name for name, s in zip(names, share, strict=True) if s >= dev.selection_share)
    log.info("%d of %d features beat noise in %d folds", len(kept), len(names), len(folds))
    stability = {name: round(float(s), 4) for name, s in zip(names, share, strict=True)}
    dropped = {name: s for name, s in stability.items() if kept and name not in kept}
    return kept or names, FeatureSelection(folds=len(folds), stability=stability, dropped=dropped)


def _beats_noise(learn: Rows, held_out: Rows, dev: Development, number: int) -> NDArray[np.bool_]:
    """Per feature whether its mean |SHAP| on the held-out cohort exceeds every shuffled one's."""
    rng = np.random.default_rng([dev.seed, number])
    trees = min(dev.max_trees, QUICK_TREES)
    model = CatBoost(fixed_parameters(dev) | START | QUICK | {"iterations": trees})
    judged = _with_shuffled(held_out.matrix, rng)
    model.fit(
        pool_of(_with_shuffled(learn.matrix, rng), learn.bad),
        eval_set=pool_of(judged, held_out.bad),
    )
    importance = np.abs(shap_values(model, judged)).mean(axis=0)
    real = len(learn.matrix.columns)
    return np.asarray(importance[:real] > importance[real:].max())


def _with_shuffled(matrix: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The matrix, and every column once more in an order of its own."""
    copies = {f"{SHUFFLED}{name}": rng.permutation(matrix[name].to_numpy()) for name in matrix}
    return pd.concat([matrix, pd.DataFrame(copies, index=matrix.index)], axis=1)
