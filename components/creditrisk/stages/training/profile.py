"""The frozen reference: how scores and features were distributed in the newest OOT window.

Only features of the window are read, never its outcomes. A recalibration keeps the window of the
trees it took over.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from creditrisk.contracts import history
from creditrisk.lake import Lake
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.model.contributions import Explainer, usual_by_state
from creditrisk.model.mask_states import masked
from creditrisk.model.scorer import Scorer, shap_values
from creditrisk.portfolio import Events
from creditrisk.records.development import FeatureReference, Profile, Reference
from creditrisk.stages.training.dataset import Dataset

DECILES = 10


def profile_of(scorer: Scorer, data: Dataset, lake: Lake, cutoff: float) -> Profile:
    """Bins and counts of the PD (plain, and with each optional source down) and of each feature.

    `importance` is the mean |SHAP| (log-odds) of the window. `events_length` is, for each
    events source, how many months of history the window's newest month could look back
    on: the committed months of its history up to then, or, where none are kept, the largest count
    of any application; a later month looks back on more, which is growth, not drift. `usual`
    is what reasons are compared with, so that they belong to the applicant.
    """
    window, sources = data.reference, scorer.portfolio.optional_sources
    matrix = scorer.matrix(window)
    importance = np.abs(shap_values(scorer.model, matrix)).mean(axis=0)
    columns = {feature.name: counted(matrix[feature.name]) for feature in scorer.features}
    return Profile(
        score=counted(scorer.predict(window)),
        masked_score={
            source: counted(scorer.predict(masked(window, source, scorer.portfolio)))
            for source in sources
        },
        features={
            name: FeatureReference(column.bins, column.counts, round(float(weight), 10))
            for (name, column), weight in zip(columns.items(), importance, strict=True)
        },
        events_length={
            events.name: _length(events, data, lake) for events in scorer.portfolio.events
        },
        rows=len(window),
        cohorts=data.reference_months,
        usual=usual_by_state(Explainer(scorer), window, cutoff),
    )


def counted(values: "ArrayLike | pd.Series[Any]") -> Reference:
    """Ten quantile bins of numbers, or a bin per category, with the rows in each."""
    column = np.asarray(values)
    categorical = column.dtype == object
    bins = FrozenBins.categorical(column) if categorical else FrozenBins.numeric(column, DECILES)
    return Reference(bins, tuple(bins.counts(column).tolist()))


def _length(events: Events, data: Dataset, lake: Lake) -> int:
    months = lake.months(history(events).table, max(data.reference_months))
    if months:
        return len(months)
    counts = data.reference[events.count].dropna()
    return int(counts.max()) if len(counts) else 0
