"""Why a PD is as high as it is: at most four reasons per application, in plain words.

A reason is a column that raises the PD: its contribution (log-odds) lies above the usual one,
which is the median among the approved of the version's reference window, with the same sources
down. It is frozen in the version: an applicant's reasons do not depend on who else applied.
Largest excess first, equal ones by the column's name.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.contributions import Explainer
from creditrisk.model.mask_states import masked_features
from creditrisk.model.version import ModelVersion
from creditrisk.portfolio import Events, Portfolio, list_flags
from creditrisk.records.development import Reference

COLUMNS = ("reason_1", "reason_2", "reason_3", "reason_4")
DECIMALS = 9  # of a contribution: below that, order is noise of summation


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


class Reasons:
    """Of a version, for applications that had the same sources down."""

    def __init__(self, model: ModelVersion, state: str, most: int) -> None:
        self.explainer = Explainer(model.scorer)
        self.columns = self.explainer.columns
        self.phrases = Phrases(model, self.explainer.events)
        self.most = most
        # versions made before it was kept: nothing, the average of those they learned from
        known = model.profile.usual.get(state, {})
        down = masked_features(model.portfolio, state)
        # no contribution exceeds infinity: what is down is no reason
        self.usual = np.array([np.inf if c in down else known.get(c, 0.0) for c in self.columns])

    def of(self, frame: pd.DataFrame, matrix: pd.DataFrame) -> NDArray[np.object_]:
        """Reasons (rows, 4) for rows of gold features and `matrix`, made of them."""
        excess = self.explainer.contributions(frame, matrix) - self.usual
        for events in self.explainer.events:
            none = ~(frame[events.count] > 0).to_numpy(dtype=bool, na_value=False)
            self._of_their_number(excess, events, none)
        values = {name: matrix[name] if name in matrix else frame[name] for name in self.columns}
        return ranked(excess, self.columns, values, self.phrases, self.most)

    def _of_their_number(self, excess: FloatArray, events: Events, none: NDArray[np.bool_]) -> None:
        """The reason of an applicant without events is their number, not a sum of none."""
        count, first = self.columns.index(events.count), self.columns.index(events.sums[0])
        sums = slice(first, first + len(events.sums))
        excess[none, count] += excess[none, sums].sum(axis=1)
        excess[none, sums] = 0.0


def ranked(
    excess: FloatArray,
    columns: tuple[str, ...],
    values: dict[str, pd.Series],
    phrases: Phrases,
    most: int,
) -> NDArray[np.object_]:
    """Reasons (rows, 4), None where there are fewer, for contributions above the usual ones."""
    order = np.argsort(np.array(columns, dtype=str), kind="stable")
    sorted_excess = np.round(excess, DECIMALS)[:, order]
    rank = np.argsort(-sorted_excess, axis=1, kind="stable")[:, :most]
    raised = np.take_along_axis(sorted_excess, rank, axis=1) > 0
    codes = np.full((len(excess), len(COLUMNS)), None, dtype=object)
    for place, column in enumerate(order):
        rows, slots = np.nonzero((rank == place) & raised)
        if len(rows):
            name = columns[column]
            codes[rows, slots] = phrases.of(name, values[name].iloc[rows])
    return codes
