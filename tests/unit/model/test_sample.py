"""Rows are drawn by seed, in whatever order they lie."""

import pandas as pd

from creditrisk.model.random_sample import sampled


def test_the_same_rows_are_drawn_in_whatever_order_they_lie():
    frame = pd.DataFrame({"application_id": [f"A{i:03d}" for i in range(500)]})
    other = frame.sample(frac=1, random_state=3)
    assert sampled(frame, 50, 7).equals(sampled(other, 50, 7))
    assert not sampled(frame, 50, 7).equals(sampled(frame, 50, 8))
    assert len(sampled(frame, 500, 7)) == 500
