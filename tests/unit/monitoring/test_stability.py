"""When the month's applications are no longer those the version was validated on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.policy import load_policy
from creditrisk.records.development import FeatureReference, Reference
from creditrisk.stages.monitoring.stability import (
    Drift,
    Scores,
    csi,
    csi_share,
    score_psi,
    stability_axis,
)

LIMITS = load_policy().monitoring


def states(findings):
    return {f.metric: f.state for f in findings}


def frozen(values, importance=0.0, bins=10):
    frozen_bins = FrozenBins.numeric(values, bins)
    return FeatureReference(frozen_bins, tuple(frozen_bins.counts(values)), importance)


@pytest.mark.parametrize(
    ("psi", "chance", "top", "mode", "state"),
    [
        (0.09, 0.01, True, "significant", "green"),
        (0.10, 0.01, True, "significant", "amber"),
        (0.10, 0.20, True, "significant", "green"),
        (0.25, 0.01, True, "significant", "red"),
        (0.25, 0.01, False, "significant", "amber"),
        (0.25, 0.30, True, "significant", "green"),
        (0.25, 0.30, True, "plain", "red"),
    ],
)
def test_a_feature_turns_red_only_at_the_top_and_beyond_chance(psi, chance, top, mode, state):
    assert csi("debt", Drift(psi, chance, 1000), top, LIMITS, mode).state == state


def test_many_moved_features_are_red_though_none_is_at_the_top():
    moved, still = Drift(0.15, 0.01, 1000), Drift(0.01, 0.01, 1000)
    drifts = {f"f{i}": moved if i < 2 else still for i in range(10)}
    assert csi_share(drifts, LIMITS, "significant").state == "green"  # a fifth is the limit
    assert csi_share(drifts | {"f2": moved}, LIMITS, "significant").state == "red"
    by_chance = {name: replace(found, chance=0.3) for name, found in drifts.items()}
    assert csi_share(by_chance, LIMITS, "significant").value == 0
    assert csi_share(by_chance, LIMITS, "plain").value == 0.2


def normal(n=2000, mean=0.0, seed=1):
    return np.random.default_rng(seed).normal(mean, 1, n)


def drifted(psi):
    """Scores whose PSI against two equal bins is about `psi`."""
    reference = Reference(FrozenBins("numeric", edges=(0.5,)), (1000, 1000, 0))
    share = 0.5
    while (share - 0.5) * 2 * np.log(share / (1 - share)) < 2 * psi:
        share += 0.0005
    low = round(2000 * (1 - share))
    return Scores("plain", np.array([0.1] * low + [0.9] * (2000 - low)), reference)


@pytest.mark.parametrize(
    ("psi", "state"), [(0.09, "green"), (0.11, "amber"), (0.26, "red"), (0.51, "critical")]
)
def test_the_score_psi(psi, state):
    assert score_psi([drifted(psi)], LIMITS, "significant")[0].state == state


def test_a_psi_that_chance_explains_is_not_red():
    limits = LIMITS.model_copy(update={"min_rows_stability": 10})
    scores = Scores("plain", normal(25, 0.5, seed=2), frozen(normal(25), bins=3))
    assert score_psi([scores], limits, "plain")[0].state == "red"
    assert score_psi([scores], limits, "significant")[0].state == "amber"


def test_few_applications_are_insufficient():
    found = score_psi([Scores("plain", normal(199), frozen(normal()))], LIMITS, "significant")
    assert found[0].state == "insufficient"
    assert "199 applications, 200 needed" in found[0].text


def test_the_larger_group_stands_for_all_and_both_are_reported():
    usual = frozen(normal())
    found = score_psi(
        [Scores("plain", normal(300, 3), usual), Scores("visits", normal(900), usual)],
        LIMITS,
        "significant",
    )
    assert [(f.segment, f.state) for f in found] == [
        ("all", "green"),
        ("sources_down=visits", "green"),
        ("sources_down=none", "critical"),
    ]


def test_scores_without_a_reference_are_insufficient():
    found = score_psi([Scores("visits,bureau", normal(900), None)], LIMITS, "significant")
    assert found[0].state == "insufficient"


def test_a_top_feature_that_moved_turns_the_axis_red():
    reference = {"debt": frozen(normal(), 1.0), "income": frozen(normal(seed=2), 0.5)}
    scores = [Scores("plain", normal(2000, seed=3), frozen(normal()))]
    columns = {
        "debt": pd.Series(normal(2000, 0.8, seed=4)),
        "income": pd.Series(normal(2000, seed=5)),
    }
    found = states(stability_axis(scores, columns, reference, LIMITS, "significant"))
    assert (found["csi:debt"], found["csi:income"]) == ("red", "green")
    assert found["axis:stability"] == "red"


def test_a_feature_that_is_not_compared_leaves_no_trace_and_judges_nothing():
    reference = {"debt": frozen(normal(), 1.0)}
    scores = [Scores("plain", normal(2000, seed=3), frozen(normal()))]
    found = states(
        stability_axis(scores, {"debt": pd.Series(dtype=float)}, reference, LIMITS, "significant")
    )
    assert "csi:debt" not in found
    assert (found["csi_share"], found["axis:stability"]) == ("insufficient", "green")


def test_values_that_went_missing_are_drift_and_are_counted():
    reference = {"debt": frozen(normal(), 1.0)}
    values = pd.Series(normal(2000, seed=4)).where(np.arange(2000) % 2 == 0)
    scores = [Scores("plain", normal(2000, seed=3), frozen(normal()))]
    found = stability_axis(scores, {"debt": values}, reference, LIMITS, "significant")
    assert states(found)["csi:debt"] == "red"
    assert next(f.value for f in found if f.metric == "missing:debt") == 0.5


def test_applications_of_a_few_customers_move_by_chance_further():
    reference, moved = frozen(normal(4000)), normal(mean=0.3, seed=2)
    (alone,), (worth,) = (
        score_psi([Scores("plain", moved, reference, share)], LIMITS, "significant")
        for share in (1.0, 0.5)
    )
    assert worth.value == alone.value
    bounds = [float(f.text.split("up to ")[1].rstrip(")")) for f in (alone, worth)]
    assert bounds[1] == pytest.approx(2 * bounds[0], abs=0.002)
    (few,) = score_psi([Scores("plain", moved, reference, 0.01)], LIMITS, "significant")
    assert (few.value, few.state) == (None, "insufficient")
    assert "2,000 applications (worth 20, many of one customer)" in few.text
