"""PDs where defaults are few: the most prudent that the counts do not contradict.

Pluto and Tasche, Estimating probabilities of default for low default portfolios (2005): if the
ranking of the grades is right, a grade is no riskier than those below it; so its PD is at most
the largest PD, the same for it and for all riskier grades, under which as few defaults as were
seen still have a chance of 1 - confidence.
"""

from collections.abc import Sequence

import numpy as np
from scipy import optimize, special

from creditrisk.metrics.scored_rows import FloatArray

_NODES = np.linspace(-8, 8, 2001)
_WEIGHTS = np.exp(-np.square(_NODES) / 2)
_WEIGHTS /= _WEIGHTS.sum()


def upper_bounds(
    defaults: Sequence[float], rows: Sequence[float], confidence: float, correlation: float = 0.0
) -> tuple[float, ...]:
    """Of each grade, best first: never falling from a grade to a riskier one but by the counts.

    Counts need not be whole: loans of one customer are worth fewer.
    `correlation` is of the loans' assets in one factor (Vasicek); 0: loans are independent, and
    the bound is Clopper and Pearson's. Where no row is left in a grade and those below, 1.
    Raises ValueError for counts that cannot be, a confidence outside 0 to 1 or a correlation
    outside 0 to below 1.
    """
    counted = list(zip(defaults, rows, strict=True))
    if any(not 0 <= bads <= total for bads, total in counted):
        raise ValueError(f"defaults must lie between 0 and rows; got {counted}")
    if not 0 < confidence < 1 or not 0 <= correlation < 1:
        raise ValueError(
            f"confidence lies between 0 and 1, correlation from 0 to below 1;"
            f" got {confidence}, {correlation}"
        )
    bads = np.cumsum([count for count, _ in counted][::-1])[::-1]
    totals = np.cumsum([total for _, total in counted][::-1])[::-1]
    return tuple(
        upper_bound(float(some), float(of), confidence, correlation)
        for some, of in zip(bads, totals, strict=True)
    )


def upper_bound(defaults: float, rows: float, confidence: float, correlation: float = 0.0) -> float:
    """The PD at which at most `defaults` of `rows` have a chance of 1 - confidence."""
    if defaults >= rows:
        return 1.0
    if not correlation:
        return float(special.betaincinv(defaults + 1, rows - defaults, confidence))
    thresholds = _thresholds(defaults, rows)

    def surplus(pd: float) -> float:
        return _chance_below(thresholds, pd, correlation) - (1 - confidence)

    # a chance of nearly one at 0, of none at 1
    return float(optimize.brentq(surplus, 1e-12, 1 - 1e-9, xtol=1e-10))


def chance_of_at_most(defaults: float, rows: float, pd: float, correlation: float) -> float:
    """Binomial given the factor, averaged over a standard normal factor; 0 < correlation < 1.

    Given the factor at most k of n default where the (k + 1)th smallest of n uniform numbers lies
    above the PD that the factor leaves. That number is Beta(k + 1, n - k), and averaged over it
    the chance is smooth however many rows there are; over the factor it is a step.
    """
    return _chance_below(_thresholds(defaults, rows), pd, correlation)


def _thresholds(defaults: float, rows: float) -> FloatArray:
    """That number as a normal score, at each node (nodes,)."""
    smallest = special.betaincinv(defaults + 1, rows - defaults, special.ndtr(_NODES))
    return np.asarray(special.ndtri(smallest))


def _chance_below(thresholds: FloatArray, pd: float, correlation: float) -> float:
    beyond = np.sqrt(1 - correlation) * thresholds - special.ndtri(pd)
    return float(_WEIGHTS @ special.ndtr(beyond / np.sqrt(correlation)))
