"""Fit the benchmark: the best scorecard the features and rows allow, fitted on train rows.

A logistic regression on bins: one coefficient for the step from a bin to the next, shrunk (ridge)
towards equal steps, a straight line over the bins, so that it bends as far as the data say so;
steps keep to the directions of the portfolio.
Evidence of events is log-odds already and enters as it is, with a slope. How much is shrunk is
chosen out of fold, on newer cohorts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.logistic import logistic_loss
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.scorecard import Points, Scorecard, bin_index
from creditrisk.stages.training.rows import Rows, temporal_folds

BINS = 32  # fine: shrinking joins what does not differ
SHRINKING = (100.0, 300.0, 1000.0)  # what pulls each step towards the mean step
LEVELLING = 0.03  # of it: what pulls the mean step towards none
WITHOUT_FOLDS = 300.0
# Until nothing moves: then processors whose BLAS rounds otherwise agree to six digits. Fifty pairs
# of steps remembered take a third of the iterations that ten do.
_CONVERGED = {"maxiter": 5000, "maxfun": 10000, "maxcor": 50, "ftol": 1e-15, "gtol": 1e-9}


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the design: the bin of each row, its first coefficient, and its values if linear.

    Bins of a number are `edges` and last the missing one; of a category one per level. A linear
    column has two: known, and missing.
    """

    name: str
    index: IntArray
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    values: FloatArray | None = None

    @property
    def ordered(self) -> bool:
        return self.values is None and not self.levels

    @property
    def size(self) -> int:
        """Coefficients: of its bins, of a linear one its slope besides."""
        return 3 if self.values is not None else len(self.levels) or len(self.edges) + 2

    def points(self, coefficients: FloatArray) -> FloatArray:
        """Of each bin: of a number the steps up to it."""
        if not self.ordered:
            return coefficients
        return np.append(np.cumsum(coefficients[:-1]), coefficients[-1])

    def added(self, coefficients: FloatArray) -> FloatArray:
        """What it adds to each row's log-odds."""
        whole = self.points(coefficients)[self.index]
        return whole if self.values is None else whole + coefficients[2] * self.values

    def gradient(self, surplus: FloatArray) -> FloatArray:
        """Of the loss by its coefficients, for fitted less observed of each row."""
        found = np.bincount(self.index, weights=surplus, minlength=self.size).astype(np.float64)
        if self.values is not None:
            found[2] = surplus @ self.values
        elif self.ordered:
            found[:-1] = np.cumsum(found[:-1][::-1])[::-1]
        return found

    def shrunk(self, coefficients: FloatArray, by: float) -> tuple[float, FloatArray]:
        """What shrinking adds to the loss, and its gradient; a slope is not shrunk."""
        slope = by * LEVELLING * coefficients
        if self.ordered:
            steps = coefficients[1:-1]
            mean = steps.mean() if len(steps) else 0.0
            slope[1:-1] = by * (steps - mean + LEVELLING * mean)
        elif self.values is not None:
            slope[2] = 0.0
        return float(slope @ coefficients) / 2, slope

    def bounds(self, direction: int) -> list[tuple[float | None, float | None]]:
        """Its first bin is where points are counted from; a direction binds every step."""
        free: tuple[float | None, float | None] = (None, None)
        if self.values is not None:
            return [(0.0, 0.0), free, free]
        if self.levels:
            return [free] * self.size
        step = free if not direction else (0.0, None) if direction > 0 else (None, 0.0)
        return [(0.0, 0.0), *[step] * (self.size - 2), free]


def fit_scorecard(
    train: Rows, later: Rows | None, direction: Mapping[str, int], evidence: Sequence[str]
) -> Scorecard:
    """`later`: rows of newer cohorts that choose how much is shrunk; without, train's newest do.

    `direction` of a feature: the PD rises (1) or falls (-1) with it; `evidence` is linear.
    """
    if later is not None:
        cards = (_fitted(train, direction, evidence, shrinking) for shrinking in SHRINKING)
        return min(cards, key=lambda card: _held_out(card, later))
    folds = temporal_folds(train, 1)
    chosen = WITHOUT_FOLDS
    if folds:
        older, newest = folds[0]
        chosen = min(
            SHRINKING, key=lambda s: _held_out(_fitted(older, direction, evidence, s), newest)
        )
    return _fitted(train, direction, evidence, chosen)


def _held_out(card: Scorecard, rows: Rows) -> float:
    """Mean log-loss."""
    pd_ = card.predict(rows.matrix)
    return logistic_loss(special.logit(pd_), rows.bad == 1) / len(rows.bad)


def _fitted(
    train: Rows, direction: Mapping[str, int], evidence: Sequence[str], shrinking: float
) -> Scorecard:
    columns = [_column(train.matrix[name], name in evidence) for name in train.matrix.columns]
    ends = np.cumsum([1, *(column.size for column in columns)])
    places = [slice(*pair) for pair in pairwise(ends.tolist())]
    bad, rows = train.bad == 1, len(train.bad)

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        logits = np.full(rows, beta[0])
        for column, place in zip(columns, places, strict=True):
            logits += column.added(beta[place])
        surplus = special.expit(logits) - bad
        whole, slope = logistic_loss(logits, bad), [np.array([surplus.sum()])]
        for column, place in zip(columns, places, strict=True):
            added, pull = column.shrunk(beta[place], shrinking)
            whole += added
            slope.append(column.gradient(surplus) + pull)
        return whole / rows, np.concatenate(slope) / rows

    start = np.zeros(ends[-1])
    start[0] = special.logit(bad.mean())
    limits = [(None, None), *(b for c in columns for b in c.bounds(direction.get(c.name, 0)))]
    found = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=limits, options=_CONVERGED
    )
    return Scorecard(
        intercept=round(float(found.x[0]), 10),
        features={
            column.name: _points(column, found.x[place])
            for column, place in zip(columns, places, strict=True)
        },
    )


def _column(values: "pd.Series[Any]", linear: bool) -> Column:
    name = str(values.name)
    if values.dtype == object:
        levels, index = np.unique(values.to_numpy(dtype=str), return_inverse=True)
        return Column(name, index.astype(np.int64), levels=tuple(levels.tolist()))
    numbers: NDArray[np.float64] = values.to_numpy(dtype=float)
    if linear:
        missing = np.isnan(numbers)
        return Column(name, missing.astype(np.int64), values=np.where(missing, 0.0, numbers))
    edges = FrozenBins.numeric(numbers, BINS).edges
    return Column(name, bin_index(numbers, edges), edges)


def _points(column: Column, coefficients: FloatArray) -> Points:
    whole = [round(float(value), 10) for value in column.points(coefficients)]
    if column.levels:
        return Points(levels=dict(zip(column.levels, whole, strict=True)))
    if column.values is not None:
        return Points(slope=whole[2], points=(0.0, whole[1]))
    return Points(column.edges, tuple(whole))
