import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from creditrisk.metrics.calibration_slope import logit_slope_intercept


def cohort(rows=4000, intercept=0.0, slope=1.0, seed=3):
    """PDs around 12 % and outcomes drawn from them, bent by intercept and slope."""
    random = np.random.default_rng(seed)
    pd = expit(random.normal(-2.2, 1.0, rows))
    y = random.random(rows) < expit(intercept + slope * logit(pd))
    return y.astype(int), pd


def test_slope_and_intercept_are_the_maximum_likelihood_of_sklearn():
    y, pd = cohort(intercept=0.4, slope=0.8)
    line = logit_slope_intercept(y, pd)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit(pd)[:, None], y)
    assert line.slope == pytest.approx(model.coef_[0, 0], abs=1e-4)
    assert line.intercept == pytest.approx(model.intercept_[0], abs=1e-4)


def test_the_error_of_the_slope_is_the_inverse_information():
    y, pd = cohort()
    line = logit_slope_intercept(y, pd)
    design = np.column_stack([np.ones_like(pd), logit(pd)])
    fitted = expit(design @ (line.intercept, line.slope))
    variance = np.linalg.inv((design.T * fitted * (1 - fitted)) @ design)[1, 1]
    assert line.slope_se == pytest.approx(np.sqrt(variance))


def test_calibrated_pd_have_slope_1_within_its_error_and_an_intercept_of_about_0():
    line = logit_slope_intercept(*cohort(rows=20_000))
    assert abs(line.slope - 1) < 3 * line.slope_se
    assert abs(line.intercept) < 0.2


def test_doubled_logits_have_half_the_slope():
    y, pd = cohort()
    line, doubled = (logit_slope_intercept(y, expit(k * logit(pd))) for k in (1, 2))
    assert doubled.slope == pytest.approx(line.slope / 2)
    assert doubled.intercept == pytest.approx(line.intercept)


def test_pd_of_exactly_0_and_1_still_give_a_finite_slope():
    line = logit_slope_intercept([0, 0, 1, 0, 1, 1], [0.0, 0.1, 0.2, 0.3, 0.4, 1.0])
    assert np.isfinite([line.slope, line.intercept, line.slope_se]).all()


def test_two_rows_short_of_separation_still_have_a_finite_slope():
    y = np.arange(1000) >= 500
    pd = np.linspace(0.001, 0.999, 1000)
    pd[[499, 500]] = pd[[500, 499]]
    assert np.isfinite(logit_slope_intercept(y, pd).slope)


@pytest.mark.parametrize(
    ("y", "pd", "complaint"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], "separates"),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], "separates"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.2, 0.4], "separates"),
        ([0, 1, 0, 1], [0.2] * 4, "same in every row"),
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], "one class only"),
    ],
)
def test_a_slope_that_is_not_finite_is_refused_with_its_reason(y, pd, complaint):
    with pytest.raises(ValueError, match=complaint):
        logit_slope_intercept(y, pd)
