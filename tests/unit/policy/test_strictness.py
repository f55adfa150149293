"""Which way a policy differs from another."""

import pytest

from creditrisk.policy import load_policy, parse_policy
from creditrisk.policy.key import PolicySection, Share, lower
from creditrisk.policy.strictness import Difference, differences

DEFAULT = load_policy()


def direction(before: str, after: str) -> str:
    (found,) = differences(parse_policy(before, "before"), parse_policy(after, "after"))
    return found.direction


@pytest.mark.parametrize(
    ("strict", "loose"),
    [
        ("monitoring: {psi_red: 0.25}", "monitoring: {psi_red: 0.4}"),
        ("validation: {auc_floor: 0.7}", "validation: {auc_floor: 0.6}"),
        ("monitoring: {oe_red: [0.85, 1.2]}", "monitoring: {oe_red: [0.7, 1.2]}"),
        ("rule: {red_axes: 2}", "rule: {red_axes: 3}"),
        ("rule: {critical_matured: true}", "rule: {critical_matured: false}"),
        ("rule: {max_model_age: 24}", "rule: {max_model_age: 36}"),
        ("rule: {max_model_age: 24}", "rule: {max_model_age: 0}"),
        ("rule: {business: ['a > 1', 'b > 1']}", "rule: {business: ['a > 1']}"),
        ("promotion: {mode: four_eyes}", "promotion: {mode: automatic}"),
        ("quality: {rules: {outage: block}}", "quality: {rules: {outage: warn}}"),
        ("fairness: {gate: true}", "fairness: {gate: false}"),
    ],
)
def test_a_threshold_is_looser_one_way_and_stricter_the_other(strict, loose):
    assert direction(strict, loose) == "looser"
    assert direction(loose, strict) == "stricter"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("development: {seed: 1}", "development: {seed: 2}"),
        ("outcome: {mob: 6}", "outcome: {mob: 9}"),
        ("monitoring: {oe_red: [0.7, 1.2]}", "monitoring: {oe_red: [0.8, 1.3]}"),
        ("rule: {business: ['a > 1']}", "rule: {business: ['a > 2']}"),
        ("economics: {lgd: 0.4}", "economics: {lgd: 0.5}"),
    ],
)
def test_a_change_of_no_known_direction_counts_as_loosening_both_ways(one, other):
    assert direction(one, other) == direction(other, one) == "looser"


def test_each_key_of_a_change_says_its_own_direction_and_the_same_policy_has_none():
    changed = parse_policy("monitoring: {psi_red: 0.4, auc_red: 0.71}", "changed")
    assert {f"{found}": found.direction for found in differences(DEFAULT, changed)} == {
        "monitoring.auc_red: 0.7 -> 0.71": "stricter",
        "monitoring.psi_red: 0.25 -> 0.4": "looser",
    }
    assert differences(DEFAULT, load_policy()) == []


def test_a_key_that_does_not_say_which_way_it_is_stricter_is_refused():
    with pytest.raises(TypeError, match="Mine: say which way psi_red is stricter"):

        class Mine(PolicySection):
            psi_amber: Share = lower("said")
            psi_red: Share


def test_every_key_of_the_policy_can_be_judged():
    for key, value in DEFAULT.values().items():
        assert Difference(key, value, value).direction in {"looser", "stricter"}
