"""Does a score mean what it meant? The slope of outcome on PD in two samples."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from creditrisk.metrics.calibration_slope import slope_change


def cohort(rows=3000, intercept=0.0, slope=1.0, seed=3):
    random = np.random.default_rng(seed)
    pd = expit(random.normal(-1.5, 1.2, rows))
    return (random.random(rows) < expit(intercept + slope * logit(pd))).astype(int), pd


def likelihood(design, y):
    """The highest log likelihood of a logistic regression, by sklearn."""
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000).fit(design, y)
    return np.log(model.predict_proba(design)[np.arange(len(y)), y]).sum()


def test_the_p_value_is_the_likelihood_ratio_of_the_interaction_of_score_and_period():
    before, now = cohort(seed=1), cohort(slope=0.8, seed=2)
    y = np.concatenate([before[0], now[0]])
    x = logit(np.concatenate([before[1], now[1]]))
    period = np.repeat([0.0, 1.0], 3000)
    without = likelihood(np.column_stack([x, period]), y)
    with_it = likelihood(np.column_stack([x, period, x * period]), y)
    found = slope_change(*before, *now)
    assert found.p_value == pytest.approx(stats.chi2.sf(2 * (with_it - without), 1), rel=1e-3)
    assert found.difference == pytest.approx(found.now - found.before)
    assert found.lower < found.difference < found.upper


def test_a_level_that_shifted_is_no_change_of_slope():
    found = slope_change(*cohort(20_000, seed=1), *cohort(20_000, intercept=1.0, seed=2))
    assert abs(found.difference) < 0.1
    assert found.p_value > 0.01


def test_a_score_that_separates_half_as_well_has_half_the_slope():
    found = slope_change(*cohort(20_000, seed=1), *cohort(20_000, slope=0.5, seed=2))
    assert found.difference == pytest.approx(-0.5, abs=0.06)
    assert found.p_value < 1e-10


def test_in_an_unchanged_world_a_twentieth_of_the_p_values_is_below_a_twentieth():
    p_values = [
        slope_change(*cohort(400, seed=2 * i), *cohort(400, seed=2 * i + 1)).p_value
        for i in range(200)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) < 0.05) < 0.10


def test_the_order_of_the_samples_turns_the_sign_and_nothing_else():
    before, now = cohort(seed=1), cohort(slope=0.8, seed=2)
    there, back = slope_change(*before, *now), slope_change(*now, *before)
    assert back.difference == pytest.approx(-there.difference)
    assert back.p_value == pytest.approx(there.p_value, rel=1e-6)


@pytest.mark.parametrize("y", [np.zeros(50, int), np.ones(50, int)])
def test_one_outcome_only_has_no_slope(y):
    pd = np.linspace(0.1, 0.9, 50)
    with pytest.raises(ValueError, match="one class"):
        slope_change(*cohort(), y, pd)


def test_loans_of_one_customer_count_as_what_they_are_worth():
    before, now = cohort(seed=1), cohort(slope=0.8, seed=2)
    once = slope_change(*before, *now)
    customers = np.repeat(np.arange(3000), 3)
    thrice = [np.repeat(part, 3) for part in (*before, *now)]
    again = slope_change(*thrice, (customers, customers))
    assert again.p_value == pytest.approx(once.p_value, rel=1e-6)
    assert (again.lower, again.upper) == pytest.approx((once.lower, once.upper))
