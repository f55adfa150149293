"""Fit the benchmark: a logistic regression on weight of evidence, fitted on train rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.model.scorecard import Points, Scorecard, bin_index
from creditrisk.stages.training.rows import Rows

BINS = 8
PRIOR_ROWS = 20.0  # rows at the base rate added to each bin: rare bins stay near 0


def fit_scorecard(train: Rows, direction: Mapping[str, int]) -> Scorecard:
    """Weight of evidence per bin, then one weight per feature (L2, C=1).

    Where the PD has a direction (1 up, -1 down with the value) the bins keep to it, and a
    feature whose weight would turn it round is left out. Missing is free: it is a bin of its own.
    """
    woe = {
        name: _directed(_woe(train.matrix[name], train.bad), train.matrix[name], direction[name])
        if name in direction
        else _woe(train.matrix[name], train.bad)
        for name in train.matrix.columns
    }
    while True:
        design = np.column_stack([points.of(train.matrix[name]) for name, points in woe.items()])
        fit = LogisticRegression(solver="newton-cholesky", tol=1e-10).fit(design, train.bad)
        weights = dict(zip(woe, fit.coef_[0].tolist(), strict=True))
        turned = [name for name, weight in weights.items() if name in direction and weight < 0]
        if not turned or len(turned) == len(woe):
            break
        woe = {name: points for name, points in woe.items() if name not in turned}
    return Scorecard(
        intercept=round(float(fit.intercept_[0]), 10),
        features={
            name: _weighted(points, 0.0 if name in turned else weights[name])
            for name, points in woe.items()
        },
    )


def _directed(points: Points, values: "pd.Series[Any]", direction: int) -> Points:
    """The bins' points, pooled where they break the direction."""
    bins = len(points.edges) + 1
    index = bin_index(values.to_numpy(dtype=float), points.edges)
    rows = np.bincount(index, minlength=bins + 1)[:bins] + PRIOR_ROWS
    smooth = IsotonicRegression(increasing=direction > 0)
    found = smooth.fit_transform(np.arange(bins), points.points[:bins], sample_weight=rows)
    return Points(points.edges, (*found.tolist(), points.points[bins]))


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
