"""A share of counted rows with its exact interval."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from creditrisk.metrics.design_effect import effect_of_share
from creditrisk.metrics.estimates import Proportion
from creditrisk.metrics.scored_rows import BoolArray


def share_of(which: BoolArray, cluster: ArrayLike | None = None) -> Proportion:
    """The share of rows (rows,) of which something holds, with its exact interval.

    `cluster` numbers rows of one customer: as many count as they are worth (Korn and Graubard
    1998). None: nobody has two.
    """
    return clopper_pearson(
        int(np.count_nonzero(which)), len(which), effect_of_share(which, cluster)
    )


def clopper_pearson(count: int, total: int, effect: float = 1.0) -> Proportion:
    """Exact 95% binomial interval (Clopper and Pearson 1934); 0 of 0 gives no value and [0, 1].

    Of rows with a design `effect`, that of as many as they are worth.
    """
    lower, upper = exact_bounds(count / effect, total / effect)
    return Proportion(count / total if total else None, lower, upper, count, total)


def fisher(
    fewer: Proportion,
    more: Proportion,
    effects: tuple[float, float] = (1.0, 1.0),
    alternative: Literal["two-sided", "less"] = "two-sided",
) -> float:
    """Fisher's exact p of two shares, of which the first is the lower one.

    Each counts as many rows as it is worth: counts and rows over its design effect (Rao and Scott
    1992), made whole towards the other share.
    """
    rows = [max(1, _down(one.total / e)) for one, e in zip((fewer, more), effects, strict=True)]
    low = min(rows[0], -_down(-fewer.count / effects[0]))
    high = min(rows[1], _down(more.count / effects[1]))
    table = [[low, rows[0] - low], [high, rows[1] - high]]
    return float(stats.fisher_exact(table, alternative=alternative).pvalue)


def _down(count: float) -> int:
    """The whole number below, of a quotient that may miss its own by a rounding."""
    return math.floor(count + 1e-9)


def exact_bounds(count: float, total: float) -> tuple[float, float]:
    """The same interval of counts that need not be whole: dependent rows are worth fewer."""
    if not 0 <= count <= total:
        raise ValueError(f"count must lie between 0 and total; got {count} of {total}")
    lower = float(special.betaincinv(count, total - count + 1, 0.025)) if count else 0.0
    upper = float(special.betainccinv(count + 1, total - count, 0.025)) if count < total else 1.0
    return lower, upper


def binomial_tail(count: float, total: float, rate: float, *, upper: bool) -> float:
    """P(at least `count`) where `upper`, else P(at most), of `total` rows at a rate.

    By the incomplete beta function, so that counts need not be whole.
    """
    if upper:
        return float(special.betainc(count, total - count + 1, rate)) if count else 1.0
    return float(special.betaincc(count + 1, total - count, rate)) if count < total else 1.0
