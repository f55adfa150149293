"""Simulated books of known truth, judged by the project's own measures and rule."""

import numpy as np
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.metrics.between_cohorts import MANY, Shocks
from creditrisk.metrics.discrimination import delong
from creditrisk.policy import load_policy
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.retrain_rule import decide_rule
from pipelines.characteristics import Cell, cells, characteristics
from pipelines.scenarios import AUC, RIGHT, WRONG, SimulatedPortfolio, applicants
from pipelines.simulated_book import draw, pooled
from pipelines.simulation import START, axes_of, first_action, refused_by_oe, seen

POLICY = load_policy()
LARGE, SMALL = SimulatedPortfolio(10_000, 0.05), SimulatedPortfolio(2_000, 0.05)
RIGHT_BY_NAME = {one.name: one for one in RIGHT}
WRONG_BY_NAME = {one.name: one for one in WRONG}
EXACT = RIGHT_BY_NAME["independent loans, exact PDs"]
SHAKEN = RIGHT_BY_NAME["cohort sd 0.20"]
KNOWING = Shocks(0.04, 0.0, MANY, 0)


def book(scenario, portfolio=SMALL, known=12, seed=7, months=4):
    return draw(portfolio, scenario, known, POLICY, np.random.default_rng(seed), months)


def acts(scenario, judge="policy", portfolio=LARGE, books=6):
    """Months to the action of some books."""
    drawn = [book(scenario, portfolio, seed=[7, n]) for n in range(books)]
    return [
        first_action(axes_of(seen(one, POLICY), POLICY, judge, KNOWING), POLICY) for one in drawn
    ]


def many(scenario):
    """A large month after the change."""
    return book(scenario, SimulatedPortfolio(400_000, 0.05), months=1).monitored[0]


def test_an_even_book_has_the_auc_and_the_bads_its_pds_promise():
    month = many(EXACT)
    assert month.auc.auc == pytest.approx(AUC, abs=0.004)
    assert month.promised == pytest.approx(AUC, abs=0.004)
    assert month.oe.ratio == pytest.approx(1.0, abs=0.02)


def test_rank_loss_takes_the_auc_and_leaves_the_number_of_bads_and_the_promise():
    month = many(WRONG_BY_NAME["AUC .76 to .70, sd 0.00"])
    assert month.auc.auc == pytest.approx(0.70, abs=0.006)
    assert month.promised == pytest.approx(AUC, abs=0.006)
    assert month.oe.ratio == pytest.approx(1.0, abs=0.03)


def test_a_change_of_odds_leaves_the_rank_order_and_does_not_begin_early():
    found = book(WRONG_BY_NAME["odds x1.5, sd 0.00"], SimulatedPortfolio(400_000, 0.05))
    assert pooled(found.known).oe.ratio == pytest.approx(1.0, abs=0.02)
    assert found.monitored[0].oe.ratio == pytest.approx(1.43, abs=0.04)
    assert found.monitored[0].auc.auc == pytest.approx(AUC, abs=0.006)


def test_the_level_of_the_pds_is_that_of_two_cohorts():
    found = book(SHAKEN)
    assert pooled(found.known[-5:-3]).oe.ratio == pytest.approx(1.0, abs=1e-3)
    assert pooled(found.known[-3:]).oe.ratio != pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", [s.name for s in RIGHT if s.sd and not s.outage])
def test_cohorts_differ_as_much_as_the_scenario_says(name):
    scenario = RIGHT_BY_NAME[name]
    found = draw(LARGE, scenario, 5, POLICY, np.random.default_rng(1), 200)
    shifts = [month.oe.deviation.value for month in found.monitored[:24]]
    assert np.std(shifts) == pytest.approx(np.hypot(scenario.sd, 0.05), rel=0.6)


def test_lending_by_the_pd_leaves_the_riskiest_without_an_outcome():
    found = book(RIGHT_BY_NAME["lending by the PD, sd 0.10"], LARGE)
    whole, lent = found.known[-1], found.monitored[0]
    assert lent.rows.sum() == pytest.approx(0.7 * whole.rows.sum(), rel=0.03)
    assert lent.auc.auc < whole.auc.auc - 0.05
    assert lent.promised < whole.promised - 0.05


def test_counts_by_score_measure_what_their_rows_do():
    month = book(EXACT).monitored[0]
    bad = np.repeat(
        np.tile([1, 0], len(month.pds)), np.ravel([month.bads, month.rows - month.bads], "F")
    )
    rows = np.repeat(np.repeat(month.pds, 2), np.ravel([month.bads, month.rows - month.bads], "F"))
    assert vars(month.auc) == pytest.approx(vars(delong(bad, rows)))


@pytest.mark.parametrize("name", ["AUC .76 to .70, sd 0.00", "odds x1.5, sd 0.00"])
def test_the_policy_finds_what_is_wrong_in_a_large_book(name):
    assert all(months and months <= 3 for months in acts(WRONG_BY_NAME[name]))


@pytest.mark.parametrize("scenario", [s for s in RIGHT if s.sd <= 0.1], ids=lambda s: s.name)
def test_where_nothing_is_wrong_the_policy_does_not_act(scenario):
    assert acts(scenario, books=4) == [None] * 4


def test_shocks_that_nobody_carries_are_acted_on():
    assert any(acts(SHAKEN, "independent"))
    drawn = [book(SHAKEN, LARGE, seed=[7, n]) for n in range(20)]
    refused = [
        sum(refused_by_oe(seen(b, POLICY), POLICY, j, KNOWING) for b in drawn)
        for j in ("policy", "independent")
    ]
    assert refused[0] <= 1 < refused[1]


def test_a_level_that_is_off_stays_red_for_three_years_and_ends_with_a_person():
    """Odds x1.5 from the promotion on, and every recalibration is refused."""
    off = book(WRONG_BY_NAME["odds x1.5, sd 0.00"], LARGE, months=36)
    months = axes_of(seen(off, POLICY), POLICY, "policy", KNOWING)
    red = [month["calibration"].red for month in months]
    assert all(red[red.index(True) :])
    history = []
    for age, axes in enumerate(months):
        found = AxisFindings(add_months(START, age), axes, "m1", champion_age=age)
        ruling = decide_rule(found, history, POLICY.rule)
        became = "refused" if ruling.action != "none" else ""
        history.append(
            PastDecision(found.as_of, ruling.decision, ruling.action, "m1", axes, became)
        )
    acted = [n for n, past in enumerate(history) if past.action != "none"]
    assert len(acted) == POLICY.rule.max_refusals
    assert {past.decision for past in history[acted[-1] + 1 :]} == {"escalate"}


def test_a_recalibrations_level_is_that_of_two_cohorts_and_not_its_train_cohorts():
    name = "recalibrated, sd 0.00"
    found = book(RIGHT_BY_NAME[name], SimulatedPortfolio(400_000, 0.05))
    assert pooled(found.known[:7]).oe.ratio == pytest.approx(0.69, abs=0.02)
    assert pooled([*found.known[7:], *found.monitored]).oe.ratio == pytest.approx(1.0, abs=0.02)
    assert not found.own_level


def test_a_grid_of_applicants_is_a_distribution_and_moves():
    for scenario in RIGHT:
        for age in (-3, 0, 12):
            assert applicants(SMALL, scenario.mix(age)).shares.sum() == pytest.approx(1)
    moved = RIGHT_BY_NAME["exact PDs, inputs drift, sd 0.10"].mix
    before, after = (applicants(SMALL, moved(age)) for age in (0, 12))
    assert after.shares @ after.pds > before.shares @ before.pds * 1.3


def test_the_same_seed_gives_the_same_table_by_each_judge():
    wanted = [Cell(SHAKEN, SMALL, 12), Cell(WRONG[0], SMALL, 12)]
    one, two = (list(characteristics(POLICY, wanted, 2, seed=5)) for _ in range(2))
    assert one == two
    assert [row.judge for row in one] == ["policy", "independent", "policy", "knowing"]
    assert {cell.scenario.name for cell in cells("odds")} == {
        s.name for s in WRONG if "odds" in s.name
    }
