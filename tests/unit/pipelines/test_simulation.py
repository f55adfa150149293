"""Known worlds, judged by the project's own measures and rule."""

from dataclasses import replace

import numpy as np
import pytest

from creditrisk.metrics.discrimination import delong
from creditrisk.policy import load_policy
from pipelines import simulation as monte_carlo
from pipelines.scenarios import AUC, SCENARIOS, SimulatedPortfolio, applications
from pipelines.simulation import characteristics, first_action, life, variants

POLICY = load_policy()
LARGE, SMALL = SimulatedPortfolio(10_000, 0.05), SimulatedPortfolio(2_000, 0.05)
STABLE, RANK_LOSS, ODDS_UP = SCENARIOS[:3]
MOVED, OUTAGE = SCENARIOS[4:6]


@pytest.fixture(autouse=True)
def short_simulations(monkeypatch):
    monkeypatch.setattr(monte_carlo, "MONTHS", 3)


def acts(scenario, portfolio, name, lives=6):
    """Months to the action of some lives under one of the policies."""
    mode, rule = variants(POLICY.rule)[name]
    outages = (scenario.outage,) if scenario.outage else ()
    each = [life(portfolio, scenario, POLICY, np.random.default_rng([7, n])) for n in range(lives)]
    return [first_action(lived[mode], rule, outages) for lived in each]


def test_a_stable_book_has_the_auc_and_the_bads_its_pds_promise():
    month = applications(SimulatedPortfolio(400_000, 0.05), STABLE, 0, np.random.default_rng(1))
    assert delong(month.bad, month.pd).auc == pytest.approx(AUC, abs=0.004)
    assert month.bad.sum() / month.pd.sum() == pytest.approx(1.0, abs=0.02)


def test_rank_loss_takes_the_auc_and_leaves_the_number_of_bads():
    month = applications(SimulatedPortfolio(400_000, 0.05), RANK_LOSS, 0, np.random.default_rng(1))
    assert delong(month.bad, month.pd).auc == pytest.approx(0.70, abs=0.004)
    assert month.bad.sum() / month.pd.sum() == pytest.approx(1.0, abs=0.02)


def test_a_change_of_odds_leaves_the_rank_order_and_does_not_begin_early():
    rng = np.random.default_rng(1)
    before, after = (
        applications(SimulatedPortfolio(400_000, 0.05), ODDS_UP, age, rng) for age in (-1, 0)
    )
    assert before.bad.sum() / before.pd.sum() == pytest.approx(1.0, abs=0.02)
    assert after.bad.sum() / after.pd.sum() == pytest.approx(1.43, abs=0.03)
    assert delong(after.bad, after.pd).auc == pytest.approx(AUC, abs=0.004)


@pytest.mark.parametrize("scenario", [RANK_LOSS, ODDS_UP], ids=lambda one: one.name)
def test_two_of_three_alone_is_blind_to_one_axis_and_the_full_policy_is_not(scenario):
    assert set(acts(scenario, LARGE, "2/3 rule alone")) == {None}
    assert all(months and months <= 2 for months in acts(scenario, LARGE, "full policy"))


@pytest.mark.parametrize("scenario", [STABLE, MOVED, OUTAGE], ids=lambda one: one.name)
def test_no_gated_policy_acts_where_the_model_is_right(scenario):
    for name in ("2/3 rule alone", "full policy", "without persistence"):
        assert set(acts(scenario, SMALL, name, lives=3)) == {None}, name


def test_the_table_has_every_policy_and_the_same_seed_gives_it_again():
    one, two = (list(characteristics(POLICY, [ODDS_UP], [SMALL], 3, seed=5)) for _ in range(2))
    assert one == two
    assert [row.policy for row in one] == list(variants(POLICY.rule))
    full = next(row for row in one if row.policy == "full policy")
    assert full.within[2] == 1.0
    assert replace(full, policy="") != replace(one[1], policy="")
