"""Moves between grades, and how loans spread over them: statistics of the ECB's template.

Instructions for reporting the validation results of internal models, ECB, February 2019, sections
2.5.5.1 (customer migrations), 2.5.5.2 (stability of the migration matrix) and 2.5.5.3
(concentration in rating grades).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from creditrisk.metrics.scored_rows import FloatArray, IntArray


@dataclass(frozen=True)
class Bandwidth:
    """Matrix weighted bandwidth of up- and downgrades: 0 no move, 1 all as far as can be.

    None where no customer could move that way.
    """

    upper: float | None
    lower: float | None


@dataclass(frozen=True)
class Concentration:
    """`herfindahl`: sum of squared shares, 1 over the groups to 1; `variation`: of the shares.

    `p_value`: one-sided, H0: no more concentrated than at first; None where that is not known, or
    the shares are equal.
    """

    groups: int
    herfindahl: float
    variation: float
    p_value: float | None

    @property
    def index(self) -> float:
        """The template's form, 0 (equal shares) to 1 (all in one group)."""
        return 1 + math.log(self.herfindahl) / math.log(self.groups)


def matrix_weighted_bandwidth(moves: ArrayLike) -> Bandwidth:
    """Of `moves`: customers (grades, grades) from row to column, grade 1 is best.

    Upper (towards riskier grades): sum over i < j of |i - j| n_i p_ij, over the same with every
    mover gone as far as can be: sum over i of max(|i - K|, |i - 1|) n_i sum_(j > i) p_ij. Lower
    likewise for j < i. Raises ValueError for what is no square of counts.
    """
    counts = _counts(moves)
    grades = len(counts)
    places = np.arange(grades)
    distance = np.abs(places[:, None] - places[None, :])
    furthest = np.maximum(places, grades - 1 - places)[:, None]

    def share(triangle: IntArray) -> float | None:
        most = float((furthest * triangle).sum())
        return float((distance * triangle).sum()) / most if most else None

    return Bandwidth(share(np.triu(counts, 1)), share(np.tril(counts, -1)))


def neighbour_tests(
    moves: ArrayLike, worth: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Of each pair of moves side by side: z, and the chance of a smaller one, if the share that
    moves further were no larger. Shapes (grades, grades), NaN where there is no pair.

    Moves should thin out with distance. Above the diagonal z_ij compares p_ij with p_(i)(j-1), the
    move one grade shorter, below it with p_(i)(j+1): z = (p_shorter - p_ij) over the square root
    of (p_ij (1 - p_ij) + p_shorter (1 - p_shorter) + 2 p_ij p_shorter) / n_i. Small p: the
    further move is the commoner one. `worth`: n_i where rows are not independent, else the counts.
    """
    counts = _counts(moves)
    rows = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, rows, out=np.full(counts.shape, np.nan), where=rows > 0)
    shorter = np.full(counts.shape, np.nan)
    above, below = np.triu_indices(len(counts), 1), np.tril_indices(len(counts), -1)
    shorter[above] = share[above[0], above[1] - 1]
    shorter[below] = share[below[0], below[1] + 1]
    spread = share * (1 - share) + shorter * (1 - shorter) + 2 * share * shorter
    counted = rows if worth is None else np.asarray(worth, dtype=np.float64)[:, None]
    error = np.sqrt(spread / np.maximum(counted, 1))
    z = np.divide(shorter - share, error, out=np.full(counts.shape, np.nan), where=error > 0)
    return z, np.asarray(stats.norm.cdf(z))


def concentration(counts: ArrayLike, initial: ArrayLike | None = None) -> Concentration:
    """Of rows (groups,); `initial`: those of the same groups at validation.

    CV = sqrt(K sum (R_i - 1/K)^2), sum R_i^2 = (CV^2 + 1) / K, and the template's index is
    1 + ln((CV^2 + 1) / K) / ln K. The test takes sqrt(K - 1) (CV - CV_initial) /
    sqrt(CV^2 (0.5 + CV^2)) for standard normal; it does not know how many rows there are. Raises
    ValueError for fewer than two groups or no row.
    """
    now = _variation(counts)
    groups = np.size(np.asarray(counts))
    p_value = None
    if initial is not None and now:
        z = math.sqrt(groups - 1) * (now - _variation(initial))
        p_value = float(stats.norm.sf(z / (now * math.sqrt(0.5 + now**2))))
    return Concentration(groups, (now**2 + 1) / groups, now, p_value)


def _variation(counts: ArrayLike) -> float:
    rows = np.asarray(counts, dtype=np.float64)
    if rows.ndim != 1 or len(rows) < 2 or (rows < 0).any() or not rows.sum():
        raise ValueError(f"concentration needs rows in two groups or more; got {rows.tolist()}")
    return math.sqrt(len(rows) * float(np.square(rows / rows.sum() - 1 / len(rows)).sum()))


def _counts(moves: ArrayLike) -> IntArray:
    counts = np.asarray(moves)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any():
        raise ValueError(f"moves must be a square of counts; got shape {counts.shape}")
    return counts.astype(np.int64)
