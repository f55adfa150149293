"""The ECB template's statistics of moves and concentration; oracles are worked by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from creditrisk.metrics.grade_migration import (
    concentration,
    matrix_weighted_bandwidth,
    neighbour_tests,
)

MOVES = np.array([[80, 15, 5], [10, 80, 10], [0, 20, 80]])


def test_the_bandwidth_is_distance_over_the_furthest_each_could_go():
    found = matrix_weighted_bandwidth(MOVES)
    # up: 15 x 1 + 5 x 2 + 10 x 1 over 20 x 2 + 10 x 1; down: 10 x 1 + 20 x 1 over 10 x 1 + 20 x 2
    assert found.upper == pytest.approx(35 / 50)
    assert found.lower == pytest.approx(30 / 50)


def test_the_sums_of_the_template_give_the_same():
    rng, grades = np.random.default_rng(3), 7
    counts = rng.integers(0, 40, (grades, grades))
    rows = counts.sum(axis=1)
    share = counts / rows[:, None]
    above, most = 0.0, 0.0
    for i in range(1, grades):
        most += max(abs(i - grades), abs(i - 1)) * rows[i - 1] * share[i - 1, i:].sum()
        for j in range(i + 1, grades + 1):
            above += abs(i - j) * rows[i - 1] * share[i - 1, j - 1]
    assert matrix_weighted_bandwidth(counts).upper == pytest.approx(above / most)


def test_where_nobody_moved_there_is_no_bandwidth():
    found = matrix_weighted_bandwidth(np.diag([5, 3]))
    assert (found.upper, found.lower) == (None, None)


def test_a_move_is_tested_against_the_one_a_grade_shorter():
    z, p = neighbour_tests(MOVES)
    a, b = 0.15, 0.05  # from 1: to 2, to 3
    error = math.sqrt((a * (1 - a) + b * (1 - b) + 2 * a * b) / 100)
    assert z[0, 2] == pytest.approx((a - b) / error)
    assert p[0, 2] == pytest.approx(stats.norm.cdf(z[0, 2]))
    assert z[2, 1] == pytest.approx((0.8 - 0.2) / math.sqrt((0.16 + 0.16 + 0.32) / 100))
    assert np.isnan(np.diag(z)).all()


def test_moves_that_grow_with_distance_have_a_small_p():
    _, p = neighbour_tests([[50, 5, 45], [5, 90, 5], [5, 5, 90]])
    assert p[0, 2] < 1e-6
    assert p[1, 2] > 0.5


def test_a_grade_without_customers_has_no_test():
    z, _ = neighbour_tests([[0, 0], [3, 7]])
    assert np.isnan(z[0]).all()


def test_concentration_has_the_known_values():
    found = concentration([5, 1], [4, 2])  # z = 3 / sqrt(34), as the package meliora has it
    assert found.herfindahl == pytest.approx(26 / 36)
    assert found.variation == pytest.approx(2 / 3)
    assert found.p_value == pytest.approx(stats.norm.sf(3 / math.sqrt(34)))
    assert concentration([4, 2]).variation == pytest.approx(1 / 3)


def test_the_templates_index_runs_from_equal_shares_to_one_group():
    assert concentration([3, 3, 3, 3]).index == pytest.approx(0)
    assert concentration([9, 0, 0]).index == pytest.approx(1)
    found = concentration([6, 3, 1])
    assert found.index == pytest.approx(1 + math.log((found.variation**2 + 1) / 3) / math.log(3))


def test_equal_shares_and_no_first_ones_have_no_test():
    assert concentration([2, 2], [3, 1]).p_value is None
    assert concentration([3, 1]).p_value is None


@pytest.mark.parametrize("counts", [[5], [0, 0], [3, -1]])
def test_what_cannot_be_concentrated_is_refused(counts):
    with pytest.raises(ValueError, match="two groups or more"):
        concentration(counts)


def test_moves_are_a_square():
    with pytest.raises(ValueError, match="square"):
        matrix_weighted_bandwidth([[1, 2]])
