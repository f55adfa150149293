import json
from hashlib import sha256
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.policy import load_policy, parse_policy, thaw_policy
from tests.builders.small_lender import small_policy


def test_two_files_that_differ_in_order_and_comments_are_one_policy():
    one = parse_policy("outcome: {mob: 3, early_mob: 1}\nrule: {red_axes: 3}", "a")
    two = parse_policy("rule: {red_axes: 3} # all\noutcome:\n  early_mob: 1\n  mob: 3\n", "b")
    assert one.sha == two.sha


def test_any_threshold_changes_the_version():
    assert load_policy().sha != parse_policy("monitoring: {psi_red: 0.26}", "a").sha


def test_a_file_replaces_only_what_it_names():
    policy = parse_policy("monitoring: {psi_red: 0.3}", "a")
    assert policy.monitoring.psi_red == 0.3
    assert policy.monitoring.psi_amber == load_policy().monitoring.psi_amber


def test_the_frozen_form_reads_back_as_the_same_policy():
    policy = load_policy()
    assert parse_policy(policy.canonical().decode(), "frozen") == policy


def test_a_policy_frozen_by_another_release_reads_without_the_keys_this_one_does_not_know():
    policy = parse_policy("rule: {red_axes: 3}", "p.yaml")
    frozen = json.loads(policy.canonical()) | {"weather": {"rain": 1}}
    frozen["scoring"]["spark_above_rows"] = 10_000
    assert thaw_policy(json.dumps(frozen), "frozen").values() == policy.values()


def test_a_policy_frozen_by_another_release_keeps_the_version_it_was_frozen_as():
    frozen = json.loads(load_policy().canonical())
    frozen["alerts"]["firing_days"] = 45
    text = json.dumps(frozen, sort_keys=True, separators=(",", ":"))
    thawed = thaw_policy(text, "frozen")
    assert thawed.sha == sha256(text.encode()).hexdigest()
    assert thaw_policy(thawed.canonical().decode(), "frozen again") == thawed


def test_a_frozen_policy_is_held_to_its_types_as_any_other():
    frozen = json.loads(load_policy().canonical())
    frozen["rule"] |= {"red_axes": "many", "colour": "blue"}
    with pytest.raises(UserError, match=r"frozen: rule\.red_axes") as caught:
        thaw_policy(json.dumps(frozen), "frozen")
    assert "colour" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("outcome: {mbo: 6}", "mine.yaml: outcome.mbo: unknown key"),
        ("thresholds: {}", "thresholds: unknown key"),
        ("rule: {mode: lenient}", "rule.mode: Input should be 'significant' or 'plain'"),
        ("validation: {auc_floor: 70}", "validation.auc_floor"),
        ("outcome: {early_mob: 9}", "early_mob 9 is later than mob 6"),
        ("development: {oot_windows: 2}", "development.oot_windows"),
        ("development: {grades: [0.2, 0.1]}", "grades must rise"),
        ("development: {oot_max_months: 1000000}", "development.oot_max_months"),
        ("monitoring: {oe_red: [1.2, 0.8]}", "oe_red: 1.2 to 0.8 leaves out 1"),
        ("validation: {oe_low: 1.1}", "1.1 to 1.2 leaves out 1"),
        ("low_default: {confidence: 1}", "low_default.confidence"),
        ("low_default: {asset_correlation: 1}", "low_default.asset_correlation"),
        ("outcome: [", "mine.yaml is not YAML"),
        ("just text", "mine.yaml: top level"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(text, found):
    with pytest.raises(UserError) as error:
        parse_policy(text, "mine.yaml")
    assert found in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named():
    with pytest.raises(UserError, match=r"policy /no/such.yaml cannot be read"):
        load_policy(Path("/no/such.yaml"))


@pytest.mark.parametrize("key", ["mob", "reporting_lag"])
def test_an_outcome_that_no_calendar_reaches_is_refused(key):
    with pytest.raises(UserError, match=f"outcome.{key}: Input should be less than or equal to"):
        parse_policy(f"outcome: {{{key}: 100000}}", "mine.yaml")


def test_a_policy_cannot_ask_for_more_than_a_hundred_thousand_rows():
    with pytest.raises(Exception, match="less than or equal to 100000"):
        small_policy("monitoring: {report_rows: 100001}")


@pytest.mark.parametrize(
    "key",
    [
        *("development.threads", "development.max_trees", "development.early_stopping_rounds"),
        *("development.tuning_folds", "development.selection_folds"),
        *("monitoring.anomaly_trees", "monitoring.domain_trees", "monitoring.domain_folds"),
    ],
)
def test_a_policy_cannot_ask_for_a_month_without_end(key):
    section, _, name = key.partition(".")
    with pytest.raises(UserError, match=f"{key}: Input should be less than or equal to"):
        parse_policy(f"{section}: {{{name}: 1000000}}", "mine.yaml")
