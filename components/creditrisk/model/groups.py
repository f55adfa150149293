"""The groups of applicants a portfolio asks to compare: by a category, or by bands of a number."""

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
    ends = [f"{edge:g}" for edge in edges]
    names = ["all"]
    if ends:
        between = [f"over {low} to {high}" for low, high in pairwise(ends)]
        names = [f"up to {ends[0]}", *between, f"over {ends[-1]}"]
    return np.array([*names, UNKNOWN], dtype=object)[bin_index(numbers, edges)]
