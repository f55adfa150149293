"""Why a PD is as high as it is: at most four reasons per application, in plain words.

A reason is a feature that raises the PD: its SHAP contribution (log-odds) lies above the
baseline, which is the median contribution among the approved, i.e. applications with a PD of at
most the cut-off. Applications are compared with those that had the same sources down. Largest
excess first, equal ones by feature name.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.version import ModelVersion
from creditrisk.portfolio import Portfolio, list_flags
from creditrisk.records.development import Reference

COLUMNS = ("reason_1", "reason_2", "reason_3", "reason_4")
DECIMALS = 9  # of a contribution: below that, order is noise of summation


class Phrases:
    """Feature values in words; a number is high or low against the version's reference median."""

    def __init__(self, model: ModelVersion) -> None:
        features = model.card.features
        self.texts = {feature.name: feature.text for feature in features}
        self.categories = {f.name for f in features if f.kind == "category"}
        self.medians = {name: median(model.reference_feature(name)) for name in self.texts}
        self.flags = flags(model.portfolio)

    def of(self, feature: str, values: pd.Series) -> NDArray[np.object_]:
        """One phrase per value, e.g. `outstanding debt: high`."""
        words = values.astype(object) if feature in self.categories else self._size(feature, values)
        found = words.where(values.notna(), "missing").astype(str)
        return np.asarray(f"{self.texts[feature]}: " + found, dtype=object)

    def _size(self, feature: str, values: pd.Series) -> pd.Series:
        numbers = values.astype(float)
        median = self.medians[feature]
        if feature in self.flags:
            words = np.where(numbers > 0, "yes", "no")
        elif median is None:
            words = numbers.map("{:g}".format).to_numpy()
        else:
            words = np.select([numbers > median, numbers < median], ["high", "low"], "average")
        return pd.Series(words, index=values.index, dtype=object)


def median(reference: Reference) -> float | None:
    """Upper edge of the reference bin that holds the median; None where there are no numbers."""
    edges, filled = reference.bins.edges, np.array(reference.counts[:-1])
    if reference.bins.kind != "numeric" or not edges or not filled.sum():
        return None
    place = int(np.searchsorted(np.cumsum(filled), filled.sum() / 2))
    return edges[min(place, len(edges) - 1)]


def flags(portfolio: Portfolio) -> set[str]:
    """Features that say whether a list holds a member: yes or no, neither high nor low."""
    return {
        flag
        for _, source in portfolio.featured
        for name, spec in source.values().items()
        if spec.type == "list"
        for flag in list_flags(name, spec)
    }


def baseline(contributions: FloatArray, pds: FloatArray, cutoff: float) -> FloatArray:
    """Median contribution (features,) of the approved; of all rows where none is approved."""
    approved = pds <= cutoff
    return np.asarray(np.median(contributions[approved] if approved.any() else contributions, 0))


def reason_codes(
    contributions: FloatArray,
    usual: FloatArray,
    matrix: pd.DataFrame,
    phrases: Phrases,
    most: int,
) -> NDArray[np.object_]:
    """Reasons (rows, 4), None where there are fewer; `contributions` are those of `matrix`."""
    features = matrix.columns.to_numpy(dtype=str)
    order = np.argsort(features, kind="stable")
    excess = np.round(contributions - usual, DECIMALS)[:, order]
    rank = np.argsort(-excess, axis=1, kind="stable")[:, :most]
    raised = np.take_along_axis(excess, rank, axis=1) > 0
    codes = np.full((len(matrix), len(COLUMNS)), None, dtype=object)
    for place, feature in enumerate(order):
        rows, column = np.nonzero((rank == place) & raised)
        if len(rows):
            name = str(features[feature])
            codes[rows, column] = phrases.of(name, matrix[name].iloc[rows])
    return codes
