"""Most prudent PDs: the tables of Pluto and Tasche (2005) are the oracle."""

import numpy as np
import pytest
from scipy import integrate, stats

from creditrisk.metrics.low_default import chance_of_at_most, upper_bound, upper_bounds

ROWS = [100, 400, 300]  # grades A, B, C of the paper


@pytest.mark.parametrize(
    ("confidence", "percent"),
    [
        (0.50, (0.09, 0.10, 0.23)),
        (0.75, (0.17, 0.20, 0.46)),
        (0.90, (0.29, 0.33, 0.76)),
        (0.95, (0.37, 0.43, 0.99)),
        (0.99, (0.57, 0.66, 1.52)),
        (0.999, (0.86, 0.98, 2.28)),
    ],
)
def test_no_default_and_independent_loans_is_table_1_of_the_paper(confidence, percent):
    found = upper_bounds([0, 0, 0], ROWS, confidence)
    assert [round(100 * pd, 2) for pd in found] == list(percent)


@pytest.mark.parametrize(
    ("confidence", "percent"),
    [
        (0.50, (0.15, 0.17, 0.37)),
        (0.75, (0.40, 0.45, 0.92)),
        (0.90, (0.86, 0.96, 1.89)),
        (0.95, (1.31, 1.45, 2.78)),
        (0.99, (2.65, 2.92, 5.30)),
        (0.999, (5.29, 5.77, 9.84)),
    ],
)
def test_no_default_and_correlated_loans_is_the_table_of_the_paper_at_12_percent(
    confidence, percent
):
    found = upper_bounds([0, 0, 0], ROWS, confidence, 0.12)
    assert [100 * pd for pd in found] == pytest.approx(list(percent), abs=0.012)


@pytest.mark.parametrize(
    ("defaults", "rows", "pd", "correlation"),
    [
        (3, 500, 0.02, 0.2),
        (0, 3, 0.2, 0.02),
        (1134, 5000, 0.3, 0.12),
        (22_000, 100_000, 0.25, 0.12),
        (40, 1000, 0.05, 0.01),
    ],
)
def test_the_chance_is_the_integral_over_the_factor(defaults, rows, pd, correlation):
    def given(y):
        left = stats.norm.ppf(pd) - np.sqrt(correlation) * y
        rate = stats.norm.cdf(left / np.sqrt(1 - correlation))
        return stats.binom.cdf(defaults, rows, rate) * stats.norm.pdf(y)

    # in the middle of the step, where there is one
    middle = stats.norm.ppf(pd) - np.sqrt(1 - correlation) * stats.norm.ppf((defaults + 1) / rows)
    step = middle / np.sqrt(correlation)
    around = sorted(np.clip([step - 0.5, step, step + 0.5], -10, 10))
    exact = integrate.quad(given, -10, 10, limit=400, points=around)[0]
    assert chance_of_at_most(defaults, rows, pd, correlation) == pytest.approx(exact, abs=1e-7)


def test_a_grade_takes_in_all_riskier_ones_and_an_empty_one_is_no_gap():
    found = upper_bounds([0, 0, 2], [50, 0, 100], 0.75)
    assert found[0] == pytest.approx(upper_bound(2, 150, 0.75))
    assert found[1] == found[2] == pytest.approx(upper_bound(2, 100, 0.75))
    assert upper_bounds([0], [0], 0.75) == (1.0,)
    assert upper_bound(5, 5, 0.75, 0.12) == 1.0


def test_more_confidence_correlation_or_defaults_is_more_prudent():
    base = upper_bound(2, 500, 0.75, 0.12)
    assert base < upper_bound(2, 500, 0.9, 0.12)
    assert base < upper_bound(2, 500, 0.75, 0.2)
    assert base < upper_bound(3, 500, 0.75, 0.12)
    assert base > upper_bound(2, 500, 0.75)


@pytest.mark.parametrize(
    "wrong",
    [([3], [2], 0.7, 0.1), ([0], [2], 1.0, 0.1), ([0], [2], 0.7, 1.0), ([0], [1, 2], 0.7, 0.1)],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        upper_bounds(*wrong)


def test_counts_that_are_not_whole_lie_between_those_that_are():
    for correlation in (0.0, 0.12):
        bounds = [upper_bound(d, 200, 0.75, correlation) for d in (2, 2.5, 3)]
        assert bounds == sorted(bounds)
        assert len(set(bounds)) == 3
