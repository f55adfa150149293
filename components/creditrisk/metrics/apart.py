"""Amounts that lie apart from all others, as those in another unit or currency do.

Between the k-th largest of many values and the next one lies, in logarithms, a gap of mean h / k
where the tail is exponential in them (Rényi 1953; Pareto's is, the log-normal's is lighter). h is
the mean excess over a high threshold (Hill 1975), here of the distinct values below the gap.
"""

import numpy as np
from numpy.typing import NDArray

from creditrisk.records.table_profile import Apart

Values = NDArray[np.float64]
Rows = NDArray[np.int64]
_FEWEST = 50  # amounts: of fewer no tail is known
_MOST = 0.05  # of them may lie apart: more are no slip
_TIMES = 10.0  # units and most currencies lie further apart
_TIMES_AT_LEAST = 4.0  # the same, where all others lie so close that it is far off all the more
_UNLIKELY = 14.0  # times the gap's mean: one in a million
_MORE_UNLIKELY = 30.0
_TAIL = 0.1  # of the amounts below the gap
_SHORTEST = 0.05  # decades: a tail that ends at one amount has some length, too
_LOOKED_AT = 5  # gaps, the widest
# below: wider than those between the next amounts, as 0.1 is to 1.1, 2.1 and 3.1 not
_STEPS, _WIDER = 10, 5.0


def apart(values: Values, rows: Rows) -> Apart | None:
    """Of distinct values, rising, and the rows of each: those above all others, or below."""
    sizes, places = np.unique(np.abs(values), return_inverse=True)
    counts = np.bincount(places, rows, minlength=len(sizes))
    known = (sizes > 0) & np.isfinite(sizes)
    sizes, counts = sizes[known], counts[known]
    if counts.sum() < _FEWEST:
        return None
    logs, everywhere = np.log10(sizes), np.ones(len(sizes) - 1, dtype=bool)
    if found := _above(logs, everywhere, counts):
        return found
    below = _above(-logs[::-1], _wide(sizes)[::-1], counts[::-1])
    return Apart(below.count, 1 / below.times, 1 / below.example) if below else None


def _wide(sizes: Values) -> NDArray[np.bool_]:
    """Of each gap, whether it is wide beside those above it."""
    gaps = np.diff(sizes)
    last = np.minimum(np.arange(len(gaps)) + 1 + _STEPS, len(sizes) - 1)
    above = (sizes[last] - sizes[1:]) / np.maximum(last - np.arange(1, len(sizes)), 1)
    wide: NDArray[np.bool_] = gaps > _WIDER * above
    return wide


def _above(logs: Values, wide: NDArray[np.bool_], counts: NDArray[np.float64]) -> Apart | None:
    """Values above all others; `wide`: the gaps that may count."""
    total = counts.sum()
    over = total - np.cumsum(counts)  # rows above each value
    gaps = np.where(over[:-1] <= _MOST * total, np.diff(logs), 0.0)
    widest = np.argsort(-gaps)[:_LOOKED_AT]
    for place in np.sort(widest[wide[widest] & (gaps[widest] > 0)]):
        low, high = slice(place + 1), slice(place + 1, None)
        distance = _mean(logs[high], counts[high]) - _mean(logs[low], counts[low])
        # rows of one customer bear one amount, month after month: each counts once
        surprise = len(logs[high]) * gaps[place] / _tail(logs[low])
        far = distance >= np.log10(_TIMES) and surprise >= _UNLIKELY
        if far or (distance >= np.log10(_TIMES_AT_LEAST) and surprise >= _MORE_UNLIKELY):
            return Apart(int(over[place]), float(10**distance), float(10 ** logs[place + 1]))
    return None


def _tail(logs: Values) -> float:
    """Mean excess, in decades, of the highest tenth over its lowest."""
    highest = logs[-max(1, int(_TAIL * len(logs))) :]
    return max(float(np.mean(highest - highest[0])), _SHORTEST)


def _mean(logs: Values, counts: NDArray[np.float64]) -> float:
    return float(np.average(logs, weights=counts))
