"""Scores as ranks: what AUC, DeLong's error, KS and the ROC curve are all counted from.

Of rows that stand for more or fewer than one row each, too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from creditrisk.metrics.design_effect import clustered_variance
from creditrisk.metrics.estimates import AucEstimate, auc_estimate
from creditrisk.metrics.scored_rows import FloatArray, IntArray, ScoredRows, two_classes


@dataclass(frozen=True, eq=False)
class Ties:
    """Distinct scores, ascending, with the bads and goods at each; `group` per row."""

    scores: FloatArray
    bads: IntArray
    goods: IntArray
    group: IntArray


@dataclass(frozen=True, eq=False)
class Placements:
    """For each bad the share of goods below it, for each good the share of bads above it."""

    auc: float
    of_bads: FloatArray
    of_goods: FloatArray


class RocCurve(NamedTuple):
    """Points from (0, 0) to (1, 1); a point flags rows with p >= its finite threshold."""

    fpr: FloatArray
    tpr: FloatArray
    thresholds: FloatArray


def ties(rows: ScoredRows) -> Ties:
    scores, group = np.unique(rows.score, return_inverse=True)
    bads = np.bincount(group[rows.bad], minlength=len(scores))
    return Ties(scores, bads, np.bincount(group) - bads, group)


def placed(tied: Ties) -> tuple[float, FloatArray, FloatArray]:
    """AUC and, at each score, the share of goods below it and of bads above it."""
    bads, goods = int(tied.bads.sum()), int(tied.goods.sum())
    # twice the count keeps half ties whole numbers: the AUC is then free of summation error
    goods_below = 2 * np.cumsum(tied.goods) - tied.goods
    bads_above = 2 * bads - (2 * np.cumsum(tied.bads) - tied.bads)
    area = int(tied.bads @ goods_below) / (2 * bads * goods)
    return area, goods_below / (2 * goods), bads_above / (2 * bads)


def placements(rows: ScoredRows) -> Placements:
    tied = ties(rows)
    area, of_bads, of_goods = placed(tied)
    return Placements(area, of_bads[tied.group[rows.bad]], of_goods[tied.group[~rows.bad]])


def roc_curve(y: ArrayLike, p: ArrayLike, points: int = 101) -> RocCurve:
    """The ROC curve thinned to at most `points` of its corners, spread evenly along it.

    The first threshold is the next number above the highest score, not infinity, which Kubeflow
    refuses.
    """
    if points < 2:
        raise ValueError(f"points must be at least 2; got {points}")
    tied = ties(two_classes(y, p))
    fpr = np.append(0, np.cumsum(tied.goods[::-1])) / tied.goods.sum()
    tpr = np.append(0, np.cumsum(tied.bads[::-1])) / tied.bads.sum()
    thresholds = np.append(np.nextafter(tied.scores[-1], np.inf), tied.scores[::-1])
    kept = np.arange(len(fpr))
    if len(kept) > points:
        kept = np.unique(np.searchsorted(fpr + tpr, np.linspace(0, 2, points)))
    return RocCurve(fpr[kept], tpr[kept], thresholds[kept])


def mean_auc(estimates: Sequence[AucEstimate], shares: Sequence[float]) -> AucEstimate:
    """Mean over groups of rows, at least one, by their `shares`, which sum to 1.

    Exact where all rows are of one group; pairs across groups are left out otherwise.
    """
    auc = float(np.dot(shares, [estimate.auc for estimate in estimates]))
    se = float(np.linalg.norm(np.multiply(shares, [estimate.se for estimate in estimates])))
    bads, goods = sum(e.bads for e in estimates), sum(e.goods for e in estimates)
    return auc_estimate(auc, se, bads, goods)


def promised_auc(p: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Model-based concordance (van Klaveren et al. 2016) of PDs of shape (rows,).

    What AUC they would have if every one were right: the chance that, of a bad and a good drawn by
    the PDs, the bad has the higher PD; ties count half. Row i counts `weights[i]` times. It moves
    with the applicants (a narrower range, longer histories, another mix), which is no decay. None
    where no row can be bad, or none good.
    """
    pds = np.asarray(p, dtype=np.float64)
    count = np.ones(len(pds)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not ((pds >= 0) & (pds <= 1)).all() or pds.shape != count.shape:
        raise ValueError("p must be probabilities, with as many weights")
    scores, group = np.unique(pds, return_inverse=True)
    rows = np.bincount(group, weights=count)
    bads, goods = rows * scores, rows * (1 - scores)
    pairs = bads.sum() * goods.sum()
    if not pairs > 0:
        return None
    below = np.cumsum(goods) - goods / 2
    return float(bads @ below / pairs)


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
