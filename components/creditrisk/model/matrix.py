"""What a model sees: one row per application, one column per model feature.

Columns of a source that was down are empty (NaN, or the category 'missing'); a customer without
events has count 0 and sums 0.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.model.event_score import EventEncoder
from creditrisk.model.mask_states import mask_unavailable, need
from creditrisk.portfolio import Portfolio
from creditrisk.records.card import ModelFeature

MISSING = "missing"


def model_features(portfolio: Portfolio) -> tuple[ModelFeature, ...]:
    """Every feature a model may use: no protected one, no raw event sum, no identifier."""
    found = [
        ModelFeature(feature.name, feature.kind, feature.text, feature.source, feature.monotone)
        for feature in portfolio.features
        if not feature.protected
    ]
    for events in portfolio.events:
        found.append(ModelFeature(events.count, "number", events.count_text, events.name))
        evidence = f"what the {events.name} records say about the risk"
        found.append(ModelFeature(events.evidence, "number", evidence, events.name))
    return tuple(found)


def build_matrix(
    frame: pd.DataFrame,
    features: Iterable[ModelFeature],
    portfolio: Portfolio,
    evidence: Mapping[str, EventEncoder],
) -> pd.DataFrame:
    """Numbers as float64 (infinities count as missing), categories as text, in `features`' order.

    `frame` holds rows of gold features; `evidence` the encoder of each events source. A
    column that is not there is a `UserError`.
    """
    rows = mask_unavailable(frame, portfolio)
    derived = {events.evidence: events for events in portfolio.events}
    columns: dict[str, object] = {}
    for feature in features:
        if feature.name in derived:
            events = derived[feature.name]
            need(rows, [events.count, *events.sums])
            columns[feature.name] = evidence[events.name].of(
                rows[events.count], rows[[*events.sums]]
            )
        elif feature.kind == "category":
            columns[feature.name] = _categories(need(rows, [feature.name])[feature.name])
        else:
            columns[feature.name] = _numbers(need(rows, [feature.name])[feature.name])
    return pd.DataFrame(columns, index=frame.index)


def _numbers(values: "pd.Series[float]") -> NDArray[np.float64]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _categories(values: "pd.Series[str]") -> NDArray[np.object_]:
    return values.astype(object).where(values.notna(), MISSING).astype(str).to_numpy(dtype=object)
