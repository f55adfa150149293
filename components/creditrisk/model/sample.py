"""At most so many rows, drawn by seed: the same ones however the files lie."""

import numpy as np
import pandas as pd


def sampled(frame: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """All rows of gold features, or `most` of them; sorted by application."""
    rows = frame.sort_values("application_id", kind="stable", ignore_index=True)
    if len(rows) <= most:
        return rows
    places = np.random.default_rng(seed).choice(len(rows), most, replace=False)
    return rows.iloc[np.sort(places)]
