import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.stability import occupied_bins, psi, psi_critical

two_counts = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        *[st.lists(st.integers(0, 1000), min_size=size, max_size=size).filter(any)] * 2
    )
)


def decile_shares(mean=0.0):
    """Exact shares of N(mean, 1) in the deciles of N(0, 1)."""
    cuts = norm.ppf(np.linspace(0, 1, 11))
    return np.diff(norm.cdf(cuts - mean))


def test_psi_of_half_a_standard_deviation_is_the_sum_written_out():
    reference, current = decile_shares(), decile_shares(0.5)
    written_out = sum((c - r) * math.log(c / r) for r, c in zip(reference, current, strict=True))
    assert psi(reference, current) == pytest.approx(written_out)
    assert psi(reference, current) == pytest.approx(0.2377, abs=5e-5)


def test_psi_of_half_the_rows_going_missing_is_the_known_value():
    reference, current = [100] * 10 + [0], [50] * 10 + [500]
    assert psi(reference, current) == pytest.approx(4.604, abs=5e-4)


def test_frozen_deciles_on_a_sample_reproduce_the_known_psi():
    random = np.random.default_rng(0)
    reference, current = random.normal(size=100_000), random.normal(0.5, size=100_000)
    bins = FrozenBins.numeric(reference)
    assert psi(bins.counts(reference), bins.counts(current)) == pytest.approx(0.2377, abs=0.01)


def test_one_wild_value_does_not_hide_a_shift():
    random = np.random.default_rng(0)
    reference, current = random.normal(size=10_000), random.normal(0.5, size=10_000)
    bins = FrozenBins.numeric(reference)
    clean = psi(bins.counts(reference), bins.counts(current))
    current[0] = 1e6
    assert psi(bins.counts(reference), bins.counts(current)) == pytest.approx(clean, abs=0.001)


@given(two_counts)
def test_psi_is_never_negative_and_the_same_in_both_directions(counts):
    reference, current = counts
    assert psi(reference, current) >= 0
    assert psi(reference, current) == pytest.approx(psi(current, reference))


@given(two_counts, st.integers(1, 9))
def test_psi_is_zero_on_equal_shares_whatever_the_size(counts, times):
    reference = np.array(counts[0])
    assert psi(reference, reference) == 0
    assert psi(reference, times * reference) == pytest.approx(0, abs=1e-12)


@given(two_counts, st.randoms(use_true_random=False))
def test_the_order_of_the_bins_changes_nothing(counts, random):
    reference, current = map(np.array, counts)
    order = random.sample(range(len(reference)), len(reference))
    assert psi(reference[order], current[order]) == pytest.approx(psi(reference, current))


@pytest.mark.parametrize(
    ("reference", "current", "complaint"),
    [
        ([1, 2], [0, 0], "current counts are empty"),
        ([0, 0], [1, 2], "reference counts are empty"),
        ([], [], "reference counts are empty"),
        ([1, 2], [1, 2, 3], "share their bins"),
        ([1, -2], [1, 2], "negative"),
        ([1, 2], [1, np.nan], "NaN"),
    ],
)
def test_counts_that_cannot_be_compared_are_refused(reference, current, complaint):
    with pytest.raises(ValueError, match=complaint):
        psi(reference, current)


@pytest.mark.parametrize("floor", [0, -1, 1])
def test_a_floor_that_is_no_share_is_refused(floor):
    with pytest.raises(ValueError, match="floor"):
        psi([1, 2], [1, 2], floor=floor)


@pytest.mark.parametrize(
    ("rows", "critical"), [(300, 0.0932), (1_000, 0.0282), (5_000, 0.0059), (100_000, 0.0006)]
)
def test_critical_psi_against_a_reference_of_100_000_rows(rows, critical):
    assert psi_critical(100_000, rows, 10) == pytest.approx(critical, abs=1e-4)


def test_equal_populations_exceed_the_critical_psi_as_often_as_alpha_says():
    random = np.random.default_rng(5)
    draws = random.multinomial(2000, [0.1] * 10, size=(1000, 2))
    values = [psi(reference, current) for reference, current in draws]
    assert np.mean(np.array(values) > psi_critical(2000, 2000, 10, alpha=0.05)) == pytest.approx(
        0.05, abs=0.02
    )


def test_a_single_bin_has_nothing_to_exceed():
    assert psi_critical(100, 100, 1) == 0 == psi([100], [100])


@pytest.mark.parametrize(("n", "m", "bins"), [(0, 10, 5), (10, 0, 5), (10, 10, 0)])
def test_critical_psi_of_no_rows_or_no_bins_is_refused(n, m, bins):
    with pytest.raises(ValueError, match="at least 1"):
        psi_critical(n, m, bins)


def test_bins_empty_on_both_sides_are_not_occupied():
    assert occupied_bins([5, 0, 0, 1], [5, 0, 2, 0]) == 3
