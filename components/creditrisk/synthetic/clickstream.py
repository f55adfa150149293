"""Dated events: twenty noisy counters a customer leaves every month.

Published facts: all twenty are about N(100, 100), whole numbers, without memory from month to
month. Customers who turn bad have means of 105, 110, 115, 120, 125 in fe_1..fe_5, the others the
same in fe_6..fe_10, before and after the application alike (row correlations with the outcome
.026 .. .105 and -.019 .. -.108); fe_11..fe_20 hold no signal.
"""

import numpy as np
import pandas as pd

COUNTERS = tuple(f"fe_{i}" for i in range(1, 21))
MEAN, SPREAD = 100.0, 100.0
LIFT = np.array([5.0, 10.0, 15.0, 20.0, 25.0])


def draw_events(leaning: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One month of counters. One row per customer.

    `leaning`: 1 clicks like a reference customer who turns bad, -1 like one who does not, 0 tells
    nothing; shape (customers,).
    """
    values = rng.normal(MEAN, SPREAD, (len(leaning), len(COUNTERS)))
    values[:, :5] += np.maximum(leaning, 0.0)[:, None] * LIFT
    values[:, 5:10] += np.maximum(-leaning, 0.0)[:, None] * LIFT
    return pd.DataFrame(np.rint(values).astype(np.int64), columns=list(COUNTERS))
