"""The AUC that PDs promise by themselves, and rows that are worth fewer than they are."""

import numpy as np
import pytest

from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.design_effect import clusters, design_effect
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.ranking import promised_auc


def loans(rows=400, seed=2):
    rng = np.random.default_rng(seed)
    pds = rng.beta(1.5, 8, rows).round(3)
    return (rng.random(rows) < pds).astype(int), pds


def pairs(p):
    """Every pair of rows, the first bad and the second good, by their PDs."""
    better = np.sign(p[:, None] - p[None, :]) / 2 + 0.5
    weight = p[:, None] * (1 - p[None, :])
    return (weight * better).sum() / weight.sum()


def test_it_is_the_share_of_ordered_pairs_drawn_by_the_pds():
    _, pds = loans()
    assert promised_auc(pds) == pytest.approx(pairs(pds), abs=1e-12)


def test_a_weight_of_two_is_a_row_twice():
    _, pds = loans(50)
    weights = np.arange(50) % 3
    assert promised_auc(pds, weights) == pytest.approx(promised_auc(np.repeat(pds, weights)))


def test_pds_that_come_true_keep_their_promise():
    bad, pds = loans(200_000)
    assert delong(bad, pds).auc == pytest.approx(promised_auc(pds), abs=0.005)


def test_a_narrower_range_of_pds_promises_less():
    bad, pds = loans(200_000)
    cut = pds < 0.15
    assert promised_auc(pds[cut]) < promised_auc(pds) - 0.05
    assert delong(bad[cut], pds[cut]).auc == pytest.approx(promised_auc(pds[cut]), abs=0.01)


@pytest.mark.parametrize("pds", [[], [0.0, 0.0], [1.0, 1.0]])
def test_no_rows_or_one_outcome_for_sure_promise_nothing(pds):
    assert promised_auc(pds) is None


def test_what_is_no_probability_is_refused():
    for wrong in ([0.2, 1.1], [0.2, float("nan")]):
        with pytest.raises(ValueError, match="probabilities"):
            promised_auc(wrong)


def test_a_loan_written_twice_for_its_customer_is_worth_one():
    bad, pds = loans()
    bads, twice, who = np.repeat(bad, 2), np.repeat(pds, 2), np.repeat(np.arange(len(bad)), 2)
    once, again = observed_expected(bad, pds), observed_expected(bads, twice, cluster=who)
    assert again.effect == pytest.approx(2)
    assert (again.lower, again.upper) == pytest.approx((once.lower, once.upper))
    assert again.p_value == pytest.approx(once.p_value)
    assert again.deviation == pytest.approx(once.deviation)
    assert delong(bads, twice, cluster=who).se == pytest.approx(delong(bad, pds).se, rel=0.01)


def test_customers_with_a_loan_each_change_nothing():
    bad, pds = loans()
    who = [f"c{n}" for n in range(len(bad))]
    assert clusters(who) is None
    assert clusters([]) is None
    assert clusters(["b", "a", "b"]).tolist() == [0, 1, 0]
    found = delong(bad, pds, cluster=np.arange(len(bad)))
    assert found.se == pytest.approx(delong(bad, pds).se)


def test_loans_that_offset_each_other_are_not_counted_on():
    assert design_effect(np.array([0.5, -0.5, 0.5, -0.5]), [0, 0, 1, 1]) == 1.0
    assert design_effect(np.array([0.5, 0.5, 0.5, 0.5]), [0, 0, 1, 1]) == 2.0
    assert design_effect(np.zeros(3), [0, 0, 1]) == 1.0
