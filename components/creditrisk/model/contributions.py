"""What each column adds to an application's score, in log-odds.

SHAP values speak of a model's features. One of them, the evidence of an events source, is made of
many columns, which an applicant knows and the word "evidence" does not name. So its contribution
is taken apart: what the trees start from is a sum over the columns already (the SHAP value of a
linear term is the term, less a constant: Lundberg and Lee 2017); what the trees add is shared out.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.event_score import EventEncoder, event_rows
from creditrisk.model.mask_states import mask_states, masked
from creditrisk.model.scorer import Scorer, read_metadata, tree_shap
from creditrisk.portfolio import Events

DECIMALS = 10  # of a usual contribution


class Explainer:
    """Takes the scores of one model apart, for rows of gold features and their `matrix`."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        names = {feature.name for feature in scorer.features}
        self.events = tuple(e for e in scorer.portfolio.events if e.evidence in names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What contributes: features but evidence, then count and sums of each events source."""
        evidence = {events.evidence for events in self.events}
        plain = [f.name for f in self.scorer.features if f.name not in evidence]
        counts = [events.count for events in self.events if events.count not in plain]
        return (*plain, *counts, *(name for events in self.events for name in events.sums))

    def contributions(self, frame: pd.DataFrame, matrix: pd.DataFrame) -> FloatArray:
        """Contributions (rows, columns); they and one constant add up to the log-odds of a row."""
        start = read_metadata(self.scorer.model).start
        trees = dict(zip(matrix.columns, tree_shap(self.scorer.model, matrix).T, strict=True))
        found = {name: trees.get(name, np.zeros(len(matrix))) for name in self.columns}
        for events in self.events:
            whole, slope = trees[events.evidence], start.slopes.get(events.evidence, 0.0)
            parts = evidence_parts(events, self.scorer.evidence[events.name], frame, matrix)
            shared, rest = shared_out(whole, parts)
            found |= dict(zip(events.sums, (slope * parts + shared).T, strict=True))
            found[events.count] = found[events.count] + rest
        return np.column_stack([found[name] for name in self.columns])


def evidence_parts(
    events: Events, encoder: EventEncoder, frame: pd.DataFrame, matrix: pd.DataFrame
) -> FloatArray:
    """What each column of an events source says (rows, columns); they sum to the evidence.

    0 where there is nothing to say: no events, the source down, an encoder without weights.
    """
    known = matrix[events.evidence].notna().to_numpy()
    if not known.any():
        return np.zeros((len(frame), len(events.columns)))
    parts = encoder.parts(event_rows(frame[events.count], frame[[*events.sums]]))
    return np.where(known[:, None], parts, 0.0)


def shared_out(whole: FloatArray, parts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares (rows, columns) of what the trees add for evidence (rows,), and what no column gets.

    Columns that point the way it goes share it by size; where none does, all columns. Where no
    column says anything, it is left to the number of events.
    """
    same = np.clip(parts * np.sign(whole)[:, None], 0.0, None)
    pointing = np.asarray(same.any(axis=1))
    weights = np.where(pointing[:, None], same, np.abs(parts))
    total = weights.sum(axis=1)
    some = total > 0
    shares = np.divide(weights, total[:, None], out=np.zeros_like(parts), where=some[:, None])
    return shares * whole[:, None], np.where(some, 0.0, whole)


def usual(explainer: Explainer, frame: pd.DataFrame, cutoff: float) -> FloatArray:
    """Median contribution (columns,) of the approved, with a PD of at most the cut-off.

    Of all rows where none is approved.
    """
    scorer = explainer.scorer
    matrix = scorer.matrix(frame)
    found = explainer.contributions(frame, matrix)
    approved = scorer.pd(matrix, mask_states(frame, scorer.portfolio)) <= cutoff
    return np.asarray(np.median(found[approved] if approved.any() else found, axis=0))


def usual_by_state(
    explainer: Explainer, frame: pd.DataFrame, cutoff: float
) -> Mapping[str, Mapping[str, float]]:
    """The same by column, for rows with every source up and with each optional one down."""
    portfolio = explainer.scorer.portfolio
    down = {source: masked(frame, source, portfolio) for source in portfolio.optional_sources}
    found = {}
    for state, rows in ({ALL_SOURCES_UP: frame} | down).items():
        own = rows[mask_states(rows, portfolio) == state]
        if len(own):
            medians = np.round(usual(explainer, own, cutoff), DECIMALS).tolist()
            found[state] = dict(zip(explainer.columns, medians, strict=True))
    return found
