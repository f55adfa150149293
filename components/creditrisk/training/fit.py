"""Fit CatBoost: early stopping on validation, the same bytes from the same inputs."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoost, Pool

from creditrisk.model.matrix import ModelFeature
from creditrisk.model.scorer import keep_typical, pool_of
from creditrisk.policy import Development
from creditrisk.portfolio import Monotone
from creditrisk.training.rows import Rows

Parameters = dict[str, Any]
START: Parameters = {
    "depth": 5,
    "learning_rate": 0.05,
    "l2_leaf_reg": 6.0,
    "subsample": 0.8,
    "rsm": 0.8,
}
ONE_HOT = 64  # categories up to this many are compared one by one: no statistic of the outcome
SIGNS: Mapping[Monotone, int] = {"increasing": 1, "decreasing": -1}
RUN_DEPENDENT = ("train_finish_time", "model_guid")


@dataclass(frozen=True)
class Shape:
    """How the PD must move: 1 up, -1 down with a feature, all else equal.

    CatBoost takes a missing value for the smallest, which a direction would turn into the
    safest or the riskiest of all: where there is a direction, a missing value stands for a typical
    one (the median of train).
    """

    direction: Mapping[str, int]
    typical: Mapping[str, float]

    @property
    def parameters(self) -> Parameters:
        """The constraint as CatBoost takes it."""
        return {"monotone_constraints": dict(self.direction)} if self.direction else {}

    def pool(self, rows: Rows) -> Pool:
        """The rows with missing values filled where there is a direction."""
        return pool_of(rows.matrix, rows.bad, self.typical)


def shape_of(train: Rows, features: Sequence[ModelFeature]) -> Shape:
    """Directions of the features that have one, and the median of train for each."""
    direction = {f.name: SIGNS[f.monotone] for f in features if f.monotone}
    medians = {name: float(train.matrix[name].median()) for name in direction}
    typical = {name: 0.0 if np.isnan(median) else median for name, median in medians.items()}
    return Shape(direction, typical)


def fit(
    train: Rows, validation: Rows, tuned: Mapping[str, Any], shape: Shape, dev: Development
) -> CatBoost:
    """Fit on train; `validation` only says after how many trees to stop."""
    model = CatBoost(fixed_parameters(dev) | dict(tuned) | shape.parameters)
    model.fit(shape.pool(train), eval_set=shape.pool(validation))
    keep_typical(model, shape.typical)
    return model


def fixed_parameters(dev: Development) -> Parameters:
    """What tuning does not touch."""
    return {
        "loss_function": "Logloss",
        "eval_metric": "Logloss",
        "iterations": dev.max_trees,
        "od_type": "Iter",
        "od_wait": dev.early_stopping_rounds,
        "use_best_model": True,
        "bootstrap_type": "Bernoulli",
        "one_hot_max_size": ONE_HOT,
        "random_seed": dev.seed,
        "thread_count": dev.threads,
        "allow_writing_files": False,
        "logging_level": "Silent",
    }


def model_bytes(model: CatBoost) -> bytes:
    """The model as CatBoost writes it, without what differs from run to run."""
    metadata = model.get_metadata()
    for key in RUN_DEPENDENT:
        metadata[key] = ""
    with tempfile.TemporaryDirectory() as folder:  # CatBoost writes to a path only
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        return path.read_bytes()
