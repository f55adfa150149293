"""Which applications became loans, by their PD: where outcomes exist at all.

A lender who lends by the score learns the outcomes of what he booked. Two samples of loans may be
compared only after the one is weighted as the other was selected.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from creditrisk.metrics.scored_rows import FloatArray, IntArray

LEAST_GAIN = 20.0  # of a split, twice the log likelihood: by chance in about one book of 1,000
LEAST_ROWS = 10  # of a band
MOST_BANDS = 16


@dataclass(frozen=True, eq=False)
class BookingRates:
    """Share of applications that an outcome is known of, in bands of PD.

    Band i is (edges[i - 1], edges[i]]; the last one has no upper end.
    """

    edges: FloatArray
    rates: FloatArray

    def of(self, pds: FloatArray) -> FloatArray:
        """The rate at each PD (rows,)."""
        return np.asarray(self.rates[np.searchsorted(self.edges, pds, side="left")])

    @property
    def selective(self) -> bool:
        """Whether it depends on the PD at all."""
        return len(self.rates) > 1


def booking_rates(pds: FloatArray, known: NDArray[np.bool_]) -> BookingRates:
    """Bands found by a tree that splits where the rate jumps most, and never by chance alone.

    `pds` and `known` hold one entry per application. Raises ValueError for none.
    """
    if not len(pds):
        raise ValueError("there is no application to learn a booking rate from")
    levels, place = np.unique(pds, return_inverse=True)
    # the tree halves float32: places are exact there, PDs are not
    tree = DecisionTreeRegressor(
        max_leaf_nodes=MOST_BANDS,
        min_samples_leaf=LEAST_ROWS,
        min_impurity_decrease=_least_decrease(known),
        random_state=0,
    ).fit(place[:, None], known.astype(float))
    inner = tree.tree_.feature >= 0
    cuts = np.sort(np.floor(tree.tree_.threshold[inner]).astype(np.int64))
    band = np.searchsorted(cuts, place, side="left")
    rows = np.bincount(band, minlength=len(cuts) + 1)
    booked = np.bincount(band, weights=known, minlength=len(rows))
    return BookingRates((levels[cuts] + levels[cuts + 1]) / 2, booked / rows)


def selection_weights(then: BookingRates, now: BookingRates, pds: FloatArray) -> FloatArray:
    """Of rows selected as `then`: what makes them stand for a sample selected as `now`.

    0 where no outcome of that PD was known then, or is now.
    """
    before, after = then.of(pds), now.of(pds)
    return np.divide(after, before, out=np.zeros(len(pds)), where=before > 0)


def effective(weights: FloatArray, cluster: IntArray | None = None) -> float:
    """How many equal rows weighted ones are worth (Kish 1965); 0 for none.

    Those of a `cluster` may all be one, as in `independent`.
    """
    each = weights if cluster is None or not len(cluster) else np.bincount(cluster, weights=weights)
    total = float(np.square(each).sum())
    return float(weights.sum()) ** 2 / total if total else 0.0


def _least_decrease(known: NDArray[np.bool_]) -> float:
    """`LEAST_GAIN` as the tree counts it: variance that a split takes away, per row."""
    rate = float(known.mean())
    # near independence the likelihood ratio is rows * variance explained / (rate * (1 - rate))
    return max(LEAST_GAIN * rate * (1 - rate) / len(known), math.ulp(1.0))
