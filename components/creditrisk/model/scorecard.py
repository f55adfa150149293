"""The benchmark: a logistic scorecard on weight-of-evidence bins, kept as JSON.

Each feature contributes points (log-odds) by the bin its value falls in; missing is a bin.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Points:
    """Points of one feature.

    A number falls in bin i of `edges` ((-inf, e1], (e1, e2], ... (ek, inf)), `points` holds one
    per bin and last the missing one; a category has its own in `levels`, an unknown one 0.
    """

    edges: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    levels: Mapping[str, float] | None = None

    def of(self, values: "pd.Series[Any]") -> NDArray[np.float64]:
        """Points per row."""
        if self.levels is not None:
            return np.array([self.levels.get(str(value), 0.0) for value in values], dtype=float)
        return np.array(self.points)[bin_index(values.to_numpy(dtype=float), self.edges)]


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

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        features = {
            name: Points(tuple(raw["edges"]), tuple(raw["points"]), raw["levels"])
            for name, raw in content["features"].items()
        }
        return cls(float(content["intercept"]), features)


def bin_index(values: NDArray[np.float64], edges: tuple[float, ...]) -> NDArray[np.int64]:
    """Bin of each value, 0 to len(edges); missing is len(edges) + 1."""
    index = np.searchsorted(np.array(edges), values, side="left")
    return np.where(np.isnan(values), len(edges) + 1, index).astype(np.int64)
