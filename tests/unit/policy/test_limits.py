"""A limit is stated once: what a page shows is what a month is judged by."""

import pytest

from creditrisk.policy import load_policy
from creditrisk.policy.limits import gravest, limits_of, state_of

MONITORING = load_policy().monitoring


@pytest.mark.parametrize(
    ("metric", "value", "state"),
    [
        ("auc", MONITORING.auc_red, "amber"),
        ("auc", MONITORING.auc_red - 0.001, "red"),
        ("auc_decay", MONITORING.decay_critical, "critical"),
        ("score_psi", MONITORING.psi_red, "red"),
        ("csi:income", MONITORING.csi_amber, "amber"),
        ("csi_share", MONITORING.csi_red_share, "green"),
        ("csi_share", MONITORING.csi_red_share + 0.001, "red"),
        ("auc_decay", 0.83 - 0.80, "red"),
        ("auc_decay", 0.97 - 0.94, "red"),
        ("oe", MONITORING.oe_red[1], "amber"),
        ("oe", MONITORING.oe_red[1] + 1e-15, "amber"),
        ("oe", MONITORING.oe_red[0] - 0.001, "red"),
        ("jeffreys", MONITORING.jeffreys_amber, "green"),
        ("gini", 0.0, "green"),
    ],
)
def test_a_value_at_its_limit_is_on_the_side_that_the_policy_says(metric, value, state):
    assert state_of(metric, value, MONITORING, lambda _: True) == state


def test_of_the_limits_beyond_the_gravest_that_holds_counts():
    limit = gravest("auc_decay", 1.0, MONITORING, lambda state: state != "critical")
    assert (limit.state, limit.value) == ("red", MONITORING.decay_red)


def test_a_metric_that_nobody_judges_has_no_limit():
    assert limits_of("domain_auc", MONITORING) == []
