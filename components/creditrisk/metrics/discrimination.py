"""How well a score ranks bads above goods. `y` is 1 for bad, `p` is higher for riskier.

Every function takes rows of shape (rows,) and raises ValueError on NaN or a single class.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from creditrisk.metrics.design_effect import design_effect, effect_of_share
from creditrisk.metrics.estimates import Z_95, AucEstimate, PairedAuc, Proportion, auc_estimate
from creditrisk.metrics.proportion import fisher, share_of
from creditrisk.metrics.ranking import Ties, placed, placements, ties
from creditrisk.metrics.scored_rows import BoolArray, FloatArray, IntArray, score_bands, two_classes


@dataclass(frozen=True)
class OneSided:
    """A difference and the probability of one at least as large if there were none."""

    difference: float
    p_value: float


@dataclass(frozen=True)
class ChiSquare:
    q: float
    df: int
    p_value: float


@dataclass(frozen=True)
class RankOrder:
    """Adjacent score bands, lowest first, and how often the riskier one defaulted less."""

    inversions: int
    significant: int
    rows: tuple[int, ...]
    bads: tuple[int, ...]


@dataclass(frozen=True)
class PrecisionRecall:
    """Rows with p above `cutoff` are flagged: share bad among them, share of all bads flagged."""

    cutoff: float
    precision: Proportion
    recall: Proportion


def auc(y: ArrayLike, p: ArrayLike) -> float:
    """Mann-Whitney: the share of bad-good pairs ranked correctly, ties counted half."""
    return placements(two_classes(y, p)).auc


def gini(area: float) -> float:
    """Gini (accuracy ratio) of an AUC."""
    return 2 * area - 1


def delong(y: ArrayLike, p: ArrayLike, cluster: ArrayLike | None = None) -> AucEstimate:
    """AUC and its error after DeLong, DeLong and Clarke-Pearson (1988), from mid-ranks.

    Perfect separation, ties only and a single bad or good leave no variance to estimate; there
    the error is half a row of the rarer class, not the certainty a 0 would claim. `cluster`
    numbers rows that are not independent of each other (Obuchowski 1997).
    """
    rows = two_classes(y, p)
    if cluster is None:
        return delong_of(ties(rows))
    place = placements(rows)
    surplus = _surplus(rows.bad, place.of_bads, place.of_goods)
    plain = delong_of(ties(rows))
    se = plain.se * math.sqrt(design_effect(surplus, cluster))
    return auc_estimate(plain.auc, se, plain.bads, plain.goods)


def delong_of(tied: Ties) -> AucEstimate:
    """The same of counted bads and goods at each score; there must be both."""
    area, of_bads, of_goods = placed(tied)
    bads, goods = int(tied.bads.sum()), int(tied.goods.sum())
    variance = 0.0
    if min(bads, goods) > 1:
        variance = _variance(of_bads, tied.bads) / bads + _variance(of_goods, tied.goods) / goods
    se = math.sqrt(variance) if variance > 0 else 1 / (2 * min(bads, goods))
    return auc_estimate(area, se, bads, goods)


def paired_delong(
    y: ArrayLike, p_a: ArrayLike, p_b: ArrayLike, cluster: ArrayLike | None = None
) -> PairedAuc:
    """DeLong's test of two scores on the same rows, from mid-ranks; `cluster` as in `delong`.

    Two scores of the same ranking differ by exactly 0 with error 0, which is no superiority.
    """
    rows = two_classes(y, p_a)
    a, b = placements(rows), placements(two_classes(y, p_b))
    of_bads, of_goods = a.of_bads - b.of_bads, a.of_goods - b.of_goods
    same = not of_bads.any() and not of_goods.any()
    se = 0.0 if same else _standard_error(of_bads, of_goods, span=2)
    if cluster is not None:
        se *= math.sqrt(design_effect(_surplus(rows.bad, of_bads, of_goods), cluster))
    difference = a.auc - b.auc
    margin = Z_95 * se
    return PairedAuc(
        auc_a=a.auc,
        auc_b=b.auc,
        difference=difference,
        se=se,
        lower=max(-1.0, difference - margin),
        upper=min(1.0, difference + margin),
        p_superior=_upper_tail(difference, se),
    )


def decay_test(reference: AucEstimate, current: AucEstimate) -> OneSided:
    """z test on independent rows, H1: the current AUC is below the reference."""
    difference = reference.auc - current.auc
    return OneSided(difference, _upper_tail(difference, math.hypot(reference.se, current.se)))


def heterogeneity_q(estimates: Sequence[AucEstimate]) -> ChiSquare:
    """Cochran's Q: do AUCs on independent rows differ by more than their errors explain?

    Raises ValueError for fewer than two estimates or an error that is not positive.
    """
    if len(estimates) < 2:
        raise ValueError(f"heterogeneity needs at least two estimates; got {len(estimates)}")
    if any(estimate.se <= 0 for estimate in estimates):
        raise ValueError("heterogeneity needs a positive standard error for every estimate")
    areas = np.array([estimate.auc for estimate in estimates])
    weights = np.array([estimate.se for estimate in estimates]) ** -2
    q = float(weights @ (areas - np.average(areas, weights=weights)) ** 2)
    df = len(estimates) - 1
    return ChiSquare(q, df, float(stats.chi2.sf(q, df)))


def ks(y: ArrayLike, p: ArrayLike) -> float:
    """Kolmogorov-Smirnov: the largest gap between the score distributions of bads and goods."""
    tied = ties(two_classes(y, p))
    gaps = np.cumsum(tied.bads) / tied.bads.sum() - np.cumsum(tied.goods) / tied.goods.sum()
    return float(np.abs(gaps).max())


def rank_inversions(
    y: ArrayLike,
    p: ArrayLike,
    bands: int = 10,
    alpha: float = 0.05,
    cluster: ArrayLike | None = None,
) -> RankOrder:
    """Default rates over score bands of equal size (ties kept together, empty bands dropped).

    An inversion is significant where Fisher's exact one-sided test of the two bands is below
    `alpha`. `cluster` numbers rows of one customer: each band counts as many as it is worth.
    """
    scored = two_classes(y, p)
    band = score_bands(scored.score, bands)
    members = [band == number for number in np.unique(band)]
    known = None if cluster is None else np.asarray(cluster)
    shares = [share_of(scored.bad[mine]) for mine in members]
    effects = [
        effect_of_share(scored.bad[mine], None if known is None else known[mine])
        for mine in members
    ]
    inverted = [
        fisher(riskier, safer, (own, other), "less")
        for (safer, other), (riskier, own) in pairwise(zip(shares, effects, strict=True))
        if riskier.count * safer.total < safer.count * riskier.total
    ]
    return RankOrder(
        inversions=len(inverted),
        significant=sum(p_value < alpha for p_value in inverted),
        rows=tuple(share.total for share in shares),
        bads=tuple(share.count for share in shares),
    )


def precision_recall(
    y: ArrayLike, p: ArrayLike, cutoff: float, cluster: ArrayLike | None = None
) -> PrecisionRecall:
    """Precision and recall at a cut-off with exact intervals; precision has no value where no
    row is flagged. `cluster` numbers rows of one customer, which count as what they are worth.
    """
    scored = two_classes(y, p)
    flagged = scored.score > cutoff
    known = None if cluster is None else np.asarray(cluster)
    of_flagged, of_bads = (None if known is None else known[mine] for mine in (flagged, scored.bad))
    return PrecisionRecall(
        cutoff=float(cutoff),
        precision=share_of(scored.bad[flagged], of_flagged),
        recall=share_of(flagged[scored.bad], of_bads),
    )


def _surplus(bad: BoolArray, of_bads: FloatArray, of_goods: FloatArray) -> FloatArray:
    """What each row adds to an AUC, or to a difference of two, beyond its mean."""
    surplus = np.empty(len(bad))
    for rows, values in ((bad, of_bads), (~bad, of_goods)):
        surplus[rows] = (values - values.mean()) / max(1, len(values) - 1)
    return surplus


def _standard_error(of_bads: FloatArray, of_goods: FloatArray, span: float) -> float:
    """`span` is the width of the statistic's range; half of it bounds any standard deviation."""
    fewest = min(len(of_bads), len(of_goods))
    if fewest > 1:
        variance = of_bads.var(ddof=1) / len(of_bads) + of_goods.var(ddof=1) / len(of_goods)
        if variance > 0:
            return math.sqrt(variance)
    return span / (2 * fewest)


def _variance(values: FloatArray, counts: IntArray) -> float:
    rows = int(counts.sum())
    mean = float(counts @ values) / rows
    return float(counts @ np.square(values - mean)) / (rows - 1)


def _upper_tail(difference: float, se: float) -> float:
    if se == 0:
        return 0.5 if difference == 0 else float(difference < 0)
    return float(special.ndtr(-difference / se))
