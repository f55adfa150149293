"""A simulated portfolio drifts as its scenario says, and in no other way."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.errors import UserError
from creditrisk.synthetic.applicants import log_odds
from creditrisk.synthetic.portfolio import Portfolio
from creditrisk.synthetic.scenario import (
    PILOT,
    REGULAR,
    Scenario,
    Shift,
    demo_scenario,
    refused_scenario,
)

START = date(2023, 1, 1)


def auc(score, bad):
    ranks = pd.Series(score).rank().to_numpy()
    n_bad = bad.sum()
    return (ranks[bad].sum() - n_bad * (n_bad + 1) / 2) / (n_bad * (~bad).sum())


def cohort(scenario, month=1, seed=3):
    return Portfolio(scenario, seed, START).cohort(month)


@pytest.mark.parametrize("bad_rate", [0.05, 0.288])
def test_both_channels_turn_bad_at_the_rate_asked_for(bad_rate):
    shifts, pilot = (Shift(1, pilot_share=0.5),), replace(PILOT, bad_odds=1.0)
    scenario = Scenario(40_000, bad_rate=bad_rate, pilot=pilot, shifts=shifts)
    drawn = cohort(scenario)
    assert drawn.bad[drawn.from_pilot].mean() == pytest.approx(bad_rate, rel=0.08)
    assert drawn.bad[~drawn.from_pilot].mean() == pytest.approx(bad_rate, rel=0.08)


def test_odds_multiply_and_then_return():
    scenario = Scenario(40_000, shifts=(Shift(2, end=2, odds=2.0),))
    before, during, after = (cohort(scenario, month).bad.mean() for month in (1, 2, 3))
    assert during > before + 0.08
    assert after == pytest.approx(before, abs=0.012)


def test_lost_signal_takes_the_rank_order_and_leaves_the_bad_rate():
    scenario = Scenario(40_000, shifts=(Shift(2, signal=0.5), Shift(3, signal=0.0)))
    drawn = [cohort(scenario, month) for month in (1, 2, 3)]
    strong, weak, none = (auc(log_odds(c.applicants, REGULAR.drivers), c.bad) for c in drawn)
    assert strong > weak + 0.05 > none + 0.1
    assert none == pytest.approx(0.5, abs=0.015)
    assert [c.bad.mean() for c in drawn] == pytest.approx([0.288] * 3, abs=0.012)


def test_a_covariate_shift_changes_who_applies_and_not_what_their_features_mean():
    drawn = cohort(Scenario(40_000, shifts=(Shift(1, quality=-0.7),)))
    usual = cohort(Scenario(40_000))
    assert (drawn.applicants["Credit_Mix"] == "Bad").mean() > 0.4
    assert drawn.bad.mean() > usual.bad.mean() + 0.05
    for mix in ("Good", "Bad"):
        rates = [c.bad[c.applicants["Credit_Mix"] == mix].mean() for c in (drawn, usual)]
        assert rates[0] == pytest.approx(rates[1], abs=0.02)


def test_pilots_look_average_to_the_regular_drivers_which_rank_them_the_wrong_way_round():
    drawn = cohort(Scenario(20_000, shifts=(Shift(1, pilot_share=0.5),)))
    pilots, bad = drawn.applicants[drawn.from_pilot], drawn.bad[drawn.from_pilot]
    regular = log_odds(drawn.applicants[~drawn.from_pilot], REGULAR.drivers)
    seen = log_odds(pilots, REGULAR.drivers)
    assert (regular < np.median(seen)).mean() == pytest.approx(0.5, abs=0.1)
    assert np.std(seen) < 0.6 * np.std(regular)
    assert bad.mean() == pytest.approx(drawn.bad[~drawn.from_pilot].mean(), abs=0.06)
    assert auc(seen, bad) < 0.4
    assert auc(log_odds(pilots, PILOT.drivers), bad) > 0.85


def test_shifts_add_up_and_the_latest_share_counts():
    scenario = Scenario(
        shifts=(
            Shift(9, pilot_share=0.6, odds=2.0),
            Shift(3, pilot_share=0.2, odds=1.5, quality=-0.1, events=False),
            Shift(9, end=9, quality=-0.2, events=True),
        )
    )
    nine, ten = scenario.at(9), scenario.at(10)
    assert (nine.pilot_share, nine.odds, nine.events) == (0.6, 3.0, True)
    assert nine.quality == pytest.approx(-0.3)
    assert (ten.quality, ten.events) == (-0.1, False)
    assert scenario.at(2) == Scenario().at(2)


def test_the_stories_share_their_first_sixteen_months():
    demo, refused = demo_scenario(), refused_scenario()
    assert [demo.at(m).pilot_share for m in (6, 7, 16, 17)] == [0.0, 0.15, 0.15, 0.6]
    assert all(demo.at(month) == refused.at(month) for month in range(1, 17))
    assert refused.at(17).odds > 1 > refused.at(17).signal
    assert cohort(demo, 7).from_pilot.sum() == 150


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Shift(0), "from month 0"),
        (lambda: Shift(5, end=4), "to 4"),
        (lambda: Shift(1, pilot_share=1.2), "pilot_share"),
        (lambda: Shift(1, odds=0.0), "positive"),
        (lambda: Scenario(applications_per_month=0), "applications_per_month"),
        (lambda: Scenario(bad_rate=1.0), "bad_rate"),
        (lambda: Scenario(history_months=-1), "history_months"),
        (lambda: Portfolio(Scenario(), 1, date(2023, 1, 2)), "first_month"),
    ],
)
def test_an_impossible_scenario_is_refused_by_name(make, named):
    with pytest.raises(UserError, match=named):
        make()
