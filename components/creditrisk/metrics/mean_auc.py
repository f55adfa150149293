"""The AUC to expect of rows that come from several groups."""

from collections.abc import Sequence

import numpy as np

from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.proportion import Z_95


def mean_auc(estimates: Sequence[AucEstimate], shares: Sequence[float]) -> AucEstimate:
    """Mean over groups of rows, at least one, by their `shares`, which sum to 1.

    Exact where all rows are of one group; pairs across groups are left out otherwise.
    """
    auc = float(np.dot(shares, [estimate.auc for estimate in estimates]))
    se = float(np.linalg.norm(np.multiply(shares, [estimate.se for estimate in estimates])))
    bads, goods = sum(e.bads for e in estimates), sum(e.goods for e in estimates)
    return AucEstimate(auc, se, auc - Z_95 * se, auc + Z_95 * se, bads, goods)
