"""Calibration maps: fitted on rows, kept as JSON."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.metrics.discrimination import auc
from creditrisk.model.calibration_map import Calibration, Calibrations
from creditrisk.stages.training.calibrate import Sample, choose, fit_calibrations, isotonic, sigmoid


def rows(n=2000, slope=1.0, shift=0.0, seed=1):
    """Log-odds of a model, and outcomes whose true log-odds are slope * raw + shift."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(-1, 1.2, n)
    bad = (rng.random(n) < 1 / (1 + np.exp(-slope * raw - shift))).astype(int)
    return Sample(raw, bad, np.arange(n).astype(object))


@pytest.mark.parametrize("method", [sigmoid, isotonic])
@settings(max_examples=40, deadline=None)
@given(n=st.integers(20, 300), seed=st.integers(0, 999), coarse=st.booleans())
def test_every_map_rises_strictly_never_reaches_0_or_1_and_expects_what_was_seen(
    method, n, seed, coarse
):
    sample = rows(n, seed=seed)
    raw = np.round(sample.raw) if coarse else sample.raw
    bad = sample.bad.copy()
    bad[:2] = [0, 1]
    fitted = method(Sample(raw, bad, sample.customer))
    grid = np.linspace(-8, 8, 400)
    assert (np.diff(fitted.log_odds(grid)) > 0).all()
    assert fitted.pd(grid).min() > 0
    assert fitted.pd(grid).max() < 1
    assert fitted.pd(raw).mean() == pytest.approx(bad.mean(), rel=1e-6)


def test_two_blocks_whose_rates_differ_in_the_last_bit_are_one():
    sample = rows(269, seed=154)
    bad = sample.bad.copy()
    bad[:2] = [0, 1]
    assert (np.diff(isotonic(Sample(sample.raw, bad, sample.customer)).y) > 0).all()


def test_isotonic_ranks_exactly_as_the_model_does():
    sample = rows()
    assert auc(sample.bad, isotonic(sample).pd(sample.raw)) == pytest.approx(
        auc(sample.bad, sample.raw), abs=1e-12
    )


def test_a_sigmoid_finds_the_slope_and_shift_that_made_the_outcomes():
    sample = rows(60_000, slope=0.6, shift=0.5)
    fitted = sigmoid(sample)
    assert fitted.slope == pytest.approx(0.6, abs=0.03)
    assert fitted.y[0] == pytest.approx(0.5, abs=0.05)


def test_where_log_odds_are_a_line_the_sigmoid_is_chosen():
    assert choose(rows())[0].method == "sigmoid"


def test_where_risk_jumps_isotonic_is_chosen():
    rng = np.random.default_rng(3)
    raw = rng.normal(size=4000)
    bad = (rng.random(4000) < np.where(raw > 1, 0.6, 0.05)).astype(int)
    assert choose(Sample(raw, bad, np.arange(4000).astype(object)))[0].method == "isotonic"


def test_a_model_that_ranks_backwards_still_gets_a_rising_map():
    sample = rows(slope=-1.0)
    assert sigmoid(sample).slope > 0


def test_a_mask_state_with_too_few_rows_takes_the_pooled_calibration():
    calibrations, chosen = fit_calibrations({"plain": rows(), "visits": rows(50, shift=2.0)})
    assert chosen["visits"].pooled
    assert not chosen["plain"].pooled
    assert set(calibrations.by_state) == {"plain", "visits"}


def test_a_mask_state_of_one_customers_loans_takes_the_pooled_calibration():
    alone = rows(400, seed=2)
    few = Sample(alone.raw, alone.bad, np.arange(400).astype(object) // 20)
    for sample, pooled in ((alone, False), (few, True)):
        _, chosen = fit_calibrations({"plain": rows(), "visits": sample})
        assert chosen["visits"].pooled == pooled


def test_goods_of_one_customer_are_no_proof_of_a_low_pd():
    raw = np.repeat([-2.0, -1.0, 1.0], 200)
    bad = np.concatenate([np.zeros(200, int), np.arange(200) % 4 == 0, np.arange(200) % 2])
    many, one = np.arange(600).astype(object), np.arange(600).astype(object)
    one[:200] = 0
    lowest = [isotonic(Sample(raw, bad.astype(int), who)).pd(raw).min() for who in (many, one)]
    assert lowest[0] == pytest.approx(0.5 / 200, rel=0.02)
    assert lowest[1] == pytest.approx(0.25 / 2, rel=0.2)  # half of the next block's


def test_rows_are_calibrated_by_the_sources_that_were_up_for_them():
    low, high = (Calibration("sigmoid", (0.0,), (shift,), 1.0) for shift in (0.0, 1.0))
    maps = Calibrations({"plain": low, "visits": high, "bureau": low})
    raw = np.zeros(4)
    pd = maps.pd(raw, np.array(["plain", "visits", "bureau", "visits,bureau"]))
    assert pd == pytest.approx([0.5, 0.731, 0.5, 0.731], abs=1e-3)
