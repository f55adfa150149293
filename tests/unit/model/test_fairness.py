"""Groups of applicants compared: what is measured, and when a person should look."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.discrimination import delong
from creditrisk.model.fairness import fairness, standardised_difference
from creditrisk.model.groups import groups_of, pooled_groups
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.validation import read_validation
from creditrisk.stages.validation.gate import fairness_gate
from creditrisk.stages.validation.report_page import page
from creditrisk.stages.validation.validate import validate
from tests.builders.small_lender import PORTFOLIO, fill, small_policy
from tests.builders.trained_version import TRAINED_AT
from tests.builders.versions import AT, with_version

POLICY = small_policy("scoring: {cutoff: 0.3}")
LENDER = parse_portfolio(
    PORTFOLIO.replace("text: housing", "fairness: true, text: housing").replace(
        "protected: true", "protected: true, bands: [30, 50]"
    ),
    "lender",
)


def judged(own=0.3, rent=0.3, rows=2000, seed=1):
    """Rows, outcomes and exact PDs; each group's mean PD as given."""
    rng = np.random.default_rng(seed)
    home = rng.choice(["own", "rent"], rows, p=[0.7, 0.3])
    mean = np.where(home == "own", own, rent)
    pd_ = rng.beta(4 * mean, 4 * (1 - mean))
    frame = pd.DataFrame(
        {"home": home, "age": rng.integers(18, 80, rows), "customer_id": np.arange(rows)}
    )
    return frame, (rng.random(rows) < pd_).astype(int), pd_


def home_of(found):
    return {group.group: group for group in next(c for c in found if c.feature == "home").groups}


def compared(*parts, policy=POLICY):
    frame, *rest = parts
    rows = frame.assign(customer_id=frame.get("customer_id", frame.index))
    return fairness(rows, *rest, LENDER, policy)


def test_equal_groups_give_no_signal_and_unequal_ones_do():
    assert home_of(compared(*judged()))["rent"].signal in ("green", "amber")
    assert home_of(compared(*judged(rent=0.5)))["rent"].signal == "red"


def test_every_number_of_a_group_is_that_of_its_rows_alone():
    frame, bad, pd_ = judged(rent=0.4)
    found, rent = home_of(compared(frame, bad, pd_))["rent"], (frame["home"] == "rent").to_numpy()
    assert (found.rows, found.bads) == (rent.sum(), bad[rent].sum())
    assert found.auc == delong(bad[rent], pd_[rent])
    assert found.oe == observed_expected(bad[rent], pd_[rent])
    rate, other = (pd_[rent] < 0.3).mean(), (pd_[~rent] < 0.3).mean()
    assert found.approved.value == pytest.approx(rate)
    assert found.approval_ratio.value == pytest.approx(rate / other)


def repeated(frame, bad, pd_, times):
    """Every row so many times, all of one customer."""
    return tuple(part.loc[part.index.repeat(times)].reset_index(drop=True) if part is frame
                 else np.repeat(part, times) for part in (frame, bad, pd_))  # fmt: skip


def test_loans_of_a_customer_that_are_alike_count_as_one():
    once, four = judged(rent=0.35, rows=600), repeated(*judged(rent=0.35, rows=600), 4)
    one, found = home_of(compared(*once))["rent"], home_of(compared(*four))["rent"]
    assert found.rows == 4 * one.rows
    assert (found.approved.lower, found.approved.upper) == pytest.approx(
        (one.approved.lower, one.approved.upper)
    )
    assert found.p_value == pytest.approx(one.p_value)
    for measure in ("approval_ratio", "difference", "auc", "oe"):
        own, other = getattr(found, measure), getattr(one, measure)
        assert (own.lower, own.upper) == pytest.approx((other.lower, other.upper), rel=0.02)
    assert found.signal == one.signal


def test_a_group_of_a_few_customers_gives_no_signal_and_is_held_against_nobody():
    frame, bad, pd_ = judged(rows=2000)
    rent = (frame["home"] == "rent").to_numpy()
    pd_[rent] = 0.9
    frame.loc[rent, "customer_id"] = -1 - np.arange(rent.sum()) % 3
    found = home_of(compared(frame, bad, pd_))
    assert found["rent"].rows > 500
    assert (found["rent"].signal, found["rent"].auc) == ("insufficient", None)
    pd_[rent] = 0.01  # all approved: not the group that others are held against
    assert home_of(compared(frame, bad, pd_))["own"].approval_ratio is None


def test_a_pd_of_just_the_cutoff_is_approved_as_everywhere_else():
    frame, bad, _ = judged()
    found = home_of(compared(frame, bad, np.full(len(bad), 0.3)))
    assert {group.approved.value for group in found.values()} == {1.0}


def test_the_interval_of_the_approval_ratio_is_that_of_the_relative_risk():
    frame, bad, pd_ = judged(rent=0.4)
    rent = (frame["home"] == "rent").to_numpy()
    counts = [int((pd_[who] < 0.3).sum()) for who in (rent, ~rent)]
    oracle = stats.contingency.relative_risk(
        counts[0], int(rent.sum()), counts[1], int((~rent).sum())
    ).confidence_interval()
    found = home_of(compared(frame, bad, pd_))["rent"].approval_ratio
    assert (found.lower, found.upper) == pytest.approx((oracle.low, oracle.high), rel=1e-5)


def test_the_interval_of_the_standardised_difference_covers_its_truth():
    rng = np.random.default_rng(5)
    drawn = [
        standardised_difference(rng.normal(0.5, 1, 150), rng.normal(0, 1, 300)) for _ in range(500)
    ]
    assert 0.93 <= np.mean([found.lower <= 0.5 <= found.upper for found in drawn]) <= 0.97


def test_the_group_with_the_highest_rate_is_what_the_others_are_held_against():
    found = home_of(compared(*judged(own=0.4, rent=0.3)))  # the largest fares worse
    assert found["rent"].approval_ratio is None and found["rent"].signal == "green"
    assert found["own"].approval_ratio.value < 0.8 and found["own"].signal == "red"


def test_faring_better_by_one_measure_is_no_signal():
    frame, bad, pd_ = judged()
    rent = (frame["home"] == "rent").to_numpy()
    # as many approved, and those declined far less risky
    pd_ = np.where(pd_ < 0.3, 0.2, np.where(rent, 0.31, 0.9))
    found = home_of(compared(frame, bad, pd_))
    assert found["rent"].signal == found["own"].signal == "green"


def test_among_equal_groups_the_highest_by_chance_accuses_nobody():
    rng, red = np.random.default_rng(9), 0
    names = np.array([f"group {n}" for n in range(8)], dtype=object)
    lender = parse_portfolio(
        PORTFOLIO.replace(
            "type: category, categories: [own, rent], text: housing",
            "type: category, fairness: true, text: housing",
        ),
        "lender",
    )
    for _ in range(12):
        pd_ = rng.beta(1.2, 2.8, 1600)
        home, everybody = rng.choice(names, 1600), np.arange(1600)
        frame = pd.DataFrame({"home": home, "age": 40, "customer_id": everybody})
        bad = (rng.random(1600) < pd_).astype(int)
        found = fairness(frame, bad, pd_, lender, POLICY)
        red += any(g.signal == "red" for g in home_of(found).values())
    assert red <= 1


def test_groups_too_small_are_joined_by_size_and_bands_with_a_neighbour():
    sizes = {"a": 30, "b": 120, "c": 50, "d": 45, "unknown": 5}
    groups = np.repeat(np.array(list(sizes), dtype=object), list(sizes.values()))

    def joined(ordered, least):
        return sorted(set(pooled_groups(groups, ordered, least)))

    assert joined((), 75) == ["a, c, d", "b", "unknown"]  # a with d is 75, c is still small
    assert joined(("a", "b", "c", "d"), 75) == ["a, b", "c, d", "unknown"]
    assert joined((), 1) == sorted(sizes)
    assert joined((), 1000) == ["a, b, c, d", "unknown"]


def test_bands_that_six_digits_do_not_tell_apart_stay_apart():
    feature = next(f for f in LENDER.features if f.name == "age")
    feature = replace(feature, bands=(1e6 + 1, 1e6 + 2, 1e6 + 3))
    assert len(set(groups_of(pd.Series([1e6 + n for n in range(1, 5)]), feature))) == 4


def test_quarters_are_shown_and_give_no_signal():
    frame, bad, pd_ = judged()
    frame["income"] = 1 / pd_
    lender = parse_portfolio(
        PORTFOLIO.replace("text: yearly income", "fairness: true, text: yearly income"), "lender"
    )
    columns = fairness(frame.assign(age=40, debt_to_income=1.0), bad, pd_, lender, POLICY)
    income = next(column for column in columns if column.feature == "income")
    assert len(income.groups) == 4 and income.signal == "insufficient"


def test_where_nobody_is_approved_nobody_is_held_against_anybody():
    frame, bad, _ = judged()
    found = home_of(compared(frame, bad, np.full(len(bad), 0.9)))
    assert {group.signal for group in found.values()} == {"insufficient"}


def test_a_small_group_gives_numbers_but_no_signal():
    frame, bad, pd_ = judged(rent=0.6)
    few = (frame["home"] == "own").to_numpy() | (np.cumsum(frame["home"] == "rent") <= 40)
    frame.loc[frame["home"] == "rent", "home"] = None
    found = home_of(compared(frame[few], bad[few], pd_[few]))["unknown"]
    assert found.rows == 40 and found.signal == "insufficient"
    assert found.auc is None and found.oe is None


def test_a_group_of_whom_nobody_is_approved_is_red_without_a_ratio():
    frame, bad, pd_ = judged()
    pd_ = np.where(frame["home"] == "rent", 0.9, pd_)
    found = home_of(compared(frame, bad, pd_))["rent"]
    assert found.approval_ratio is None and found.signal == "red"


def test_ages_fall_into_the_bands_of_the_portfolio_and_missing_is_a_group():
    age = next(feature for feature in LENDER.features if feature.name == "age")
    found = groups_of(pd.Series([18, 30, 31, 50, 51, None]), age)
    assert found.tolist() == [
        "up to 30", "up to 30", "over 30 to 50", "over 30 to 50", "over 50", "unknown",
    ]  # fmt: skip


def test_without_bands_a_number_is_cut_into_quarters():
    income = next(feature for feature in LENDER.features if feature.name == "income")
    assert set(
        np.unique(groups_of(pd.Series(np.arange(400.0)), income), return_counts=True)[1]
    ) == {100}


def test_it_is_a_gate_only_where_the_policy_says_so():
    strict = small_policy("{scoring: {cutoff: 0.3}, fairness: {gate: true}}")
    gate = fairness_gate(compared(*judged(rent=0.5)), strict)
    assert gate.state == "red" and "home rent" in gate.reason
    assert fairness_gate(compared(*judged(rent=0.3, seed=3)), strict).passed


def test_a_validation_tells_how_protected_groups_fare_and_does_not_fail_for_it(tmp_path):
    period, version = with_version(tmp_path, TRAINED_AT)
    fill(period)
    validate(period, version, "", at=AT)
    found = read_validation(period.store, version)
    (column,) = found.fairness
    assert column.feature == "age" and column.protected
    assert sum(group.rows for group in column.groups) == 1200
    assert "fairness" not in {gate.gate for gate in found.gates}
    assert "By age (not in the model)" in page(found) and "no legal test" in page(found)
    assert all(math.isfinite(group.approved.value) for group in column.groups)
