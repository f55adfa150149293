"""Groups of applicants compared: what is measured, and when a person should look."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.discrimination import delong
from creditrisk.model.fairness import fairness, standardised_difference
from creditrisk.model.groups import groups_of
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.validation import read_validation
from creditrisk.stages.validation.fairness_gate import fairness_gate
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
    frame = pd.DataFrame({"home": home, "age": rng.integers(18, 80, rows)})
    return frame, (rng.random(rows) < pd_).astype(int), pd_


def home_of(found):
    return {group.group: group for group in next(c for c in found if c.feature == "home").groups}


def compared(*parts, policy=POLICY):
    return fairness(*parts, LENDER, policy)


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


def test_the_largest_group_is_what_the_others_are_held_against():
    found = compared(*judged())
    home = next(column for column in found if column.feature == "home")
    assert home.groups[0].group == "own" and home.groups[0].approval_ratio is None
    assert home.groups[1].approval_ratio is not None


def test_a_small_group_gives_numbers_but_no_signal():
    frame, bad, pd_ = judged(rent=0.6)
    few = (frame["home"] == "own").to_numpy() | (np.cumsum(frame["home"] == "rent") <= 40)
    found = home_of(compared(frame[few], bad[few], pd_[few]))["rent"]
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
