import math

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import norm

from creditrisk.metrics.discrimination import decay_test, delong, heterogeneity_q, paired_delong
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.ranking import mean_auc
from tests.builders.scored_rows import outcomes_and_scores, portfolio


def brute_force_placements(y, p):
    """DeLong's psi kernel over every bad-good pair, averaged over goods and over bads."""
    bads, goods = p[y == 1], p[y == 0]
    kernel = (bads[:, None] > goods) + 0.5 * (bads[:, None] == goods)
    return kernel.mean(axis=1), kernel.mean(axis=0)


def brute_force_se(of_bads, of_goods):
    return math.sqrt(of_bads.var(ddof=1) / len(of_bads) + of_goods.var(ddof=1) / len(of_goods))


@given(outcomes_and_scores())
def test_the_reversed_score_has_the_mirrored_auc_and_the_same_error(rows):
    y, p = rows
    up, down = delong(y, p), delong(y, -p)
    assert up.auc + down.auc == pytest.approx(1)
    assert up.se == pytest.approx(down.se)


@given(outcomes_and_scores())
def test_the_interval_holds_the_auc_and_stays_between_0_and_1(rows):
    estimate = delong(*rows)
    assert 0 <= estimate.lower <= estimate.auc <= estimate.upper <= 1
    assert estimate.se > 0


def test_the_interval_of_a_mean_over_groups_ends_at_1_too():
    found = mean_auc([estimate_of(0.99, 0.02), estimate_of(0.97, 0.02)], [0.5, 0.5])
    assert (found.auc, found.upper) == (pytest.approx(0.98), 1.0)
    assert found.lower == pytest.approx(0.98 - norm.ppf(0.975) * 0.02 / math.sqrt(2))


def test_delong_is_the_sum_over_all_pairs():
    y, p = portfolio(300)
    estimate = delong(y, p)
    of_bads, of_goods = brute_force_placements(y, p)
    se = brute_force_se(of_bads, of_goods)
    assert estimate.auc == pytest.approx(of_bads.mean())
    assert estimate.se == pytest.approx(se)
    assert estimate.lower == pytest.approx(of_bads.mean() - norm.ppf(0.975) * se)
    assert (estimate.bads, estimate.goods) == (y.sum(), 300 - y.sum())


def test_paired_delong_is_the_sum_over_all_pairs():
    y, p = portfolio(300)
    q = np.round(p + np.random.default_rng(1).normal(size=300), 1)
    pair = paired_delong(y, p, q)
    (bads_a, goods_a), (bads_b, goods_b) = (brute_force_placements(y, s) for s in (p, q))
    se = brute_force_se(bads_a - bads_b, goods_a - goods_b)
    difference = bads_a.mean() - bads_b.mean()
    assert (pair.auc_a, pair.auc_b) == pytest.approx((bads_a.mean(), bads_b.mean()))
    assert (pair.difference, pair.se) == pytest.approx((difference, se))
    assert pair.p_superior == pytest.approx(norm.sf(difference / se))
    assert pair.upper == pytest.approx(difference + norm.ppf(0.975) * se)


def test_swapping_the_two_scores_turns_the_difference_round():
    y, p = portfolio(300)
    q = p + np.random.default_rng(1).normal(size=300)
    there, back = paired_delong(y, p, q), paired_delong(y, q, p)
    assert back.difference == -there.difference
    assert back.lower == pytest.approx(-there.upper)
    assert back.p_superior == pytest.approx(1 - there.p_superior)


def test_pairing_resolves_what_two_independent_intervals_cannot():
    y, p = portfolio(2000)
    worse = p + 0.5 * np.random.default_rng(1).normal(size=2000)
    assert delong(y, p).lower < delong(y, worse).upper
    assert paired_delong(y, p, worse).p_superior < 0.01


def test_delong_intervals_cover_the_true_auc_as_often_as_they_say():
    true = norm.cdf(1 / math.sqrt(2))
    estimates = [delong(*portfolio(400, seed=seed, decimals=9)) for seed in range(400)]
    covered = sum(e.lower <= true <= e.upper for e in estimates) / 400
    assert 0.92 <= covered <= 0.98


def test_the_same_ranking_is_not_superior_to_itself_and_its_interval_is_a_point():
    y, p = portfolio(300)
    pair = paired_delong(y, p, 5 * p - 2)
    assert (pair.difference, pair.se, pair.lower, pair.upper) == (0, 0, 0, 0)
    assert pair.p_superior == 0.5


def test_perfect_separation_does_not_claim_certainty():
    few = delong([0, 0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7])
    many = delong([0] * 400 + [1] * 400, range(800))
    assert few.auc == many.auc == 1
    assert few.lower < 0.75
    assert 0.99 < many.lower < 1


def test_a_constant_score_ranks_by_chance():
    y = [0, 0, 1, 1, 1]
    estimate = delong(y, [0.3] * 5)
    assert estimate.auc == 0.5
    assert estimate.lower < 0.5 < estimate.upper


def test_a_perfect_score_beats_a_constant_one_only_with_enough_rows():
    few = paired_delong([0, 1], [0, 1], [0, 0])
    many = paired_delong([0] * 200 + [1] * 200, range(400), [0] * 400)
    assert few.difference == many.difference == 0.5
    assert (few.se, few.lower, few.upper) == (1, -1, 1)
    assert few.p_superior > 0.05
    assert many.p_superior < 0.001


def test_a_single_bad_leaves_the_whole_interval_open():
    estimate = delong([0] * 50 + [1], range(51))
    assert (estimate.auc, estimate.se) == (1, 0.5)
    assert estimate.lower < 0.05


def estimate_of(area, se):
    return AucEstimate(area, se, area - 2 * se, area + 2 * se, 100, 900)


def test_decay_is_the_one_sided_z_test_on_independent_rows():
    decay = decay_test(estimate_of(0.76, 0.03), estimate_of(0.66, 0.04))
    assert decay.difference == pytest.approx(0.10)
    assert decay.p_value == pytest.approx(norm.sf(2))


def test_an_auc_that_rose_is_no_decay():
    assert decay_test(estimate_of(0.70, 0.03), estimate_of(0.76, 0.03)).p_value > 0.9
    assert decay_test(estimate_of(0.70, 0.03), estimate_of(0.70, 0.03)).p_value == 0.5


def test_decay_without_any_error_is_decided_by_its_sign():
    sure = [estimate_of(area, 0.0) for area in (0.8, 0.7)]
    assert decay_test(sure[0], sure[1]).p_value == 0
    assert decay_test(sure[1], sure[0]).p_value == 1


def test_heterogeneity_of_two_windows_is_the_squared_z_of_their_difference():
    both = [estimate_of(0.76, 0.03), estimate_of(0.66, 0.04)]
    result = heterogeneity_q(both)
    assert (result.q, result.df) == (pytest.approx(4), 1)
    assert result.p_value == pytest.approx(2 * norm.sf(2))


def test_equal_windows_show_no_heterogeneity():
    result = heterogeneity_q([estimate_of(0.7, se) for se in (0.01, 0.02, 0.03)])
    assert (result.q, result.df, result.p_value) == (pytest.approx(0), 2, pytest.approx(1))


def test_one_perfect_window_among_excellent_ones_is_not_heterogeneous():
    perfect = delong([0] * 900 + [1] * 100, range(1000))
    assert heterogeneity_q([perfect, estimate_of(0.99, 0.004)]).p_value > 0.05


def test_heterogeneity_of_one_window_is_refused():
    with pytest.raises(ValueError, match="at least two"):
        heterogeneity_q([estimate_of(0.7, 0.02)])


def test_heterogeneity_with_a_zero_error_is_refused():
    with pytest.raises(ValueError, match="positive standard error"):
        heterogeneity_q([estimate_of(0.7, 0.0), estimate_of(0.7, 0.01)])
