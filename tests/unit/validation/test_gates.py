"""Each gate within its limit, beyond it by what may be chance, and significantly beyond it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from creditrisk.metrics.discrimination import PrecisionRecall, RankOrder
from creditrisk.metrics.estimates import OE, AucEstimate, JeffreysGrade, PairedAuc
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.policy import load_policy
from creditrisk.stages.validation import gates
from creditrisk.stages.validation.comparison import PairedSample, counted_bads
from creditrisk.stages.validation.measures import Measures, Shift, by_grade, shift

POLICY = load_policy()


def area(auc, se=0.02, bads=120):
    return AucEstimate(auc, se, auc - 1.96 * se, min(1.0, auc + 1.96 * se), bads, 400)


def ratio(value, lower, upper, p_value):
    return OE(value, lower, upper, 120, 120 / value, 520, p_value)


def grades(p_value):
    return (JeffreysGrade(45, 300, 0.1, p_value, p_value, 0.5),)


GOOD = Measures(
    name="2024-01",
    rows=520,
    auc=area(0.80),
    ks=0.45,
    oe=ratio(1.02, 0.86, 1.20, 0.8),
    grades=grades(0.4),
    brier=0.14,
    ece=0.02,
    shift=Shift(0.03, 0.10),
    order=RankOrder(0, 0, (52,) * 10, (12,) * 10),
    cutoff=PrecisionRecall(0.3, clopper_pearson(60, 100), clopper_pearson(60, 120)),
)


def three(first=GOOD, second=GOOD, third=GOOD):
    return [replace(w, name=f"2024-0{i}") for i, w in enumerate((first, second, third), start=1)]


def with_auc(auc, se=0.02):
    return replace(GOOD, auc=area(auc, se))


def with_oe(value, lower, upper, p_value):
    return replace(GOOD, oe=ratio(value, lower, upper, p_value))


def pair(difference, se):
    return PairedAuc(
        0.80, 0.80 - difference, difference, se, difference - 1.96 * se, difference + 1.96 * se,
        float(ndtr(-difference / se)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("auc", "se", "state"),
    [
        (0.80, 0.030, "green"),
        (0.73, 0.050, "green"),  # not below amber: its width alone is no fault
        (0.71, 0.012, "amber"),
        (0.695, 0.005, "amber"),  # below the floor by one error
        (0.69, 0.004, "red"),  # below it by more than chance
        (0.71, 0.030, "red"),  # may lie far below it
    ],
)
def test_auc_floor(auc, se, state):
    gate = gates.auc_floor(with_auc(auc, se), POLICY)
    assert (gate.state, gate.passed) == (state, state != "red")


@pytest.mark.parametrize(
    ("aucs", "se", "state"),
    [
        ((0.80, 0.82, 0.81), 0.02, "green"),
        ((0.80, 0.80, 0.84), 0.001, "green"),  # certain, yet within the limit
        ((0.80, 0.80, 0.87), 0.03, "amber"),
        ((0.80, 0.80, 0.87), 0.01, "red"),
    ],
)
def test_range_needs_heterogeneity(aucs, se, state):
    windows = three(*(with_auc(auc, se) for auc in aucs))
    assert gates.spread(windows, POLICY).state == state


@pytest.mark.parametrize(
    ("last", "se", "state"),
    [
        (0.78, 0.001, "green"),
        (0.84, 0.010, "green"),  # getting better is no decay
        (0.75, 0.025, "amber"),
        (0.75, 0.010, "red"),
    ],
)
def test_decay_from_the_first_window_to_the_last(last, se, state):
    windows = three(with_auc(0.80, se), with_auc(0.80, se), with_auc(last, se))
    gate = gates.decay(windows, POLICY)
    assert gate.state == state
    assert gate.lower < gate.value < gate.upper
    assert gate.value == pytest.approx(0.80 - last)


def test_variation_is_recorded_and_never_red():
    windows = three(with_auc(0.95, 0.001), with_auc(0.75, 0.001), with_auc(0.70, 0.001))
    assert gates.variation(windows, POLICY).state == "amber"
    assert gates.variation(three(), POLICY).state == "green"


@pytest.mark.parametrize(
    ("oe", "state"),
    [
        ((1.15, 1.05, 1.25, 0.0001), "green"),  # significant, yet within the limits
        ((1.25, 0.98, 1.55, 0.08), "amber"),
        ((1.25, 1.02, 1.50, 0.02), "amber"),  # one of three looks: not after Holm
        ((1.45, 1.20, 1.70, 0.0001), "red"),
        ((0.70, 0.55, 0.85, 0.0001), "red"),
    ],
)
def test_observed_over_expected(oe, state):
    found = gates.observed_expected(three(third=with_oe(*oe)), POLICY)
    assert [gate.state for gate in found] == ["green", "green", state]
    assert found[2].limit == (1.2 if oe[0] > 1 else 0.8)


@pytest.mark.parametrize(
    ("p_values", "state"),
    [((0.4, 0.2, 0.3), "green"), ((0.4, 0.001, 0.3), "amber"), ((0.001, 0.4, 0.001), "red")],
)
def test_jeffreys_is_red_in_two_of_three_windows(p_values, state):
    windows = three(*(replace(GOOD, grades=grades(p)) for p in p_values))
    assert gates.jeffreys(windows, POLICY).state == state


@pytest.mark.parametrize(
    ("value", "critical", "state"),
    [(0.20, 0.05, "green"), (0.30, 0.35, "amber"), (0.30, 0.10, "red")],
)
def test_score_psi_must_exceed_what_chance_reaches(value, critical, state):
    window = replace(GOOD, shift=Shift(value, critical))
    assert gates.score_psi(window, POLICY).state == state


@pytest.mark.parametrize(
    ("inversions", "significant", "state"),
    [(1, 1, "green"), (3, 0, "amber"), (3, 1, "amber"), (3, 2, "red")],
)
def test_rank_order_counts_significant_inversions(inversions, significant, state):
    window = replace(GOOD, order=RankOrder(inversions, significant, (52,) * 10, (12,) * 10))
    assert gates.rank_order(window, POLICY).state == state


@pytest.mark.parametrize(
    ("train", "se", "state"),
    [
        (0.82, 0.001, "green"),
        (0.87, 0.001, "amber"),
        (0.92, 0.08, "amber"),
        (0.92, 0.01, "red"),
    ],
)
def test_fit_gap(train, se, state):
    assert gates.fit_gap(area(train, se), area(0.80, se), POLICY).state == state


@pytest.mark.parametrize(
    ("difference", "se", "state"),
    [
        (0.01, 0.02, "green"),
        (-0.002, 0.0005, "amber"),  # surely worse, by less than matters
        (-0.005, 0.02, "amber"),
        (-0.03, 0.01, "red"),
    ],
)
def test_worse_than_the_scorecard(difference, se, state):
    assert gates.benchmark(pair(difference, se), 360, POLICY).state == state


def test_too_few_bads_or_no_goods_are_no_evidence():
    assert gates.sample("2024-01", 100, 400, POLICY).state == "green"
    for bads, goods in ((99, 400), (100, 0), (0, 400)):
        gate = gates.sample("2024-01", bads, goods, POLICY)
        assert (gate.state, gate.passed) == ("insufficient", False)


def test_the_widest_window_may_hold_fewer_bads_and_is_amber():
    widest = POLICY.development.oot_max_months
    states = [gates.sample("2024", n, 400, POLICY, widest).state for n in (29, 30, 100)]
    assert states == ["insufficient", "amber", "green"]
    assert gates.sample("2024", 30, 400, POLICY, widest - 1).state == "insufficient"


def test_bads_of_one_customer_are_one_bad_of_a_window():
    twice = gates.sample("2024-01", 200, 400, POLICY, cluster=np.arange(200) // 2)
    assert (twice.state, twice.value, twice.sample) == ("green", 100, 200)
    one = gates.sample("2024-01", 200, 400, POLICY, cluster=np.zeros(200, dtype=int))
    assert one.state == "insufficient"
    assert one.reason.startswith("200 bads (worth 1, many of one customer) and 400 goods")


def test_bads_to_compare_on_are_counted_by_customer_over_all_windows():
    bad, pds = np.array([1, 1, 1, 0]), np.full(4, 0.5)
    customers = (["a", "b", "c", "d"], ["a", "b", "e", "f"])
    windows = [PairedSample("w", bad, pds, pds, customers=ids) for ids in customers]
    assert counted_bads(windows) == (6, pytest.approx(36 / (4 + 4 + 1 + 1)))
    assert counted_bads([replace(one, customers=None) for one in windows]) == (6, 6)
    assert counted_bads([]) == (0, 0)


def test_every_gate_shows_value_limit_sample_and_reason():
    for gate in gates.window_gates(three(), area(0.82), area(0.80), POLICY):
        assert gate.state == "green"
        assert gate.reason
        assert gate.sample > 0
        assert np.isfinite([gate.value, gate.limit]).all()


@given(st.floats(0.5, 0.95), st.floats(0.001, 0.05), st.floats(0.0, 0.2))
def test_a_lower_auc_is_never_judged_better(auc, se, loss):
    order = ["green", "amber", "red"]
    before = gates.auc_floor(with_auc(auc, se), POLICY).state
    after = gates.auc_floor(with_auc(auc - loss, se), POLICY).state
    assert order.index(after) >= order.index(before)


def test_a_grade_ends_with_its_bound_and_an_empty_one_is_no_test():
    bad = np.array([0, 1, 0, 1])
    found = by_grade(bad, np.array([0.02, 0.021, 0.5, 0.9]), (0.02, 0.04, 0.5))
    assert [grade.rows for grade in found] == [1, 1, 1, 1]
    assert [grade.defaults for grade in found] == [0, 1, 0, 1]
    empty = by_grade(bad, np.full(4, 0.3), (0.02, 0.04, 0.5))
    assert [grade.rows for grade in empty] == [0, 0, 4, 0]
    assert empty[2].pd == pytest.approx(0.3)
    assert empty[0].adjusted == 1


def test_scores_like_those_of_validation_do_not_shift():
    rng = np.random.default_rng(5)
    reference, same = rng.beta(2, 8, 800), rng.beta(2, 8, 500)
    moved = rng.beta(5, 5, 500)
    assert shift(reference, same, 0.001).psi < shift(reference, same, 0.001).critical
    assert shift(reference, moved, 0.001).psi > 0.25
