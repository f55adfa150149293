import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, mannwhitneyu
from sklearn.metrics import precision_score, recall_score, roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from creditrisk.metrics.discrimination import (
    auc,
    delong,
    gini,
    ks,
    paired_delong,
    precision_recall,
    rank_inversions,
)
from creditrisk.metrics.ranking import roc_curve
from tests.builders.scored_rows import outcomes_and_scores, portfolio


@given(outcomes_and_scores())
def test_auc_is_that_of_sklearn_and_of_mann_whitney_with_ties(rows):
    y, p = rows
    statistic = mannwhitneyu(p[y == 1], p[y == 0]).statistic
    assert auc(y, p) == pytest.approx(roc_auc_score(y, p), abs=1e-12)
    assert auc(y, p) == pytest.approx(statistic / (y.sum() * (1 - y).sum()), abs=1e-12)


@given(outcomes_and_scores())
def test_ks_is_the_widest_gap_of_the_roc_curve_with_ties(rows):
    fpr, tpr, _ = sklearn_roc_curve(*rows)
    assert ks(*rows) == pytest.approx(np.abs(tpr - fpr).max(), abs=1e-12)


def test_ks_is_that_of_scipy():
    y, p = portfolio(300)
    assert ks(y, p) == pytest.approx(ks_2samp(p[y == 1], p[y == 0]).statistic)


@given(outcomes_and_scores())
def test_a_monotone_transform_of_the_score_changes_no_rank_metric(rows):
    y, p = rows
    logistic = 1 / (1 + np.exp(-3 * p))
    assert auc(y, logistic) == auc(y, p)
    assert ks(y, logistic) == ks(y, p)
    assert rank_inversions(y, logistic) == rank_inversions(y, p)
    assert paired_delong(y, logistic, p).difference == 0


@given(outcomes_and_scores(), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(rows, random):
    y, p = rows
    order = random.sample(range(len(y)), len(y))
    assert auc(y[order], p[order]) == auc(y, p)
    assert ks(y[order], p[order]) == ks(y, p)
    assert rank_inversions(y[order], p[order]) == rank_inversions(y, p)
    assert delong(y[order], p[order]).se == pytest.approx(delong(y, p).se)


def test_a_constant_score_has_the_auc_of_chance_and_no_ks():
    assert (auc([0, 0, 1], [0.3] * 3), ks([0, 0, 1], [0.3] * 3)) == (0.5, 0)


def test_gini_is_0_by_chance_and_1_when_perfect():
    assert (gini(0.5), gini(1.0), gini(0.0)) == (0, 1, -1)


def bands_of(*bad_of_hundred):
    """One score per band of 100 rows with so many bads."""
    y = [row < bads for bads in bad_of_hundred for row in range(100)]
    return np.array(y), np.repeat(np.arange(len(bad_of_hundred)), 100)


def test_rising_default_rates_have_no_inversion():
    order = rank_inversions(*bands_of(1, 2, 5, 9, 20), bands=5)
    assert (order.inversions, order.significant) == (0, 0)
    assert (order.bads, order.rows) == ((1, 2, 5, 9, 20), (100,) * 5)


def test_a_small_inversion_counts_but_is_not_significant_and_a_large_one_is():
    small = rank_inversions(*bands_of(2, 5, 4, 20), bands=4)
    large = rank_inversions(*bands_of(2, 25, 4, 40), bands=4)
    assert (small.inversions, small.significant) == (1, 0)
    assert (large.inversions, large.significant) == (1, 1)


def test_equal_neighbours_are_no_inversion():
    assert rank_inversions(*bands_of(3, 3, 3), bands=3).inversions == 0


def test_ties_that_fill_several_bands_leave_one_band_for_all_of_them():
    order = rank_inversions([0] * 50 + [1] * 50, [0.5] * 100)
    assert (order.rows, order.bads, order.inversions) == ((100,), (50,), 0)


def test_precision_and_recall_are_those_of_sklearn_with_exact_intervals():
    y, p = portfolio(300)
    result = precision_recall(y, p, 0.5)
    assert result.precision.value == pytest.approx(precision_score(y, p > 0.5))
    assert result.recall.value == pytest.approx(recall_score(y, p > 0.5))
    assert result.recall.total == y.sum()
    assert result.precision.lower < result.precision.value < result.precision.upper


def test_clopper_pearson_bounds_of_3_in_10_are_the_published_ones():
    y, p = [1] * 3 + [0] * 7 + [0, 1], [1] * 10 + [0, 0]
    precision = precision_recall(y, p, 0.5).precision
    assert (precision.count, precision.total) == (3, 10)
    assert (precision.lower, precision.upper) == pytest.approx((0.0667, 0.6525), abs=1e-4)


def test_a_cutoff_nobody_reaches_has_no_precision_and_recall_zero():
    result = precision_recall([0, 1, 1], [0.1, 0.2, 0.3], 0.9)
    assert (result.precision.value, result.precision.lower, result.precision.upper) == (None, 0, 1)
    assert (result.recall.value, result.recall.lower) == (0, 0)


def test_a_pd_of_just_the_cutoff_is_not_flagged():
    result = precision_recall([0, 1, 1], [0.1, 0.3, 0.4], 0.3)
    assert (result.precision.total, result.recall.count) == (1, 1)


def test_a_cutoff_everybody_reaches_has_recall_one():
    recall = precision_recall([0, 1, 1], [0.2, 0.3, 0.4], 0.1).recall
    assert (recall.value, recall.upper) == (1, 1)


@given(outcomes_and_scores(), st.integers(2, 20))
def test_the_roc_curve_rises_from_corner_to_corner_within_its_points(rows, points):
    curve = roc_curve(*rows, points=points)
    assert len(curve.fpr) <= points
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)
    assert (np.diff(curve.fpr) >= 0).all()
    assert (np.diff(curve.tpr) >= 0).all()
    assert (np.diff(curve.thresholds) < 0).all()
    assert np.isfinite(curve.thresholds).all()


def test_an_unthinned_roc_curve_is_that_of_sklearn():
    y, p = portfolio(300)
    fpr, tpr, thresholds = sklearn_roc_curve(y, p, drop_intermediate=False)
    curve = roc_curve(y, p, points=10_000)
    assert curve.fpr == pytest.approx(fpr)
    assert curve.tpr == pytest.approx(tpr)
    assert curve.thresholds[1:] == pytest.approx(thresholds[1:])


def test_a_thinned_roc_curve_keeps_the_area_and_its_thresholds_reproduce_its_points():
    y, p = portfolio(3000, decimals=9)
    fpr, tpr, thresholds = roc_curve(y, p)
    assert np.trapezoid(tpr, fpr) == pytest.approx(auc(y, p), abs=0.005)
    assert [np.mean(p[y == 1] >= t) for t in thresholds] == pytest.approx(list(tpr))
    assert [np.mean(p[y == 0] >= t) for t in thresholds] == pytest.approx(list(fpr))


def test_fewer_than_two_roc_points_are_refused():
    with pytest.raises(ValueError, match="points"):
        roc_curve([0, 1], [0, 1], points=1)


RANK_METRICS = [
    auc,
    delong,
    ks,
    rank_inversions,
    roc_curve,
    lambda y, p: paired_delong(y, p, p),
    lambda y, p: precision_recall(y, p, 0.5),
]


@pytest.mark.parametrize("metric", RANK_METRICS)
@pytest.mark.parametrize(
    ("y", "p", "complaint"),
    [
        ([0, 0, 0], [1, 2, 3], "one class only .0 bads, 3 goods"),
        ([1, 1, 1], [1, 2, 3], "one class only .3 bads, 0 goods"),
        ([0, 1, 1], [1, np.nan, 3], "1 of 3 rows are NaN or infinite"),
        ([0, 1, 1], [1, np.inf, 3], "1 of 3 rows are NaN or infinite"),
        ([0, 1, np.nan], [1, 2, 3], "y must be 0 .good. or 1 .bad."),
        ([0, 1, 2], [1, 2, 3], "y must be 0 .good. or 1 .bad."),
        ([0, 1], [1, 2, 3], "equally long"),
        ([[0, 1]], [[1, 2]], "one-dimensional"),
        ([], [], "no rows"),
    ],
)
def test_unusable_rows_are_refused_with_a_reason(metric, y, p, complaint):
    with pytest.raises(ValueError, match=complaint):
        metric(y, p)


def test_outcomes_may_be_booleans():
    assert auc([False, True], [0, 1]) == 1
