"""The groups of applicants a portfolio asks to compare: by a category, or by bands of a number."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.model.scorecard import bin_index
from creditrisk.portfolio import Feature

UNKNOWN = "unknown"


def groups_of(values: "pd.Series[Any]", feature: Feature) -> NDArray[np.object_]:
    """The group of each row, by name; a missing value is a group of its own."""
    if feature.kind == "category":
        return values.astype(object).where(values.notna(), UNKNOWN).astype(str).to_numpy(object)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    edges = feature.bands or FrozenBins.numeric(numbers, 4).edges
    names = _names(edges)
    return np.array([*names, UNKNOWN], dtype=object)[bin_index(numbers, edges)]


def band_names(feature: Feature) -> tuple[str, ...]:
    """The groups that a number's bands make, lowest first."""
    return tuple(_names(feature.bands))


def pooled_groups(
    groups: NDArray[np.object_], ordered: Sequence[str], least: int
) -> NDArray[np.object_]:
    """Groups of fewer than `least` rows joined, until none is smaller or one is left.

    The smallest joins the next smallest (equal ones by name); in an order, the smaller of its
    neighbours. Outcomes and PDs have no say. Missing values are joined with nothing.
    """
    sizes = Counter(groups.tolist())
    sizes.pop(UNKNOWN, None)
    parts = [(name,) for name in (*ordered, *sorted(set(sizes) - set(ordered))) if sizes[name]]

    def rows(part: tuple[str, ...]) -> tuple[int, str]:
        return sum(sizes[name] for name in part), part[0]

    while len(parts) > 1 and rows(smallest := min(parts, key=rows))[0] < least:
        place = parts.index(smallest)
        beside = parts[max(0, place - 1) : place] + parts[place + 1 : place + 2]
        others = beside if ordered else [part for part in parts if part != smallest]
        joined = min(others, key=rows)
        at = parts.index(joined)
        both = (*joined, *smallest) if at < place else (*smallest, *joined)
        parts[at] = both if ordered else tuple(sorted(both))
        parts.remove(smallest)
    names = {name: ", ".join(part) for part in parts for name in part} | {UNKNOWN: UNKNOWN}
    return np.array([names[name] for name in groups], dtype=object)


def _names(edges: Sequence[float]) -> list[str]:
    ends = [f"{edge:g}" for edge in edges]
    if not ends:
        return ["all"]
    if len(set(ends)) < len(ends):  # six digits do not tell them apart
        ends = [repr(float(edge)) for edge in edges]
    between = [f"over {low} to {high}" for low, high in pairwise(ends)]
    return [f"up to {ends[0]}", *between, f"over {ends[-1]}"]
