"""Mask states: which optional sources were down for a row, and what a model does not see then.

A source was down for a row whose `<source>_available` is not true.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.errors import UserError
from creditrisk.portfolio import Portfolio


def mask_states(frame: pd.DataFrame, portfolio: Portfolio) -> NDArray[np.str_]:
    """Per row `plain`, or the optional sources that were down, comma separated, portfolio order."""
    sources = portfolio.optional_sources
    bits = np.zeros(len(frame), dtype=np.int64)
    for place, source in enumerate(sources):
        bits |= ~_available(frame, source) * np.int64(1 << place)
    found, row_is = np.unique(bits, return_inverse=True)
    down = [[name for place, name in enumerate(sources) if code >> place & 1] for code in found]
    names = [",".join(named) or ALL_SOURCES_UP for named in down]
    return np.array(names, dtype=np.str_)[row_is]


def segment_of(state: str) -> str:
    """How findings and containments name the rows of a mask state."""
    return f"sources_down={'none' if state == ALL_SOURCES_UP else state}"


def columns_of(portfolio: Portfolio, source: str) -> list[str]:
    """Columns of gold features that are empty when a source is down, ratios over it included."""
    for events in portfolio.events:
        if events.name == source:
            return [events.count, *events.sums]
    own = set(portfolio.sources[source].values())
    ratios = {name for name, ratio in portfolio.derived.items() if own & set(ratio.ratio)}
    return [f.name for f in portfolio.features if f.source == source or f.name in ratios]


def masked_features(portfolio: Portfolio, state: str) -> set[str]:
    """Model features that are empty in a mask state, evidence included."""
    sources = [] if state == ALL_SOURCES_UP else state.split(",")
    columns = {column for source in sources for column in columns_of(portfolio, source)}
    return columns | {e.evidence for e in portfolio.events if e.count in columns}


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
