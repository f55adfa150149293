"""Whether a column is still distributed as it was: PSI over frozen bins."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from creditrisk.metrics.scored_rows import FloatArray


def psi(reference_counts: ArrayLike, current_counts: ArrayLike, floor: float = 1e-4) -> float:
    """Population stability index: sum of (c - r) ln(c / r) over shares of the same bins.

    Shares below `floor` count as `floor`, without rescaling the rest. Raises ValueError where a
    side is empty or the bins differ in number.
    """
    if not 0 < floor < 1:
        raise ValueError(f"floor must lie between 0 and 1; got {floor}")
    reference, current = _paired_counts(reference_counts, current_counts)
    r = np.maximum(reference / reference.sum(), floor)
    c = np.maximum(current / current.sum(), floor)
    return float(((c - r) * np.log(c / r)).sum())


def psi_critical(n: float, m: float, bins: int, alpha: float = 0.001) -> float:
    """The PSI that `n` and `m` rows of one distribution exceed with chance `alpha`.

    (1/n + 1/m) times the chi-square quantile at bins - 1 (Yurdakul and Naranjo 2020); `bins`
    is `occupied_bins`, since a bin empty on both sides adds nothing. One bin gives 0.
    """
    if min(n, m, bins) < 1:
        raise ValueError(f"n, m and bins must be at least 1; got {n}, {m}, {bins}")
    if bins == 1:
        return 0.0
    return (1 / n + 1 / m) * float(stats.chi2.isf(alpha, bins - 1))


def psi_with_chance(
    reference_counts: ArrayLike, current_counts: ArrayLike, alpha: float, worth: tuple[float, float]
) -> tuple[float, float]:
    """`psi`, and its `psi_critical` for as many independent rows as either side is `worth`."""
    n, m = (max(1.0, rows) for rows in worth)
    bins = occupied_bins(reference_counts, current_counts)
    return psi(reference_counts, current_counts), psi_critical(n, m, bins, alpha)


def occupied_bins(reference_counts: ArrayLike, current_counts: ArrayLike) -> int:
    """How many bins hold rows on at least one side."""
    reference, current = _paired_counts(reference_counts, current_counts)
    return int(np.count_nonzero(reference + current))


def _paired_counts(
    reference_counts: ArrayLike, current_counts: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    reference = np.asarray(reference_counts, dtype=np.float64)
    current = np.asarray(current_counts, dtype=np.float64)
    if reference.ndim != 1 or reference.shape != current.shape:
        raise ValueError(f"counts must share their bins; got {reference.shape}, {current.shape}")
    for side, counts in (("reference", reference), ("current", current)):
        if not (np.isfinite(counts) & (counts >= 0)).all():
            raise ValueError(f"{side} counts must not be negative or NaN")
        if not counts.sum():
            raise ValueError(f"{side} counts are empty: there is no distribution to compare")
    return reference, current
