"""How well one column alone ranks outcomes it has not seen, as far as a tree could use it."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from creditrisk.metrics.discrimination import auc
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.matrix import MISSING
from creditrisk.stages.training.event_scores import FOLDS

MOST_LEAVES = 255  # the model has 254 borders on a column
SMALLEST_LEAVES = (2, 20)  # rows: one sees single values, the other a slope in noise
MOST_OF_A_CLASS = 5_000  # bads, and goods, that trees see: below .1 CPU s a column


def column_auc(values: "pd.Series[Any]", bad: IntArray, folds: IntArray, seed: int) -> float:
    """How well one column ranks `bad`: 0.5 nothing, 1 everything. A text column is a category.

    A category is ranked by the share of bads in the other folds. A number is ranked in either
    direction, and by small trees of the other folds on its own values; missing is a value. Trees
    see at most `MOST_OF_A_CLASS` bads and goods, drawn by `seed`: AUC does not depend on how many
    of each there are.
    """
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        levels = values.astype(object).where(values.notna(), MISSING).astype(str)
        return _by_level(pd.factorize(levels)[0], bad, folds)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    finite = np.isfinite(numbers)
    if not finite.any():
        return 0.5
    # ranks: a tree rounds its input to 32 bits, in which large amounts are no longer apart
    rank = np.zeros(len(numbers))
    rank[finite] = 1 + np.unique(numbers[finite], return_inverse=True)[1]
    up = [auc(bad, np.where(finite, rank, end)) for end in (0, rank.max() + 1)]
    drawn = _drawn(bad, seed)
    sample = rank[drawn], bad[drawn], folds[drawn]
    trees = [_by_tree(*sample, smallest) for smallest in SMALLEST_LEAVES]
    return max(*up, *(1 - area for area in up), *trees)


def _by_level(level: IntArray, bad: IntArray, folds: IntArray) -> float:
    """AUC of the share of bads of each row's level, as the other customers' folds have it."""
    share = np.empty(len(bad))
    size = int(level.max()) + 1
    for fold in range(FOLDS):
        held = folds == fold
        rows = np.bincount(level[~held], minlength=size)
        bads = np.bincount(level[~held], weights=bad[~held], minlength=size)
        base = bad[~held].mean() if len(bad[~held]) else 0.0
        share[held] = ((bads + base) / (rows + 1))[level[held]]
    return auc(bad, share)


def _by_tree(rank: FloatArray, bad: IntArray, folds: IntArray, smallest: int) -> float:
    """AUC of a tree on ranks of one column, for rows of customers that it has not seen."""
    share = np.full(len(bad), bad.mean())
    for fold in range(FOLDS):
        held = folds == fold
        if held.any() and not held.all():
            # of one column a tree has nothing to draw: no seed of the policy's
            tree = DecisionTreeClassifier(
                max_leaf_nodes=MOST_LEAVES, min_samples_leaf=smallest, random_state=0
            )
            tree.fit(rank[~held, None], bad[~held])
            share[held] = tree.predict_proba(rank[held, None]) @ tree.classes_
    return auc(bad, share)


def _drawn(bad: IntArray, seed: int) -> IntArray:
    """Places of the rows that trees see."""
    mixed = np.random.default_rng(seed).permutation(len(bad))
    of_class = [mixed[bad[mixed] == outcome][:MOST_OF_A_CLASS] for outcome in (0, 1)]
    return np.sort(np.concatenate(of_class))
