"""PDs where defaults are few: the most prudent that the counts do not contradict.

Pluto and Tasche, Estimating probabilities of default for low default portfolios (2005): if the
ranking of the grades is right, a grade is no riskier than those below it; so its PD is at most
the largest PD, the same for it and for all riskier grades, under which as few defaults as were
seen still have a chance of 1 - confidence.
"""

from collections.abc import Sequence

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy import optimize, special

_NODES, _WEIGHTS = hermegauss(96)


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
    independent = float(special.betaincinv(defaults + 1, rows - defaults, confidence))
    if not correlation:
        return independent

    def surplus(pd: float) -> float:
        return chance_of_at_most(defaults, rows, pd, correlation) - (1 - confidence)

    # a chance of nearly one at 0, of none at 1
    return float(optimize.brentq(surplus, 1e-12, 1 - 1e-9, xtol=1e-10))


def chance_of_at_most(defaults: float, rows: float, pd: float, correlation: float) -> float:
    """Binomial given the factor, averaged over a standard normal factor."""
    given = special.ndtr(
        (special.ndtri(pd) - np.sqrt(correlation) * _NODES) / np.sqrt(1 - correlation)
    )
    weights = _WEIGHTS / _WEIGHTS.sum()
    return float(weights @ special.betaincc(defaults + 1, rows - defaults, given))
