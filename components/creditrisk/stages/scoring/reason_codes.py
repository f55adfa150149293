"""Why a PD is as high as it is: at most four reasons per application, in plain words.

A reason is a column that raises the PD: its contribution (log-odds) lies above the usual one,
which is the median among the approved of the version's reference window, with the same sources
down. It is frozen in the version: an applicant's reasons do not depend on who else applied.
Largest excess first, equal ones by the column's name.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.contributions import Explainer
from creditrisk.model.mask_states import masked_features
from creditrisk.model.version import ModelVersion
from creditrisk.portfolio import Events
from creditrisk.stages.scoring.reason_texts import Phrases

COLUMNS = ("reason_1", "reason_2", "reason_3", "reason_4")
DECIMALS = 9  # of a contribution: below that, order is noise of summation


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
