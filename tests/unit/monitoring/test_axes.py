"""When an axis of outcomes turns amber, red and critical: limits, significance, sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.metrics.calibration import MeasuredOE
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.model.shared_shocks import shared_shocks
from creditrisk.policy import load_policy
from creditrisk.stages.monitoring.calibration import calibration_axis, jeffreys_portfolio, oe
from creditrisk.stages.monitoring.discrimination import (
    at_cutoff,
    auc_decay,
    auc_level,
    discrimination_axis,
)
from creditrisk.stages.monitoring.finding import worst
from creditrisk.stages.monitoring.matured_cohorts import shortage
from creditrisk.stages.monitoring.shared import Shared

POLICY = load_policy()
LIMITS = POLICY.monitoring
STATES = ["none", "insufficient", "green", "amber", "red", "critical"]


def estimate(auc, se=0.001):
    return AucEstimate(auc, se, auc - 2 * se, auc + 2 * se, 500, 5000)


def ratio(value, p_value, rows=1000, expected=100.0):
    bads, information = round(value * expected), expected * (1 - expected / rows)
    interval = value - 0.1, value + 0.1
    return MeasuredOE(value, *interval, bads, expected, rows, p_value, information)


def states(findings):
    return {f.metric: f.state for f in findings}


def portfolio(n, signal=2.0, odds=1.0, seed=1):
    """Outcomes and PDs of n rows; PDs are right where `odds` is 1."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1.5, signal, n)
    pds = 1 / (1 + np.exp(-logit))
    truth = odds * np.exp(logit)
    return (rng.random(n) < truth / (1 + truth)).astype(int), pds


@pytest.mark.parametrize(
    ("auc", "se", "mode", "state"),
    [
        (0.72, 0.001, "significant", "green"),
        (0.7199, 0.001, "significant", "amber"),
        (0.70, 0.001, "significant", "amber"),
        (0.69, 0.001, "significant", "red"),
        (0.69, 0.05, "significant", "amber"),
        (0.69, 0.05, "plain", "red"),
        (0.70, 0.05, "plain", "amber"),
    ],
)
def test_the_level_of_auc(auc, se, mode, state):
    assert auc_level(estimate(auc, se), LIMITS, mode).state == state


@pytest.mark.parametrize(
    ("loss", "se", "mode", "state"),
    [
        (-0.05, 0.001, "significant", "green"),
        (0.0199, 0.001, "significant", "green"),
        (0.0201, 0.001, "significant", "amber"),
        (0.0301, 0.001, "significant", "red"),
        (0.0601, 0.001, "significant", "critical"),
        (0.0601, 0.016, "significant", "red"),  # p between .001 and .01
        (0.0601, 0.040, "significant", "amber"),
        (0.0601, 0.040, "plain", "critical"),
        (0.0301, 0.040, "plain", "red"),
        (0.0201, 0.040, "plain", "amber"),
    ],
)
def test_the_decay_of_auc(loss, se, mode, state):
    assert auc_decay(estimate(0.8 - loss, se), estimate(0.8, se), LIMITS, mode).state == state


@pytest.mark.parametrize(
    ("value", "p_value", "mode", "state"),
    [
        (1.0, 0.9, "significant", "green"),
        (1.1, 0.001, "significant", "green"),
        (0.9, 0.001, "significant", "green"),
        (1.11, 0.9, "significant", "amber"),
        (0.89, 0.9, "significant", "amber"),
        (1.2, 0.0001, "significant", "amber"),
        (1.21, 0.0019, "significant", "red"),
        (1.21, 0.002, "significant", "amber"),
        (0.79, 0.0019, "significant", "red"),
        (1.41, 0.0009, "significant", "critical"),
        (1.41, 0.001, "significant", "red"),
        (1.41, 0.002, "significant", "amber"),
        (0.59, 0.0009, "significant", "critical"),
        (1.41, 0.9, "plain", "critical"),
        (1.21, 0.9, "plain", "red"),
    ],
)
def test_observed_over_expected(value, p_value, mode, state):
    assert oe(ratio(value, p_value), LIMITS, mode).state == state


@pytest.mark.parametrize(
    ("value", "rows", "state"),
    [
        (1.05, 1_000_000, "green"),  # significant beyond doubt, and harmless
        (1.15, 1_000_000, "amber"),  # never red where O/E alone would be amber
        (1.25, 10_000, "red"),
        (1.15, 2_000, "amber"),
        (1.15, 200, "green"),
        (0.5, 10_000, "green"),  # too high a PD is O/E's to tell
    ],
)
def test_jeffreys_needs_an_excess_that_matters(value, rows, state):
    expected = rows * 0.1
    assert jeffreys_portfolio(ratio(value, 0.0, rows, expected), LIMITS).state == state


def test_too_few_bads_are_insufficient_and_the_text_says_how_many():
    y, pds = portfolio(300)
    y[np.flatnonzero(y)[40:]] = 0
    for found, needed in (
        (discrimination_axis(y, pds, estimate(0.8), LIMITS, "significant"), "100 and 100"),
        (calibration_axis(y, pds, LIMITS, "significant"), "100 bads"),
    ):
        assert found[-1].metric.startswith("axis:")
        assert_no_evidence(found, f"40 bads and 260 goods, {needed} needed")


@pytest.mark.parametrize("mode", ["significant", "plain"])
def test_without_a_bad_there_is_no_number_that_looks_like_evidence(mode):
    _, pds = portfolio(3000)
    y = np.zeros(3000, dtype=int)
    assert_no_evidence(discrimination_axis(y, pds, estimate(0.8), LIMITS, mode), "0 bads")
    assert_no_evidence(calibration_axis(y, pds, LIMITS, mode), "0 bads")


@pytest.mark.parametrize("mode", ["significant", "plain"])
def test_where_every_loan_is_bad_nothing_ranks_and_the_level_is_critical(mode):
    _, pds = portfolio(3000)
    y, shared = np.ones(3000, dtype=int), Shared(shared_shocks([], [], POLICY.shocks), 3)
    assert_no_evidence(discrimination_axis(y, pds, estimate(0.8), LIMITS, mode), "0 goods")
    for carried in (None, shared):
        found = {f.metric: f for f in calibration_axis(y, pds, LIMITS, mode, carried)}
        assert found["axis:calibration"].state == "critical"
        assert found["oe"].value == pytest.approx(3000 / pds.sum())


def test_a_hundred_loans_of_one_customer_that_are_all_bad_are_no_level():
    shared = Shared(shared_shocks([], [], POLICY.shocks), cluster=np.zeros(500, dtype=int))
    found = calibration_axis(np.ones(500, dtype=int), np.full(500, 0.2), LIMITS, "plain", shared)
    assert found[-1].state == "critical"  # thresholds alone
    found = calibration_axis(
        np.ones(500, dtype=int), np.full(500, 0.2), LIMITS, "significant", shared
    )
    assert_no_evidence(
        found, "1 bads and 0 goods, 100 bads needed (loans: 500, many of one customer)"
    )


def test_loans_of_one_customer_are_one_event_however_many():
    y, pds = portfolio(3000)
    customers = np.arange(3000)
    assert shortage(y, LIMITS, "significant", customers) == ""
    y[:500], customers[:500] = 1, 0
    one = Shared(shared_shocks([], [], POLICY.shocks), cluster=customers)
    for found, loans in (
        (
            discrimination_axis(y, pds, estimate(0.8), LIMITS, "significant", one),
            f"{y.sum():,} and {3000 - y.sum():,}",
        ),
        (calibration_axis(y, pds, LIMITS, "significant", one), f"{y.sum():,}"),
    ):
        assert_no_evidence(found, f"(loans: {loans}, many of one customer)")


def assert_no_evidence(findings, why):
    """Every finding is insufficient, says why, and has no number to be taken for more."""
    for found in findings:
        numbers = (found.value, found.lower, found.upper, found.p_value)
        assert (found.state, numbers) == ("insufficient", (None,) * 4), found.metric
        assert why in found.text


def test_no_outcome_at_all_is_insufficient():
    nobody = np.empty(0, dtype=int)
    for mode in ("significant", "plain"):
        found = [
            *discrimination_axis(nobody, np.empty(0), None, LIMITS, mode),
            *calibration_axis(nobody, np.empty(0), LIMITS, mode),
        ]
        assert [f.state for f in found] == ["insufficient", "insufficient"]


def test_the_plain_mode_judges_a_small_sample():
    y, pds = portfolio(60)
    found = states(discrimination_axis(y, 1 - pds, estimate(0.8), LIMITS, "plain"))
    assert found["axis:discrimination"] == "critical"


def test_without_a_reference_the_level_is_judged_alone():
    y, pds = portfolio(3000)
    found = states(discrimination_axis(y, pds, None, LIMITS, "significant"))
    assert (found["auc_decay"], found["axis:discrimination"]) == ("insufficient", "green")


def test_a_version_that_still_works_is_green_on_outcomes():
    y, pds = portfolio(5000)
    reference = AucEstimate(0.87, 0.01, 0.85, 0.89, 400, 4000)
    found = states(
        discrimination_axis(y, pds, reference, LIMITS, "significant")
        + calibration_axis(y, pds, LIMITS, "significant")
    )
    assert found["axis:discrimination"] == found["axis:calibration"] == "green"


def test_tripled_odds_turn_calibration_critical_and_leave_the_ranking():
    y, pds = portfolio(5000, odds=3)
    assert states(calibration_axis(y, pds, LIMITS, "significant"))["axis:calibration"] == "critical"
    found = discrimination_axis(y, pds, None, LIMITS, "significant")
    assert states(found)["axis:discrimination"] == "green"


def test_pds_of_zero_that_default_are_critical_not_a_crash():
    y = np.array([1] * 200 + [0] * 200)
    found = states(calibration_axis(y, np.zeros(400), LIMITS, "significant"))
    assert found["axis:calibration"] == "critical"


@given(st.floats(0.5, 0.95), st.floats(0.001, 0.1), st.floats(-0.2, 0.4))
def test_the_significant_mode_is_never_harsher_than_the_plain_one(auc, se, loss):
    now, reference = estimate(auc, se), estimate(auc + loss, se)
    for judge in (
        lambda mode: auc_level(now, LIMITS, mode).state,
        lambda mode: auc_decay(now, reference, LIMITS, mode).state,
    ):
        assert STATES.index(judge("significant")) <= STATES.index(judge("plain"))


def test_the_worst_of_a_family_counts_and_lack_of_evidence_only_where_nothing_else_is():
    assert worst(["green", "insufficient", "none"]) == "green"
    assert worst(["insufficient", "none"]) == "insufficient"
    assert worst(["amber", "critical", "red"]) == "critical"
    assert worst([]) == "insufficient"


def test_a_cutoff_that_nobody_is_above_has_no_precision_and_says_so():
    y, pds = portfolio(300)
    precision, recall = at_cutoff(y, pds, 1.0)
    assert (precision.state, precision.value) == ("insufficient", None)
    assert (recall.state, recall.value) == ("none", 0.0)
