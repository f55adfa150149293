"""Pooled event evidence: what a customer's whole event history says, as one number.

If event vectors are, given the outcome, independent draws from normal distributions with one
covariance, the log-likelihood ratio of a history (bad against good) is the sum over its events
of w.(x - m), m halfway between the two means: linear in the count and the sums gold holds. So
evidence is one dot product.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class EventEncoder:
    """The encoder of one events source, in log-odds.

    An event that equals `means` speaks for neither outcome; `weights` are per unit beyond it. An
    encoder that could not be fitted has neither and says nothing (NaN) about anyone.
    """

    means: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def fitted(self) -> bool:
        return bool(self.weights)

    def of(self, count: "pd.Series[float]", sums: pd.DataFrame) -> NDArray[np.float64]:
        """Evidence (rows,); 0 without events, NaN without a count."""
        return self.of_rows(event_rows(count, sums))

    def of_rows(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for count and sums as (rows, 1 + columns)."""
        if not self.fitted:
            return np.full(len(rows), np.nan)
        return np.asarray(self.parts(rows).sum(axis=1))

    def parts(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each column says (rows, columns); they sum to the evidence."""
        # row by row, not as a matrix product: one applicant alone scores as in a batch
        beyond = np.ascontiguousarray(excess(rows, np.array(self.means)))
        return np.asarray(beyond * np.array(self.weights))


UNFITTED = EventEncoder((), ())


def event_rows(count: "pd.Series[float]", sums: pd.DataFrame) -> NDArray[np.float64]:
    """Count and sums as (rows, 1 + columns); infinities count as missing."""
    counts = count.to_numpy(dtype=np.float64, na_value=np.nan)
    rows = np.column_stack([counts, sums.to_numpy(dtype=np.float64, na_value=np.nan)])
    return np.where(np.isfinite(rows), rows, np.nan)


def excess(rows: NDArray[np.float64], means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums less count * means (one set, or one per row); a lone missing sum counts as average."""
    count = rows[:, :1]
    beyond = rows[:, 1:] - count * means
    return np.where(np.isnan(beyond) & ~np.isnan(count), 0.0, beyond)
