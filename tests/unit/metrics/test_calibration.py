import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss

from creditrisk.metrics.calibration import (
    brier,
    ece,
    holm,
    jeffreys,
    jeffreys_grades,
    observed_expected,
)

probabilities = st.floats(0.01, 0.99)
p_value_lists = st.lists(st.floats(0, 1), max_size=12)


def cohort(rows=4000, intercept=0.0, slope=1.0, seed=3):
    """PDs around 12 % and outcomes drawn from them, bent by intercept and slope."""
    random = np.random.default_rng(seed)
    pd = expit(random.normal(-2.2, 1.0, rows))
    y = random.random(rows) < expit(intercept + slope * logit(pd))
    return y.astype(int), pd


def defaults_of(defaults, rows, pd):
    return np.arange(rows) < defaults, np.full(rows, pd)


def test_observed_over_expected_is_defaults_over_summed_pd():
    y, pd = cohort()
    result = observed_expected(y, pd)
    assert result.observed == y.sum()
    assert result.expected == pytest.approx(pd.sum())
    assert result.ratio == pytest.approx(y.sum() / pd.sum())
    assert result.lower < result.ratio < result.upper


def test_the_exact_interval_is_that_of_clopper_and_pearson_over_the_pd():
    result = observed_expected(*defaults_of(30, 1000, 0.02))
    exact = binomtest(30, 1000).proportion_ci(0.95, method="exact")
    assert (result.lower * 0.02, result.upper * 0.02) == pytest.approx((exact.low, exact.high))


@given(st.integers(1, 300), st.data(), probabilities)
def test_the_interval_excludes_1_exactly_where_the_p_value_says_so(rows, data, pd):
    defaults = data.draw(st.integers(0, rows))
    result = observed_expected(*defaults_of(defaults, rows, pd))
    assert (result.p_value < 0.05) == (not result.lower <= 1 <= result.upper)


def test_a_cohort_without_defaults_has_ratio_0_and_an_upper_bound():
    result = observed_expected(*defaults_of(0, 1000, 0.02))
    assert (result.ratio, result.lower) == (0, 0)
    assert 0 < result.upper < 1
    assert result.p_value == pytest.approx(2 * 0.98**1000)


def test_a_cohort_of_defaults_only_has_a_ratio_too():
    result = observed_expected(*defaults_of(10, 10, 0.5))
    assert (result.ratio, result.upper) == (2, 2)


def test_a_calibrated_cohort_is_not_refused_by_its_interval_too_often():
    results = [observed_expected(*cohort(rows=500, seed=seed)) for seed in range(300)]
    assert sum(r.p_value < 0.05 for r in results) <= 0.06 * 300


def test_pd_of_zero_everywhere_is_refused():
    with pytest.raises(ValueError, match="no default is expected"):
        observed_expected([0, 1], [0.0, 0.0])


@pytest.mark.parametrize(
    ("defaults", "rows", "p"),
    [(3, 100, 0.2190), (30, 1000, 0.0162), (27, 1000, 0.0622), (250, 10_000, 0.0003)],
)
def test_jeffreys_p_values_at_a_pd_of_two_percent(defaults, rows, p):
    assert jeffreys(defaults, rows, 0.02) == pytest.approx(p, abs=5e-5)


@given(st.integers(1, 500), st.data(), probabilities)
def test_one_more_default_never_makes_a_pd_look_safer(rows, data, pd):
    defaults = data.draw(st.integers(0, rows - 1))
    assert jeffreys(defaults + 1, rows, pd) <= jeffreys(defaults, rows, pd)


def test_grades_are_tested_together_with_holm():
    grades = jeffreys_grades([3, 30, 27], [100, 1000, 1000], [0.02, 0.02, 0.02])
    assert [g.p_value for g in grades] == pytest.approx([0.2190, 0.0162, 0.0622], abs=5e-5)
    assert [g.adjusted for g in grades] == pytest.approx([0.2190, 0.0487, 0.1244], abs=2e-4)
    assert [g.p_value + g.p_conservative for g in grades] == pytest.approx([1, 1, 1])


def test_a_grade_without_rows_is_no_evidence_and_costs_the_others_nothing():
    empty, full = jeffreys_grades([0, 30], [0, 1000], [0.001, 0.02])
    assert (empty.p_value, empty.adjusted, empty.p_conservative) == (1, 1, 1)
    assert full.adjusted == full.p_value


def test_no_grades_give_no_results():
    assert jeffreys_grades([], [], []) == ()


@pytest.mark.parametrize(
    ("defaults", "rows", "pd", "complaint"),
    [
        (0, 0, 0.02, "at least one row"),
        (5, 4, 0.02, "5 of 4"),
        (-1, 4, 0.02, "-1 of 4"),
        (1, 4, 2.0, "pd must lie between 0 and 1"),
        (1, 4, float("nan"), "pd must lie between 0 and 1"),
    ],
)
def test_impossible_grades_are_refused(defaults, rows, pd, complaint):
    with pytest.raises(ValueError, match=complaint):
        jeffreys(defaults, rows, pd)


def test_grade_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="argument"):
        jeffreys_grades([1, 2], [10, 10], [0.02])


def test_holm_on_a_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p_value_lists)
def test_holm_keeps_the_order_and_never_lowers_a_p_value(p_values):
    adjusted = holm(p_values)
    by_size = np.argsort(p_values, kind="stable")
    assert (np.diff(adjusted[by_size]) >= 0).all()
    assert (adjusted >= np.array(p_values)).all()
    assert (adjusted <= np.minimum(1, len(p_values) * np.maximum.accumulate(adjusted))).all()


@given(p_value_lists, st.randoms(use_true_random=False))
def test_holm_does_not_depend_on_the_order_of_the_tests(p_values, random):
    order = random.sample(range(len(p_values)), len(p_values))
    shuffled = holm(np.array(p_values)[order]) if order else holm([])
    assert shuffled == pytest.approx(holm(p_values)[order] if order else [])


@pytest.mark.parametrize("p_values", [[0.1, float("nan")], [1.1], [-0.1], [[0.1]]])
def test_holm_refuses_what_is_not_a_list_of_p_values(p_values):
    with pytest.raises(ValueError, match="p_values"):
        holm(p_values)


def test_brier_is_that_of_sklearn():
    y, pd = cohort()
    assert brier(y, pd) == pytest.approx(brier_score_loss(y, pd))


def test_ece_is_the_mean_gap_over_bins_of_equal_size():
    y = np.array([0, 0, 1, 1, 1, 1])
    pd = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    gaps = [0.15, abs(1 - 0.45), 0.25]
    assert ece(y, pd, bins=3) == pytest.approx(np.mean(gaps))


def test_ece_of_one_constant_pd_is_its_distance_from_the_default_rate():
    assert ece([0, 0, 0, 1], [0.4] * 4) == pytest.approx(0.15)


def test_ece_is_small_for_calibrated_pd_and_grows_with_the_error():
    good, bad = ece(*cohort()), ece(*cohort(intercept=1.0))
    assert good < 0.02
    assert bad > 0.1


@given(st.randoms(use_true_random=False))
def test_row_order_changes_no_calibration_metric(random):
    y, pd = cohort(rows=60)
    pd = np.round(pd, 1)
    order = random.sample(range(60), 60)
    assert ece(y[order], pd[order]) == pytest.approx(ece(y, pd))
    assert brier(y[order], pd[order]) == pytest.approx(brier(y, pd))
    assert observed_expected(y[order], pd[order]).ratio == pytest.approx(
        observed_expected(y, pd).ratio
    )


@pytest.mark.parametrize("metric", [observed_expected, brier, ece])
@pytest.mark.parametrize(
    ("y", "pd", "complaint"),
    [
        ([0, 1], [0.1, 1.1], "outside 0 to 1"),
        ([0, 1], [-0.1, 0.1], "outside 0 to 1"),
        ([0, 1], [0.1, np.nan], "NaN"),
        ([0, np.nan], [0.1, 0.2], "y must be 0"),
        ([], [], "no rows"),
    ],
)
def test_rows_that_are_no_outcome_and_pd_are_refused(metric, y, pd, complaint):
    with pytest.raises(ValueError, match=complaint):
        metric(y, pd)


def test_less_than_one_bin_is_refused():
    with pytest.raises(ValueError, match="bands"):
        ece([0, 1], [0.1, 0.2], bins=0)
