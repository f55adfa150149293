"""The AUC that PDs promise by themselves: what they would have if every one of them were right.

It moves with the applicants (a narrower range, longer histories, another mix), which is no decay.
"""

import numpy as np
from numpy.typing import ArrayLike


def promised_auc(p: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Model-based concordance (van Klaveren et al. 2016) of PDs of shape (rows,).

    The chance that, of a bad and a good drawn by the PDs, the bad has the higher PD; ties count
    half. Row i counts `weights[i]` times. None where no row can be bad, or none good.
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
