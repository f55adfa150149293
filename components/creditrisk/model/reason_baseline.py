"""What a column usually adds to a score: what an application's reasons are measured against."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.contributions import Explainer
from creditrisk.model.mask_states import mask_states, masked

DECIMALS = 10  # of a usual contribution


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
