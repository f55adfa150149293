"""Fit the benchmark: a logistic regression on weight of evidence, fitted on train rows."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from creditrisk.metrics.stability import FrozenBins
from creditrisk.model.scorecard import Points, Scorecard, bin_index
from creditrisk.training.rows import Rows

BINS = 8
PRIOR_ROWS = 20.0  # rows at the base rate added to each bin: rare bins stay near 0


def fit_scorecard(train: Rows) -> Scorecard:
    """Weight of evidence per bin, then one weight per feature (L2, C=1)."""
    woe = {name: _woe(train.matrix[name], train.bad) for name in train.matrix.columns}
    design = np.column_stack([points.of(train.matrix[name]) for name, points in woe.items()])
    fit = LogisticRegression(solver="newton-cholesky", tol=1e-10).fit(design, train.bad)
    weights = dict(zip(woe, fit.coef_[0].tolist(), strict=True))
    return Scorecard(
        intercept=round(float(fit.intercept_[0]), 10),
        features={name: _weighted(points, weights[name]) for name, points in woe.items()},
    )


def _woe(values: "pd.Series[Any]", bad: NDArray[np.int64]) -> Points:
    """Log-odds of each bin minus those of all rows."""
    if values.dtype == object:
        levels, index = np.unique(values.to_numpy(dtype=str), return_inverse=True)
        evidence = _evidence(index, len(levels), bad)
        return Points(levels=dict(zip(levels.tolist(), evidence, strict=True)))
    edges = FrozenBins.numeric(values, BINS).edges
    index = bin_index(values.to_numpy(dtype=float), edges)
    return Points(edges, tuple(_evidence(index, len(edges) + 2, bad)))


def _evidence(index: NDArray[np.int64], bins: int, bad: NDArray[np.int64]) -> list[float]:
    base = bad.mean()
    bads = np.bincount(index, weights=bad, minlength=bins) + PRIOR_ROWS * base
    goods = np.bincount(index, weights=1 - bad, minlength=bins) + PRIOR_ROWS * (1 - base)
    found: list[float] = (np.log(bads / goods) - np.log(base / (1 - base))).tolist()
    return found


def _weighted(points: Points, weight: float) -> Points:
    if points.levels is not None:
        return Points(levels={k: round(v * weight, 10) for k, v in points.levels.items()})
    return Points(points.edges, tuple(round(v * weight, 10) for v in points.points))
