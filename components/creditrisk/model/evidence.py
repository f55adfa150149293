"""Pooled event evidence: what a customer's whole event history says, as one number.

If event vectors are, given the outcome, independent draws whose log-likelihood ratio is
linear (normal with one covariance, say), the evidence of a history is the sum of w.x + c
over its events: linear in the count and the sums gold holds. So a logistic regression on
(count, sums) is that model fitted by maximum likelihood, and evidence is one dot product.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Evidence:
    """The encoder of one events source, in log-odds.

    `means` are per event: a sum counts as its excess over count * mean, since raw sums mostly
    repeat the count. `scales` (count first, then sums) standardise; an encoder that
    could not be fitted has no weights and says nothing (NaN) about anyone.
    """

    means: tuple[float, ...]
    centre: float  # mean count
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    offset: float  # intercept minus the log-odds of the base rate
    ridge: float  # penalty the weights were fitted under

    @property
    def fitted(self) -> bool:
        return bool(self.weights)

    def of(self, count: "pd.Series[float]", sums: pd.DataFrame) -> NDArray[np.float64]:
        """Evidence (rows,): log-odds given the events minus base log-odds; NaN without a count."""
        return self.of_rows(event_rows(count, sums))

    def of_rows(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for count and sums as (rows, 1 + columns)."""
        if not self.fitted:
            return np.full(len(rows), np.nan)
        design = standardised(rows, self.means, self.centre, self.scales)
        # row by row, not as a matrix product: one applicant alone scores as in a batch
        return np.asarray((design * np.array(self.weights)).sum(axis=1) + self.offset)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        return cls(
            means=tuple(content["means"]),
            centre=float(content["centre"]),
            scales=tuple(content["scales"]),
            weights=tuple(content["weights"]),
            offset=float(content["offset"]),
            ridge=float(content["ridge"]),
        )


UNFITTED = Evidence((), 0.0, (), (), 0.0, 0.0)


def event_rows(count: "pd.Series[float]", sums: pd.DataFrame) -> NDArray[np.float64]:
    """Count and sums as (rows, 1 + columns)."""
    counts = count.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.column_stack([counts, sums.to_numpy(dtype=np.float64, na_value=np.nan)])


def standardised(
    rows: NDArray[np.float64],
    means: tuple[float, ...],
    centre: float,
    scales: tuple[float, ...],
) -> NDArray[np.float64]:
    """(count - centre, sums - count * means) / scales; a lone missing sum counts as average."""
    count = rows[:, :1]
    excess = rows[:, 1:] - count * np.array(means)
    excess = np.where(np.isnan(excess) & ~np.isnan(count), 0.0, excess)
    return np.ascontiguousarray(np.hstack([count - centre, excess]) / np.array(scales))
