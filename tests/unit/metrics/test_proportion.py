"""Shares and their tests where customers have several rows."""

import numpy as np
import pytest
from scipy import stats

from creditrisk.metrics.design_effect import effect_of_share
from creditrisk.metrics.discrimination import precision_recall, rank_inversions
from creditrisk.metrics.proportion import clopper_pearson, fisher, share_of


def test_a_share_of_rows_is_that_of_scipy_where_nobody_has_two():
    which = np.arange(50) < 17
    exact = stats.binomtest(17, 50).proportion_ci(method="exact")
    found = share_of(which)
    assert (found.lower, found.upper) == pytest.approx(tuple(exact))
    assert found == clopper_pearson(17, 50) == share_of(which, np.arange(50))


def test_four_equal_rows_of_each_customer_are_worth_one():
    customers, which = np.repeat(np.arange(25), 4), np.repeat(np.arange(25) < 10, 4)
    assert effect_of_share(which, customers) == pytest.approx(4)
    found, one_each = share_of(which, customers), clopper_pearson(10, 25)
    assert (found.lower, found.upper) == pytest.approx((one_each.lower, one_each.upper))
    assert (found.count, found.total) == (40, 100)


@pytest.mark.parametrize("which", [np.zeros(100, bool), np.ones(100, bool)])
def test_a_hundred_rows_of_one_customer_that_are_alike_are_one(which):
    found, one = share_of(which, np.zeros(100, int)), clopper_pearson(int(which[0]), 1)
    assert (found.value, found.lower, found.upper) == (which[0], one.lower, one.upper)


def test_no_row_has_no_share_whoever_it_is():
    assert share_of(np.zeros(0, bool), np.zeros(0, int)) == clopper_pearson(0, 0)


def test_the_interval_covers_the_truth_where_customers_are_alike():
    rng, covered = np.random.default_rng(1000), 0
    for _ in range(400):
        customers = np.repeat(np.arange(60), rng.integers(1, 8, 60))
        own = rng.beta(1, 4, 60)[customers]  # .2 on average
        found = share_of(rng.random(len(own)) < own, customers)
        covered += found.lower <= 0.2 <= found.upper
    assert covered / 400 >= 0.94


def test_fishers_p_is_that_of_scipy_where_nobody_has_two():
    few, many = clopper_pearson(4, 40), clopper_pearson(15, 50)
    for side in ("two-sided", "less"):
        assert fisher(few, many, alternative=side) == pytest.approx(
            stats.fisher_exact([[4, 36], [15, 35]], alternative=side).pvalue
        )


def test_fishers_p_counts_rows_as_what_they_are_worth():
    few, many = clopper_pearson(8, 80), clopper_pearson(30, 100)
    once = fisher(clopper_pearson(4, 40), clopper_pearson(15, 50))
    assert fisher(few, many, (2.0, 2.0)) == pytest.approx(once)
    whole = stats.fisher_exact([[4, 34], [14, 33]]).pvalue  # 3.8 of 38.1 and 14.3 of 47.6
    assert fisher(few, many, (2.1, 2.1)) == pytest.approx(whole)
    assert fisher(clopper_pearson(0, 500), clopper_pearson(500, 500), (500.0, 500.0)) == 1


def bands(*bad_of_hundred, of_each=1):
    y = np.array([row < bads for bads in bad_of_hundred for row in range(100)])
    return y, np.repeat(np.arange(len(bad_of_hundred)), 100), np.arange(len(y)) // of_each


def test_an_inversion_by_one_customers_loans_is_not_significant():
    y, p, customers = bands(0, 20, 0, 40)
    assert rank_inversions(y, p, bands=4, cluster=customers).significant == 1
    customers[100:120] = customers[100]  # twenty bads, one customer
    found = rank_inversions(y, p, bands=4, cluster=customers)
    assert (found.inversions, found.significant) == (1, 0)
    assert (found.rows, found.bads) == ((100,) * 4, (0, 20, 0, 40))


def test_inversions_come_by_chance_no_oftener_where_customers_have_several_loans():
    rng, found = np.random.default_rng(1001), {True: 0, False: 0}
    for _ in range(60):
        customers = np.repeat(np.arange(120), 5)
        y, p = np.repeat(rng.random(120) < 0.2, 5), np.repeat(rng.random(120), 5)
        for clustered in found:
            cluster = customers if clustered else None
            found[clustered] += rank_inversions(y, p, cluster=cluster).significant
    assert found[False] > 60  # of 540 pairs, at .05
    assert found[True] <= 27


def test_precision_and_recall_of_five_alike_are_as_sure_as_those_of_one():
    rng = np.random.default_rng(7)
    y, p = (rng.random(200) < 0.3).astype(int), rng.random(200)
    once = precision_recall(y, p, 0.5)
    found = precision_recall(np.repeat(y, 5), np.repeat(p, 5), 0.5, np.repeat(np.arange(200), 5))
    for own, one in ((found.precision, once.precision), (found.recall, once.recall)):
        assert (own.lower, own.upper) == pytest.approx((one.lower, one.upper))
        assert own.total == 5 * one.total
