"""The benchmark: a logistic scorecard on bins, kept as JSON.

Each feature contributes points (log-odds) by the bin its value falls in; missing is a bin.
Evidence of events contributes a slope times its value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Points:
    """Points of one feature.

    A number falls in bin i of `edges` ((-inf, e1], (e1, e2], ... (ek, inf)), `points` holds one
    per bin and last the missing one; a category has its own in `levels`, an unknown one 0. With a
    `slope` a number adds that times its value as well (0 for a missing one).
    """

    edges: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    levels: Mapping[str, float] | None = None
    slope: float = 0.0

    def of(self, values: "pd.Series[Any]") -> NDArray[np.float64]:
        """Points per row."""
        if self.levels is not None:
            return np.array([self.levels.get(str(value), 0.0) for value in values], dtype=float)
        numbers = values.to_numpy(dtype=float)
        binned = np.array(self.points)[bin_index(numbers, self.edges)]
        return np.asarray(binned + self.slope * np.nan_to_num(numbers))


@dataclass(frozen=True)
class Scorecard:
    """Log-odds = intercept + the points of every feature."""

    intercept: float
    features: Mapping[str, Points]

    def predict(self, matrix: pd.DataFrame) -> NDArray[np.float64]:
        """PD (rows,) for a matrix of the model it was built beside."""
        total = np.full(len(matrix), self.intercept)
        for name, points in self.features.items():
            total += points.of(matrix[name])
        return np.asarray(1 / (1 + np.exp(-np.clip(total, -30, 30))))


def bin_index(values: NDArray[np.float64], edges: tuple[float, ...]) -> NDArray[np.int64]:
    """Bin of each value, 0 to len(edges); missing is len(edges) + 1."""
    index = np.searchsorted(np.array(edges), values, side="left")
    return np.where(np.isnan(values), len(edges) + 1, index).astype(np.int64)
