"""The random sample of applications above the cut-off that a lender books to learn of the rest.

An application is drawn by a hash of its id: known to whoever holds the policy, moved by nobody,
and the same however often a month is scored.
"""

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_SPAN = float(2**64)


def sampled(frame: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """All rows of gold features, or `most` of them; sorted by application."""
    rows = frame.sort_values("application_id", kind="stable", ignore_index=True)
    if len(rows) <= most:
        return rows
    places = np.random.default_rng(seed).choice(len(rows), most, replace=False)
    return rows.iloc[np.sort(places)]


def drawn(application_ids: Iterable[str], share: float, seed: int) -> NDArray[np.bool_]:
    """Which applications (rows,) are in the sample: each with chance `share`, by `seed`."""
    if not share:
        return np.zeros(len(list(application_ids)), dtype=np.bool_)
    return np.array([_place(name, seed) < share for name in application_ids], dtype=np.bool_)


def _place(application_id: str, seed: int) -> float:
    digest = sha256(f"{seed}/{application_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _SPAN
