"""Logistic regression of outcomes on a few columns, by maximum likelihood."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from creditrisk.metrics.scored_rows import FloatArray

MAX_NEWTON_STEPS = 100


def log_odds(pd: FloatArray) -> FloatArray:
    """logit of PDs (rows,); those of 0 and 1 count as 1e-6 and 1 - 1e-6."""
    return np.asarray(special.logit(np.clip(pd, 1e-6, 1 - 1e-6)))


def fit_logistic(design: FloatArray, bad: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Coefficients (columns,) and their covariance, for a design (rows, columns).

    Newton's method, halving steps that lose likelihood. Raises ValueError where it does not
    settle.
    """
    beta = np.zeros(design.shape[1])
    loss = logistic_loss(design @ beta, bad)
    for _ in range(MAX_NEWTON_STEPS):
        fitted = special.expit(design @ beta)
        information = (design.T * (fitted * (1 - fitted))) @ design
        step = np.linalg.solve(information, design.T @ (bad - fitted))
        while (tried := logistic_loss(design @ (beta + step), bad)) > loss + 1e-12 * (1 + loss):
            step /= 2
        beta, loss = beta + step, tried
        if np.abs(step).max() < 1e-9:
            return beta, np.linalg.inv(information)
    raise ValueError(f"the calibration slope did not settle in {MAX_NEWTON_STEPS} Newton steps")


def logistic_loss(logits: FloatArray, bad: NDArray[np.bool_]) -> float:
    """Minus the log likelihood."""
    return float(np.logaddexp(0, np.where(bad, -logits, logits)).sum())


def require_overlap(x: FloatArray, bad: NDArray[np.bool_]) -> None:
    """ValueError where the likelihood of a slope on `x` (rows,) has no finite maximum."""
    if bad.all() or not bad.any():
        raise ValueError("y holds one class only; the calibration slope is undefined")
    if x.min() == x.max():
        raise ValueError("p is the same in every row; the calibration slope is undefined")
    bads, goods = x[bad], x[~bad]
    if bads.min() >= goods.max() or goods.min() >= bads.max():
        raise ValueError("p separates bads from goods; the calibration slope is not finite")
