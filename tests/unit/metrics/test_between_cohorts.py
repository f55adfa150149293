"""Shocks that cohorts share: estimated, shrunk, and carried into tests of a level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from creditrisk.metrics.between_cohorts import (
    NO_SHOCKS,
    Deviation,
    Level,
    Prior,
    Shocks,
    estimate_shocks,
    excess,
    level_deviation,
    level_of,
)

PRIOR = Prior(0.10, 4)
NO_PRIOR = Prior(0.10, 0)
FEW = st.lists(st.floats(-1, 1), min_size=2, max_size=4)


def deviations(values, variance=0.0):
    return [Deviation(float(value), variance) for value in values]


@given(FEW, st.floats(0, 0.1))
def test_without_a_prior_it_is_the_moment_estimate_of_hedges_and_olkin(values, chance):
    found = estimate_shocks([deviations(values, chance)], NO_PRIOR)
    assert found.variance == pytest.approx(max(0.0, np.var(values, ddof=1) - chance), abs=1e-12)


def test_the_prior_weighs_as_so_many_cohorts():
    values = [0.3, -0.3, 0.3, -0.3]  # alternating: neighbours are unlike
    alone = estimate_shocks([deviations(values)], NO_PRIOR).variance
    shrunk = estimate_shocks([deviations(values)], PRIOR).variance
    assert shrunk == pytest.approx((4 * 0.01 + 3 * alone) / 7)


def test_cohorts_of_all_sizes_give_the_general_moments_of_dersimonian_and_kacker():
    rng = np.random.default_rng(12)
    chance = rng.uniform(0.001, 0.05, 20)
    values = np.resize([0.2, -0.2], 20) + 0.1 * chance  # neighbours are unlike
    a = 1 / (0.01 + chance)
    q = (a * (values - (a * values).sum() / a.sum()) ** 2).sum()
    q -= (a * chance).sum() - (a**2 * chance).sum() / a.sum()
    found = estimate_shocks([[*map(Deviation, values, chance)]], NO_PRIOR)
    assert found.variance == pytest.approx(q / (a.sum() - (a**2).sum() / a.sum()))


def test_a_cohort_of_one_loan_among_twelve_changes_nothing():
    twelve = deviations(np.random.default_rng(3).normal(0, 0.2, 12), 0.002)
    one = level_deviation(0, 0.05, 0.0475)
    found, more = (estimate_shocks([[*twelve, *extra]], PRIOR) for extra in ([], [one]))
    assert more.variance == pytest.approx(found.variance, rel=0.05)
    assert more.df < found.df + 1


def test_neighbours_that_are_alike_are_worth_fewer_squares():
    alike, unlike = np.repeat([0.2, -0.2], 6), np.resize([0.2, -0.2], 12)
    one, other = (estimate_shocks([deviations(values)], PRIOR) for values in (alike, unlike))
    assert other.correlation == 0
    assert one.correlation > 0.6
    assert one.df < 0.7 * other.df


@pytest.mark.parametrize("groups", [[], [[]], [deviations([0.4])]])
def test_no_cohort_or_one_leaves_the_prior(groups):
    found = estimate_shocks(groups, PRIOR)
    assert (found.variance, found.df, found.cohorts) == (pytest.approx(0.01), 4, 0)


def test_a_level_that_moved_between_groups_does_not_pass_for_shocks():
    before, after = deviations([0.01, -0.01, 0.02, -0.02]), deviations([0.51, 0.49, 0.52, 0.48])
    assert estimate_shocks([before, after], NO_PRIOR).variance < 0.001
    assert estimate_shocks([before + after], NO_PRIOR).variance > 0.05


def test_twenty_four_cohorts_tell_the_sd_of_their_shocks():
    rng = np.random.default_rng(5)
    found = [
        estimate_shocks([deviations(rng.normal(0, np.hypot(0.2, 0.1), 24), 0.01)], PRIOR).variance
        for _ in range(200)
    ]
    assert np.sqrt(np.mean(found)) == pytest.approx(0.2, abs=0.02)


def test_neighbours_that_are_alike_widen_the_test():
    drifting, unlike = np.sin(np.arange(24) / 6), np.sin(np.arange(24) / 6)[::-1].copy()
    np.random.default_rng(3).shuffle(unlike)
    one, other = (estimate_shocks([deviations(0.2 * v)], PRIOR) for v in (drifting, unlike))
    assert one.correlation > 0.6
    assert other.correlation < 0.3
    assert one.of_mean(5) > 2 * other.of_mean(5)


def test_the_p_value_is_students_and_knows_the_level_as_an_estimate():
    shocks, level = Shocks(0.01, 0.0, 11, 12), Level(0.05, 0.002, 5)
    found = excess(Deviation(0.45, 0.003), 1, level, shocks)
    shared, total = 0.01 * (1 + 1 / 5), 0.01 * (1 + 1 / 5) + 0.003 + 0.002
    assert found.difference == pytest.approx(0.40)
    assert found.df == pytest.approx(11 * (total / shared) ** 2)
    assert found.p_above == pytest.approx(stats.t.sf(0.40 / np.sqrt(total), found.df))
    assert found.p_two_sided == pytest.approx(2 * found.p_above)
    assert found.margin() == pytest.approx(stats.t.ppf(0.975, found.df) * np.sqrt(total))


def test_without_shocks_it_is_the_normal_test():
    found = excess(Deviation(0.3, 0.01), 2, Level(0.0, 0.005, 5), NO_SHOCKS)
    assert found.p_above == pytest.approx(stats.norm.sf(0.3 / np.sqrt(0.015)), rel=1e-6)


def test_a_level_nobody_measured_counts_as_one_cohort():
    assert level_of([]) == Level(0.0, 0.0, 1)
    assert level_of(deviations([0.2, 0.4], 0.1)) == Level(pytest.approx(0.3), 0.05, 2)


@pytest.mark.parametrize("odds", [0.5, 1.0, 1.5, 3.0])
def test_the_deviation_of_a_level_is_the_log_of_the_odds(odds):
    pds = stats.beta(2, 30).ppf((np.arange(200_000) + 0.5) / 200_000)
    truth = odds * pds / (1 + (odds - 1) * pds)
    found = level_deviation(truth.sum(), pds.sum(), (pds * (1 - pds)).sum())
    assert found.value == pytest.approx(np.log(odds), abs=0.08)  # first order
    assert found.variance == pytest.approx(1 / (pds * (1 - pds)).sum(), rel=1e-3)


def test_a_cohort_without_a_default_is_finite_and_pds_that_promise_all_are_refused():
    assert np.isfinite(level_deviation(0, 20.0, 18.0).value)
    with pytest.raises(ValueError, match="promise an outcome"):
        level_deviation(10, 10.0, 0.0)


def test_shocks_of_a_fifth_are_called_a_change_in_less_than_one_pool_of_two_hundred():
    rng = np.random.default_rng(8)
    chance, calls, draws = 1 / 450, 0, 3000
    for _ in range(draws):
        cohorts = deviations(rng.normal(0, 0.2, 13) + rng.normal(0, chance**0.5, 13), chance)
        known, now = cohorts[:12], cohorts[12]
        shocks = estimate_shocks([known], PRIOR)
        calls += excess(now, 1, level_of(known[-5:]), shocks).p_two_sided < 0.002
    assert calls / draws < 0.006


def test_one_crisis_among_a_dozen_cohorts_doubles_the_odds_that_a_large_book_has_to_show():
    chance = 1 / (10_000 * 0.05 * 0.95)
    calm = np.array([-1.5, 1.0, 0.5, -1.0, 1.2, -0.5, 0.0, 0.8, -1.2, 1.5, -0.8]) + 0.0
    calm = (calm - calm.mean()) / calm.std(ddof=1) * (0.1**2 + chance) ** 0.5
    needed = []
    for crisis in (0.0, 1.0):
        known = deviations([*calm[:4], crisis, *calm[4:]], chance)
        shocks, level = estimate_shocks([known], PRIOR), level_of(known[-5:])
        found = [excess(Deviation(level.centre + step, chance), 1, level, shocks)
                 for step in np.arange(0.0, 2.0, 0.005)]  # fmt: skip
        significant = next(one for one in found if one.p_two_sided < 0.002)
        needed.append(np.exp(significant.difference))
    assert needed == pytest.approx([1.5, 3.0], abs=0.05)
