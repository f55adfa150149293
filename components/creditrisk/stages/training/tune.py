"""Tune on temporal folds inside train: the newest train cohorts, held out in turn.

Each fold learns from the cohorts before the held-out one. The budget is counted in trials, so that
equal inputs give equal parameters; the seconds are a guard, and the card says when it cut.
A held-out row's evidence comes from encoders blind to its customer, though not to its
cohort: enough to compare parameters with, never shown as performance.
"""

import logging
import sys
from dataclasses import dataclass

import numpy as np
import optuna
from catboost import CatBoost, Pool

from creditrisk.policy import Development
from creditrisk.records.development import Tuning
from creditrisk.stages.training.fit import START, Shape, fixed_parameters
from creditrisk.stages.training.rows import Rows, temporal_folds

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Fold:
    """One held-out cohort and the rows before it."""

    learn: Pool
    held_out: Pool


def tune(train: Rows, shape: Shape, dev: Development) -> Tuning:
    """Search `tuning_trials` parameter sets, the first being sound defaults; lowest loss wins."""
    folds = [
        Fold(shape.pool(learn), shape.pool(held_out))
        for learn, held_out in temporal_folds(train, dev.tuning_folds)
    ]
    if not folds:
        return Tuning(parameters=START, trials=(), cut=False, wanted=dev.tuning_trials)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=dev.seed, n_startup_trials=5),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )
    study.enqueue_trial(dict(START))
    study.optimize(
        lambda trial: _loss(trial, folds, shape, dev),
        n_trials=dev.tuning_trials,
        timeout=dev.tuning_seconds,
        callbacks=[lambda study, trial: _log_trial(study, trial, dev)],
        show_progress_bar=sys.stderr.isatty(),  # a pod's log has the lines of `_log_trial`
    )
    trials = tuple(
        {"number": t.number + 1, "state": t.state.name.lower(), "loss": t.value, **t.params}
        for t in study.trials
        if t.state.is_finished()
    )
    return Tuning(
        parameters=study.best_params,
        trials=trials,
        cut=len(trials) < dev.tuning_trials,
        wanted=dev.tuning_trials,
    )


def _log_trial(study: optuna.Study, trial: optuna.trial.FrozenTrial, dev: Development) -> None:
    loss = "pruned" if trial.value is None else f"log-loss {trial.value:.5f}"
    best = f"{study.best_value:.5f} (trial {study.best_trial.number + 1})"
    log.info("trial %d of %d: %s, best %s", trial.number + 1, dev.tuning_trials, loss, best)


def _loss(trial: optuna.Trial, folds: list[Fold], shape: Shape, dev: Development) -> float:
    parameters = {
        **fixed_parameters(dev),
        **shape.parameters,
        "depth": trial.suggest_int("depth", 2, 5),
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.1, log=True),
        "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 1.0, 30.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.6, 1.0),
        "rsm": trial.suggest_float("rsm", 0.5, 1.0),
    }
    losses: list[float] = []
    for number, fold in enumerate(folds):
        model = CatBoost(parameters).fit(fold.learn, eval_set=fold.held_out)
        losses.append(float(model.get_best_score()["validation"]["Logloss"]))
        trial.report(float(np.mean(losses)), number)
        if number + 1 < len(folds) and trial.should_prune():
            raise optuna.TrialPruned
    return float(np.mean(losses))
