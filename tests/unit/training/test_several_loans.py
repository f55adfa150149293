"""Numbers of development where customers have several loans, held against other ways to them."""

import numpy as np
import pandas as pd
import statsmodels.api as sm
from pytest import approx
from scipy.optimize import brentq
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from creditrisk.stages.training.leakage import refuse_single_columns
from creditrisk.stages.training.measure import measured
from tests.builders.small_lender import small_policy, small_portfolio


def loans(customers=400, each=5, seed=3):
    """Loans of customers who go bad together, mostly; PDs whose sum is the bads'."""
    rng = np.random.default_rng(seed)
    trait = np.repeat(rng.normal(size=customers), each)
    bad = (trait + 0.7 * rng.normal(size=len(trait)) > 1).astype(np.int64)
    odds = trait + rng.normal(size=len(trait)) - 2
    shift = brentq(lambda shift: expit(odds + shift).sum() - bad.sum(), -9, 9, xtol=1e-12)
    who = np.repeat([f"C{n}" for n in range(customers)], each).astype(object)
    return bad, expit(odds + shift), who


def clustered_error(values, who):
    """Of a mean, by statsmodels' covariance robust to clusters."""
    groups = pd.factorize(who)[0]
    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    return float(fit.bse[0])


def influence(bad, score):
    """What each loan adds to the AUC: pairs won by a bad, pairs lost by a good, loan by loan."""
    bads, goods = score[bad == 1], score[bad == 0]
    won = (bads[:, None] > goods[None, :]) + 0.5 * (bads[:, None] == goods[None, :])
    found = np.empty(len(bad))
    found[bad == 1] = (won.mean(axis=1) - won.mean()) * len(bad) / len(bads)
    found[bad == 0] = (won.mean(axis=0) - won.mean()) * len(bad) / len(goods)
    return won.mean(), found


def test_the_interval_of_o_e_is_the_binomials_for_as_many_loans_as_they_are_worth():
    bad, pds, who = loans()
    found, rows = measured(bad, pds, who), len(bad)
    alone = np.sqrt(np.mean((bad - pds) ** 2) / rows)
    effect = (clustered_error(bad - pds, who) / alone) ** 2
    assert effect > 1.5
    bounds = proportion_confint(bad.sum() / effect, rows / effect, method="beta")
    assert (found.oe_lower, found.oe_upper) == approx(np.array(bounds) / pds.mean(), rel=1e-6)


def test_the_interval_of_the_auc_is_that_of_customers():
    bad, pds, who = loans()
    found = measured(bad, pds, who)
    area, adds = influence(bad, pds)
    error = clustered_error(adds, who)
    assert found.auc == approx(area)
    assert (found.auc_upper - found.auc_lower) / 2 == approx(1.96 * error, rel=0.01)
    each = measured(bad, pds, np.arange(len(bad)).astype(object))
    assert found.auc_upper - found.auc_lower > 1.2 * (each.auc_upper - each.auc_lower)


def test_two_loans_of_each_customer_that_are_one_event_by_hand():
    bad, pds = (
        np.array([1, 1, 0, 0, 0, 0, 1, 1]),
        np.array([0.8, 0.8, 0.1, 0.1, 0.6, 0.6, 0.5, 0.5]),
    )
    twice = measured(bad, pds, np.array(list("aabbccdd"), dtype=object))
    once = measured(bad[::2], pds[::2], np.array(list("abcd"), dtype=object))
    assert (twice.oe_lower, twice.oe_upper) == approx((once.oe_lower, once.oe_upper))
    assert (twice.rows, twice.bads, twice.auc) == (8, 4, once.auc)


def test_customers_with_one_loan_each_change_no_digit():
    bad, pds, _ = loans()
    alone = measured(bad, pds, np.arange(len(bad)).astype(object))
    assert alone == measured(bad, pds, np.array([f"C{n}" for n in range(len(bad))], dtype=object))


def test_the_bads_of_one_customer_judge_no_column():
    rows, rng = 400, np.random.default_rng(5)
    bad = (np.arange(rows) < 100).astype(int)
    frame = pd.DataFrame(
        {"customer_id": [f"C{n}" for n in range(rows)], "bad": bad, "visits_available": True,
         "income": bad + 0.01 * rng.normal(size=rows), "debt": 1.0, "debt_to_income": 1.0,
         "home": "own", "visits_count": 0, "visits_pages_sum": 0.0, "visits_noise_sum": 0.0}
    )  # fmt: skip
    one = frame.assign(customer_id=frame["customer_id"].where(bad == 0, "C0"))
    scan = refuse_single_columns(one, small_policy().development, small_portfolio())
    assert scan.columns == {}
