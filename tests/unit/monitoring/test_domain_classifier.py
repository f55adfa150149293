"""Whether a classifier tells the month's applications from the reference."""

import numpy as np
import pandas as pd
import pytest

from creditrisk.policy import load_policy
from creditrisk.stages.monitoring.domain_classifier import domain_auc

POLICY = load_policy()


def matrix(n=400, seed=1, shift=0.0, correlation=0.0):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n) + shift, rng.normal(size=n)
    b = correlation * a + np.sqrt(1 - correlation**2) * b
    home = rng.choice(["own", "rent"], n).astype(object)
    return pd.DataFrame({"a": a, "b": b, "home": home})


def test_two_draws_of_one_distribution_cannot_be_told_apart():
    p_values = [
        domain_auc(matrix(seed=2 * i), matrix(seed=2 * i + 1), POLICY).p_value for i in range(8)
    ]
    assert sum(p < 0.05 for p in p_values) <= 2


def test_a_customers_other_applications_give_nobody_away():
    """Forty customers apply ten times each on either side."""
    sides = [matrix(n=40, seed=seed) for seed in (1, 2)]
    reference, current = (side.loc[np.repeat(side.index, 10)] for side in sides)
    policy = POLICY.model_copy(
        update={"monitoring": POLICY.monitoring.model_copy(update={"min_rows_stability": 40})}
    )
    customers = np.repeat(np.arange(80), 10)
    assert domain_auc(current, reference, policy).value > 0.95
    found = domain_auc(current, reference, policy, customers)
    assert found.lower < 0.5 < found.upper
    few = domain_auc(current, reference, POLICY, customers)
    assert few.state == "insufficient"
    assert "400 applications (worth 40, many of one customer)" in few.text


def test_a_column_that_moved_is_found_and_named():
    found = domain_auc(matrix(seed=1, shift=1.5), matrix(seed=2), POLICY)
    assert found.lower > 0.75
    assert found.p_value < 1e-10
    assert "mostly by a" in found.text
    assert (found.rows, found.state) == (800, "none")


def test_columns_that_moved_against_one_another_are_found_though_none_moved_alone():
    found = domain_auc(matrix(1000, 1, correlation=0.9), matrix(1000, 2), POLICY)
    assert found.value > 0.7


def test_the_same_rows_give_the_same_number_again():
    rows = matrix(seed=1, shift=0.2), matrix(seed=2)
    assert domain_auc(*rows, POLICY) == domain_auc(*rows, POLICY)


def test_values_missing_now_and_a_category_never_seen_tell_rows_apart():
    now = matrix(seed=1)
    assert domain_auc(now.assign(a=np.nan), matrix(seed=2), POLICY).value > 0.95
    new = now.assign(home=np.array(["boat"] * 400, dtype=object))
    assert domain_auc(new, matrix(seed=2), POLICY).value > 0.95


@pytest.mark.parametrize(("now", "then"), [(0, 400), (1, 400), (400, 199)])
def test_few_rows_on_a_side_are_insufficient(now, then):
    found = domain_auc(matrix(now), matrix(then), POLICY)
    assert (found.state, found.value) == ("insufficient", None)
    assert "200 of each needed" in found.text


def test_columns_that_never_vary_tell_nothing():
    flat = matrix().assign(a=1.0, b=np.nan, home="own")
    assert domain_auc(flat, flat, POLICY).text == "no column varies"


def test_fewer_rows_than_folds_are_insufficient_whatever_the_policy_asks_for():
    limits = POLICY.monitoring.model_copy(update={"min_rows_stability": 1})
    policy = POLICY.model_copy(update={"monitoring": limits})
    found = domain_auc(matrix(2), matrix(400), policy)
    assert (found.state, found.value) == ("insufficient", None)
    assert found.text == "2 applications and 400 of the reference, 3 of each needed"
