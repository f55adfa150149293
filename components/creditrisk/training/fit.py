"""Fit CatBoost: early stopping on validation, the same bytes from the same inputs."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catboost import CatBoost

from creditrisk.model.scorer import pool_of
from creditrisk.policy import Development
from creditrisk.training.rows import Rows

Parameters = dict[str, Any]
ONE_HOT = 64  # categories up to this many are compared one by one: no statistic of the outcome
RUN_DEPENDENT = ("train_finish_time", "model_guid")


def fit(train: Rows, validation: Rows, tuned: Mapping[str, Any], dev: Development) -> CatBoost:
    """Fit on train; `validation` only says after how many trees to stop."""
    model = CatBoost(fixed_parameters(dev) | dict(tuned))
    model.fit(pool_of(train.matrix, train.bad), eval_set=pool_of(validation.matrix, validation.bad))
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
