"""What turns calibration red: a change of the level that all cohorts since the promotion show."""

import numpy as np
import pytest

from creditrisk.metrics.level_change import LevelChange
from creditrisk.model.shared_shocks import change_since, shared_shocks
from creditrisk.policy import load_policy
from creditrisk.stages.monitoring.calibration import calibration_axis
from creditrisk.stages.monitoring.segments import Part
from creditrisk.stages.monitoring.shared import Shared
from tests.builders.known_cohorts import CALM, cohort, history, loans

POLICY = load_policy()
LIMITS, SHOCKS = POLICY.monitoring, POLICY.shocks
DEVELOPMENT = [*history(CALM[:7], "train"), *history(CALM[:5])]


def monitored(levels):
    return [cohort(20 + n, level, "monitored") for n, level in enumerate(levels)]


def judged(levels, odds):
    """Calibration of a pool of the newest month, after months of these levels."""
    bad, pds = loans(np.random.default_rng(1), 20_000, odds=odds)
    change = change_since(DEVELOPMENT, monitored(levels), SHOCKS)
    shared = Shared(shared_shocks(DEVELOPMENT, [], SHOCKS), change=change)
    return {f.metric: f for f in calibration_axis(bad, pds, LIMITS, "significant", shared)}


def test_months_of_the_same_excess_are_red_and_a_single_one_is_amber():
    lasting, once = judged([0.3] * 5, 1.35), judged([0.1, -0.1, 0.15, -0.15, 0.3], 1.35)
    assert lasting["oe"].p_value < LIMITS.change_p < once["oe"].p_value
    assert lasting["axis:calibration"].state == "red"
    assert once["axis:calibration"].state == "amber"


def test_a_change_that_the_newest_pool_does_not_show_is_not_red():
    found = judged([0.5] * 5, 1.0)
    assert found["oe"].p_value < LIMITS.change_p
    assert found["axis:calibration"].state == "green"


def test_jeffreys_alone_is_not_red_where_no_level_has_changed():
    bad, pds = loans(np.random.default_rng(1), 20_000, odds=1.35)
    shocks = shared_shocks(DEVELOPMENT, [], SHOCKS)
    states = [
        calibration_axis(bad, pds, LIMITS, "significant", Shared(shocks, change=change))[1].state
        for change in (LevelChange(0.0, 0.0), LevelChange(6.0, 0.0))
    ]
    assert states == ["amber", "red"]


def test_a_recalibrations_train_cohorts_and_a_refits_parent_say_nothing_of_its_level():
    low = [*history([-0.6] * 7, "train"), *history(CALM[:5])]
    off = [*history([0.6] * 7, "train"), *history([0.6 + level for level in CALM[:5]])]
    seen = monitored([0.01, -0.02, 0.0, 0.02])
    recalibrated = change_since(low, seen, SHOCKS, own_level=False)
    refitted = change_since(off, seen, SHOCKS, refitted=True)
    assert recalibrated.p_two_sided == refitted.p_two_sided == 1.0
    assert change_since(off, seen, SHOCKS).p_two_sided < LIMITS.change_p


def test_a_lender_whose_pds_foresee_shocks_and_a_segment_are_asked_for_no_change():
    cyclical = SHOCKS.model_copy(update={"stance": "point_in_time"})
    assert change_since(DEVELOPMENT, monitored([0.4] * 5), cyclical) is None
    pool = Shared(shared_shocks(DEVELOPMENT, [], SHOCKS), change=LevelChange(9.0, -9.0))
    part = Part("region=north", "2024-01", np.ones(3, dtype=bool))
    assert part.shared(pool).change is None


@pytest.mark.parametrize("known", [[], [0.1]])
def test_with_one_cohort_known_or_none_the_newest_pool_is_held_to_the_prior(known):
    assert change_since(history(known), monitored([0.9]), SHOCKS) is None


def test_before_a_cohort_has_matured_nothing_is_known_to_have_changed():
    assert change_since(DEVELOPMENT, [], SHOCKS).p_two_sided == 1.0
