"""What a reason says of a value, in plain words."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.model.version import ModelVersion
from creditrisk.portfolio import Events, Portfolio, list_flags
from creditrisk.records.development import Reference


class Phrases:
    """Values of what contributes to a score in words.

    A number is high or low against the version's reference median, and itself where it equals
    it: to be average is no reason. A column of events is high or low, whichever raises the PD.
    """

    def __init__(self, model: ModelVersion, events: Iterable[Events] = ()) -> None:
        features = model.card.features
        self.categories = {f.name for f in features if f.kind == "category"}
        self.medians = {f.name: median(model.profile.features[f.name]) for f in features}
        self.flags = flags(model.portfolio)
        self.directions: dict[str, str] = {}
        self.texts = {feature.name: feature.text for feature in features}
        for source in events:
            self.texts.setdefault(source.count, source.count_text)
            self.texts |= column_texts(model.portfolio, source)
            weights = model.scorer.evidence[source.name].weights
            words = ["high" if weight > 0 else "low" for weight in weights]
            self.directions |= dict(zip(source.sums, words, strict=False))

    def of(self, column: str, values: pd.Series) -> NDArray[np.object_]:
        """One phrase per value, e.g. `outstanding debt: high`."""
        words = values.astype(object) if column in self.categories else self._size(column, values)
        found = words.where(values.notna(), "missing").astype(str)
        return np.asarray(f"{self.texts[column]}: " + found, dtype=object)

    def _size(self, column: str, values: pd.Series) -> pd.Series:
        numbers, itself = values.astype(float), values.astype(float).map("{:g}".format)
        middle = self.medians.get(column)
        if column in self.directions:
            words = np.full(len(values), self.directions[column], dtype=object)
        elif column in self.flags:
            words = np.where(numbers > 0, "yes", "no")
        elif middle is None:
            words = itself.to_numpy()
        else:
            words = np.select([numbers > middle, numbers < middle], ["high", "low"], itself)
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


def column_texts(portfolio: Portfolio, events: Events) -> Mapping[str, str]:
    """What the columns of an events source are called, by the name of their sum."""
    specs = portfolio.sources[events.name].values()
    texts = [specs[name].text or name.replace("_", " ") for name in events.columns]
    return dict(zip(events.sums, texts, strict=True))
