"""Fit CatBoost: early stopping on validation, the same bytes from the same inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from catboost import CatBoost, Pool
from sklearn.linear_model import LogisticRegression

from creditrisk.model.scorer import BaseMargin, ModelMetadata, embed, pool_of
from creditrisk.policy import Development
from creditrisk.portfolio import Monotone, Portfolio
from creditrisk.records.card import ModelFeature
from creditrisk.stages.training.rows import Rows
from creditrisk.temporary_folder import temporary_folder

Parameters = dict[str, Any]
START: Parameters = {
    "depth": 3,
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
    """How the PD must move (1 up, -1 down with a feature, all else equal) and where it starts.

    CatBoost takes a missing value for the smallest, which a direction would turn into the
    safest or the riskiest of all: where there is a direction, a missing value stands for a typical
    one (the median of train).
    """

    direction: Mapping[str, int]
    kept: ModelMetadata

    @property
    def parameters(self) -> Parameters:
        """The constraint as CatBoost takes it."""
        return {"monotone_constraints": dict(self.direction)} if self.direction else {}

    def pool(self, rows: Rows) -> Pool:
        """The rows, missing values filled where there is a direction, and where each starts."""
        pool = pool_of(rows.matrix, rows.bad, self.kept.typical)
        if self.kept.start.slopes:
            pool.set_baseline(self.kept.start.of(rows.matrix))
        return pool


def shape_of(train: Rows, features: Sequence[ModelFeature], portfolio: Portfolio) -> Shape:
    """Directions of the features that have one, the median of train for each, and the start."""
    direction = {f.name: SIGNS[f.monotone] for f in features if f.monotone}
    medians = {name: float(train.matrix[name].median()) for name in direction}
    typical = {name: 0.0 if np.isnan(median) else median for name, median in medians.items()}
    evidence = [e.evidence for e in portfolio.events if e.evidence in train.matrix]
    return Shape(direction, ModelMetadata(typical, base_margin_of(train, evidence)))


def base_margin_of(train: Rows, evidence: Sequence[str]) -> BaseMargin:
    """A logistic regression on out-of-fold evidence, which may trust itself too much.

    Fitted on the rows that have all of it; evidence that would have to be turned round is left out.
    """
    rows = train.matrix[list(evidence)]
    known = rows.notna().all(axis=1).to_numpy()
    if not evidence or len(set(train.bad[known].tolist())) < 2:
        return BaseMargin()
    line = LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-10)
    line.fit(rows[known].to_numpy(), train.bad[known])
    weights = zip(evidence, line.coef_[0].tolist(), strict=True)
    slopes = {name: round(weight, 10) for name, weight in weights if weight > 0}
    start = BaseMargin(round(float(line.intercept_[0]), 10), slopes)
    means = {name: round(float(part.mean()), 10) for name, part in start.parts(rows).items()}
    return replace(start, means=means)


def fit(
    train: Rows, validation: Rows, tuned: Mapping[str, Any], shape: Shape, dev: Development
) -> CatBoost:
    """Fit on train; `validation` only says after how many trees to stop."""
    model = CatBoost(fixed_parameters(dev) | dict(tuned) | shape.parameters)
    model.fit(shape.pool(train), eval_set=shape.pool(validation))
    embed(model, shape.kept)
    return model


def fit_frozen(rows: Rows, parameters: Mapping[str, Any], shape: Shape) -> CatBoost:
    """As many trees as `parameters` of a fitted version say; nothing stops them earlier."""
    early = ("trees", "iterations", "od_type", "od_wait", "use_best_model", "eval_metric")
    frozen = {name: value for name, value in parameters.items() if name not in early}
    model = CatBoost(frozen | {"iterations": parameters["trees"]} | shape.parameters)
    model.fit(shape.pool(rows))
    embed(model, shape.kept)
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
        "model_shrink_rate": 0,  # the default, unsaid it warns about every start
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
    with temporary_folder() as folder:  # CatBoost writes to a path only
        path = folder / "model.cbm"
        model.save_model(str(path))
        return path.read_bytes()
