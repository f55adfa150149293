"""Scores as ranks: what AUC, DeLong's error, KS and the ROC curve are all counted from."""

from dataclasses import dataclass

import numpy as np

from creditrisk.metrics.scored_rows import FloatArray, IntArray, ScoredRows


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
