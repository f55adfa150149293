"""What a model sees: one row per application, one column per model feature.

A source that was down and a customer without events differ: a row whose
`<source>_available` is not true has every column of that source empty (NaN, or
the category 'missing'), a customer without events has count 0 and sums 0.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.errors import UserError
from creditrisk.model.event_score import EventEncoder
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


def columns_of(portfolio: Portfolio, source: str) -> list[str]:
    """Columns of gold features that are empty when a source is down, ratios over it included."""
    for events in portfolio.events:
        if events.name == source:
            return [events.count, *events.sums]
    own = set(portfolio.sources[source].values())
    ratios = {name for name, ratio in portfolio.derived.items() if own & set(ratio.ratio)}
    return [f.name for f in portfolio.features if f.source == source or f.name in ratios]


def masked(frame: pd.DataFrame, source: str, portfolio: Portfolio) -> pd.DataFrame:
    """A copy of gold features as if an optional source had been down for every row."""
    if source not in portfolio.optional_sources:
        raise ValueError(f"{source} is not an optional source of {portfolio.name}")
    return mask_unavailable(frame.assign(**{f"{source}_available": False}), portfolio)


def mask_unavailable(frame: pd.DataFrame, portfolio: Portfolio) -> pd.DataFrame:
    """A copy in which no row shows a value of a source that was down for it."""
    out = frame.copy()
    for source in portfolio.optional_sources:
        down = ~_available(frame, source)
        if not down.any():
            continue
        names = need(out, columns_of(portfolio, source))
        for name in names:
            # Series.mask turns whole numbers and booleans into a type that can be empty
            out[name] = out[name].mask(down)
    return out


def mask_states(frame: pd.DataFrame, portfolio: Portfolio) -> NDArray[np.str_]:
    """Per row `plain`, or the optional sources that were down, comma separated, portfolio order."""
    states = [""] * len(frame)
    for source in portfolio.optional_sources:
        down = ~_available(frame, source)
        states = [
            f"{state},{source}" if d else state for state, d in zip(states, down, strict=True)
        ]
    return np.array([state.lstrip(",") or ALL_SOURCES_UP for state in states], dtype=np.str_)


def need(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns, or a `UserError` that names those that are not there."""
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise UserError(
            f"gold/features lacks {', '.join(lacking)}, which the model reads; "
            "rebuild the month's features with the model's portfolio"
        )
    return frame[names]


def _available(frame: pd.DataFrame, source: str) -> NDArray[np.bool_]:
    name = f"{source}_available"
    # empty means nobody saw the source that month
    return need(frame, [name])[name].astype("boolean").fillna(False).to_numpy(dtype=np.bool_)


def _numbers(values: "pd.Series[float]") -> NDArray[np.float64]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _categories(values: "pd.Series[str]") -> NDArray[np.object_]:
    return values.astype(object).where(values.notna(), MISSING).astype(str).to_numpy(dtype=object)
