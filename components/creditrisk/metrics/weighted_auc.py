"""AUC of rows that stand for more or fewer than one row each."""

import math

import numpy as np
from numpy.typing import ArrayLike

from creditrisk.metrics.design_effect import clustered_variance
from creditrisk.metrics.estimates import AucEstimate, auc_estimate
from creditrisk.metrics.ranking import ties
from creditrisk.metrics.scored_rows import FloatArray, ScoredRows, two_classes


def weighted_delong(
    y: ArrayLike, p: ArrayLike, weights: ArrayLike, cluster: ArrayLike | None = None
) -> AucEstimate:
    """AUC with DeLong's error where row i counts `weights[i]` times; rows of weight 0 are left out.

    The error is that of a ratio of weighted sums by linearisation, weights taken as known; with
    equal weights it is DeLong, DeLong and Clarke-Pearson (1988) to the last digit but rounding.
    `cluster` numbers rows that are not independent of each other (Obuchowski 1997). Raises
    ValueError for negative or infinite weights, and where no bad or no good is left.
    """
    given = np.asarray(weights, dtype=np.float64)
    outcome, score = np.asarray(y), np.asarray(p, dtype=np.float64)
    if given.shape != outcome.shape or not (np.isfinite(given) & (given >= 0)).all():
        raise ValueError("weights must be finite, not negative, and one for each row")
    kept = given > 0
    rows, w = two_classes(outcome[kept], score[kept]), given[kept]
    of_bads, of_goods = _placements(rows, w)
    share_bads = w[rows.bad] / w[rows.bad].sum()
    share_goods = w[~rows.bad] / w[~rows.bad].sum()
    area = float(share_bads @ of_bads)
    surplus = np.empty(len(w))
    surplus[rows.bad] = _surplus(share_bads, of_bads - area)
    surplus[~rows.bad] = _surplus(share_goods, of_goods - area)
    variance = clustered_variance(surplus, None if cluster is None else np.asarray(cluster)[kept])
    fewest = min(rows.bads, rows.goods)
    se = math.sqrt(variance) if fewest > 1 and variance > 0 else 1 / (2 * fewest)
    return auc_estimate(area, se, rows.bads, rows.goods)


def _placements(rows: ScoredRows, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each bad the weighted share of goods below it, for each good that of bads above it."""
    tied = ties(rows)
    of_bad = np.where(rows.bad, weights, 0.0)
    bads = np.bincount(tied.group, weights=of_bad)
    goods = np.bincount(tied.group, weights=weights - of_bad)
    below = (np.cumsum(goods) - goods / 2) / goods.sum()
    above = 1 - (np.cumsum(bads) - bads / 2) / bads.sum()
    return below[tied.group[rows.bad]], above[tied.group[~rows.bad]]


def _surplus(shares: FloatArray, beyond: FloatArray) -> FloatArray:
    """What rows of one class add to the AUC beyond its mean; squared, its variance."""
    return np.asarray(shares * beyond * math.sqrt(len(shares) / max(1, len(shares) - 1)))
