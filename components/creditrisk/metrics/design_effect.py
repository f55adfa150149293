"""Loans of one customer are not independent: how many rows a sample is worth."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from creditrisk.metrics.scored_rows import BoolArray, FloatArray, IntArray


def clusters(ids: ArrayLike) -> "np.ndarray[tuple[int], np.dtype[np.int64]] | None":
    """A number per row, equal for rows of one customer; None where nobody has two."""
    group, known = pd.factorize(np.asarray(ids))  # by hash: np.unique sorts a million texts
    return None if len(group) == len(known) else np.asarray(group, dtype=np.int64)


def independent(cluster: ArrayLike | None, rows: int) -> float:
    """How many independent rows are there at most, where those of a cluster may all be one event.

    (sum of sizes)^2 / sum of squares: with rows of a cluster wholly alike, what a mean of them is
    worth (Kish 1965). `rows` without clusters.
    """
    if cluster is None or not rows:
        return float(rows)
    sizes = np.bincount(np.asarray(cluster))
    return rows**2 / float(np.square(sizes, dtype=np.float64).sum())


def worth_text(worth: float, rows: int) -> str:
    """Said after a count of rows that are worth fewer."""
    return f" (worth {worth:,.0f}, many of one customer)" if worth < rows else ""


def clustered_variance(surplus: FloatArray, cluster: ArrayLike | None) -> float:
    """Variance of the sum of residuals of shape (rows,) that are independent between clusters.

    The squares of the clusters' sums (Liang and Zeger 1986), never below those of the rows: that
    customers' loans offset each other is not counted on.
    """
    rows = float(np.square(surplus).sum())
    if cluster is None:
        return rows
    return max(rows, float(np.square(np.bincount(np.asarray(cluster), weights=surplus)).sum()))


def effect_of_share(which: BoolArray, cluster: ArrayLike | None) -> float:
    """The design effect of a share of rows (Korn and Graubard 1998); 1 without clusters or rows.

    Of a share of 0 or 1 no variance is left to tell: there rows of a cluster may all be one event.
    """
    if cluster is None or not len(which):
        return 1.0
    if which.all() or not which.any():
        return len(which) / independent(cluster, len(which))
    return design_effect(which - which.mean(), cluster)


def by_group(
    surplus: FloatArray, group: IntArray, groups: int, cluster: IntArray | None
) -> tuple[float, ...]:
    """The design effect of each of so many `groups` of rows, numbered from 0."""
    if cluster is None:
        return (1.0,) * groups
    each = (group == number for number in range(groups))
    return tuple(design_effect(surplus[mine], cluster[mine]) for mine in each)


def design_effect(surplus: FloatArray, cluster: ArrayLike | None) -> float:
    """Rows a sample has over the independent rows it is worth (Kish 1965); 1 without clusters."""
    rows = float(np.square(surplus).sum())
    return clustered_variance(surplus, cluster) / rows if rows > 0 else 1.0
