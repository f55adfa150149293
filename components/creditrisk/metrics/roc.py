"""The ROC curve of a score. `y` is 1 for bad, `p` is higher for riskier."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from creditrisk.metrics.ranking import ties
from creditrisk.metrics.scored_rows import FloatArray, two_classes


class RocCurve(NamedTuple):
    """Points from (0, 0) to (1, 1); a point flags rows with p >= its finite threshold."""

    fpr: FloatArray
    tpr: FloatArray
    thresholds: FloatArray


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
