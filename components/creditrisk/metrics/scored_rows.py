"""Outcomes and scores of the same rows, checked once for every metric."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """One entry per row: `bad` (True = defaulted) and `score` (finite; higher = riskier)."""

    bad: NDArray[np.bool_]
    score: FloatArray

    @property
    def bads(self) -> int:
        return int(np.count_nonzero(self.bad))

    @property
    def goods(self) -> int:
        return len(self.bad) - self.bads


def scored_rows(y: ArrayLike, p: ArrayLike) -> ScoredRows:
    """Check outcomes `y` (0 or 1) against scores `p`, both of shape (rows,).

    Raises ValueError for no rows, other shapes, outcomes that are not 0 or 1 (NaN included) and
    scores that are not finite: a metric over part of the rows would not say so.
    """
    outcome, score = np.asarray(y), np.asarray(p, dtype=np.float64)
    if outcome.ndim != 1 or outcome.shape != score.shape:
        raise ValueError(
            f"y and p must be one-dimensional and equally long; got {outcome.shape}, {score.shape}"
        )
    if not len(outcome):
        raise ValueError("y and p have no rows")
    bad = np.asarray(outcome == 1)
    strange = ~bad & (outcome != 0)
    if strange.any():
        raise ValueError(
            f"y must be 0 (good) or 1 (bad); {strange.sum()} rows are not, "
            f"e.g. {outcome[strange][0]}"
        )
    gaps = int(np.count_nonzero(~np.isfinite(score)))
    if gaps:
        raise ValueError(f"p must be finite; {gaps} of {len(score)} rows are NaN or infinite")
    return ScoredRows(bad, score)


def two_classes(y: ArrayLike, p: ArrayLike) -> ScoredRows:
    """`scored_rows` that holds at least one bad and one good; ValueError otherwise."""
    rows = scored_rows(y, p)
    if not rows.bads or not rows.goods:
        raise ValueError(
            f"y holds one class only ({rows.bads} bads, {rows.goods} goods); "
            "discrimination needs at least one of each"
        )
    return rows


def default_probabilities(y: ArrayLike, p: ArrayLike) -> ScoredRows:
    """`scored_rows` whose scores are probabilities; ValueError outside 0 to 1."""
    rows = scored_rows(y, p)
    outside = (rows.score < 0) | (rows.score > 1)
    if outside.any():
        raise ValueError(
            f"p must be a probability; {outside.sum()} rows lie outside 0 to 1, "
            f"e.g. {rows.score[outside][0]}"
        )
    return rows


def score_bands(score: FloatArray, bands: int) -> IntArray:
    """The band of each row, 0 (lowest scores) to `bands` - 1, of as equal size as ties allow.

    Equal scores share a band, so neither row order nor a monotone transform changes it; some
    bands may therefore be empty.
    """
    if bands < 1:
        raise ValueError(f"bands must be at least 1; got {bands}")
    _, group, sizes = np.unique(score, return_inverse=True, return_counts=True)
    below = np.cumsum(sizes) - sizes
    return np.asarray((below * bands // len(score))[group])
