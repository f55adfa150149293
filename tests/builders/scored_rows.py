"""Outcomes and scores of one portfolio, as the metrics take them."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def outcomes_and_scores(draw):
    """2 to 60 rows with both classes and plenty of ties."""
    y = draw(st.lists(st.integers(0, 1), min_size=2, max_size=60).filter(lambda y: len({*y}) == 2))
    p = draw(st.lists(st.integers(-8, 8), min_size=len(y), max_size=len(y)))
    return np.array(y), np.array(p) / 4


def portfolio(rows, shift=1.0, seed=7, decimals=1):
    random = np.random.default_rng(seed)
    y = random.random(rows) < 0.2
    return y.astype(int), np.round(random.normal(size=rows) + shift * y, decimals)
