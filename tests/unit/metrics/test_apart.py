"""Amounts that lie apart: slips of unit are found, long tails are none."""

import numpy as np
import pytest

from creditrisk.metrics.apart import apart

TAILS = {
    "incomes": lambda rng, n: 10 ** rng.normal(3.5, 0.25, n),
    "debts": lambda rng, n: 10 ** rng.normal(3, 0.5, n),
    "evenly": lambda rng, n: rng.uniform(0, 1e4, n),
    "exponential": lambda rng, n: rng.exponential(1000, n),
    "Pareto": lambda rng, n: (rng.pareto(1, n) + 1) * 1000,
    "counts": lambda rng, n: rng.poisson(2, n).astype(float),
    "terms": lambda rng, n: rng.choice([12.0, 24, 36, 48, 60], n),
    "rounded": lambda rng, n: np.round(10 ** rng.normal(3.5, 0.3, n), -2),
    "mostly nothing": lambda rng, n: np.where(rng.random(n) < 0.9, 0, rng.exponential(300, n)),
}


def found(values):
    return apart(*np.unique(values, return_counts=True))


@pytest.mark.parametrize("tail", TAILS)
def test_a_long_tail_is_no_other_unit(tail):
    rng = np.random.default_rng(11)
    assert sum(found(TAILS[tail](rng, 2000)) is not None for _ in range(100)) <= 1


@pytest.mark.parametrize("times", [100, 1000, 0.01, 0.001])
@pytest.mark.parametrize("rows", [20, 100])
def test_rows_of_another_unit_are_counted(times, rows):
    values = TAILS["incomes"](np.random.default_rng(3), 2000)
    values[:rows] *= times
    seen = found(values)
    assert rows <= seen.count <= rows + 1  # the widest gap may lie one row further in
    assert seen.times == pytest.approx(times, rel=0.3)


def test_a_single_row_of_a_thousandth_is_seen_and_says_its_amount():
    values = TAILS["incomes"](np.random.default_rng(3), 2000)
    values[7] = 2.5
    assert found(values).text == "are about 0.0008 times all others (2.5)"


def test_few_amounts_have_no_tail_and_signs_no_size():
    assert found(np.array([1.0] * 40 + [1e6])) is None
    values = TAILS["incomes"](np.random.default_rng(3), 2000) * np.resize([1, -1], 2000)
    assert found(values) is None


def test_amounts_that_follow_one_another_evenly_from_zero_are_alike():
    assert found(np.arange(0.1, 200)) is None


def test_one_customers_amount_of_many_months_counts_once():
    debts = np.random.default_rng(2).uniform(200, 5000, 1500)
    months = np.repeat(np.append(debts, [16.04, 30.0, 31.0]), 25)
    assert found(months) is None
