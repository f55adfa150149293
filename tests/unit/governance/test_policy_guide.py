"""Every threshold can be looked up, and what a policy file changes can be seen."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.governance.policy_guide import explain, guide, thresholds
from creditrisk.policy import load_policy, parse_policy
from creditrisk.policy.strictness import differences

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"


def keys(content, above=""):
    for key, value in content.items():
        yield from keys(value, f"{above}{key}.") if isinstance(value, dict) else [f"{above}{key}"]


def test_every_threshold_says_what_it_does():
    described = {found.key: found.meaning for found in thresholds()}
    assert set(described) == set(keys(load_policy().model_dump(mode="json")))
    assert [key for key, text in described.items() if not text] == []


def test_the_guide_is_the_one_in_docs():
    assert PAGE.read_text("utf-8") == guide(), "run `make docs`"


def test_a_key_is_found_by_its_last_part_where_that_is_enough():
    assert explain("psi_red").key == "monitoring.psi_red"
    assert explain("rule.red_axes").meaning == "of three: the 2/3 rule"
    with pytest.raises(UserError, match=r"validation\.auc_amber, monitoring\.auc_amber; say which"):
        explain("auc_amber")
    with pytest.raises(UserError, match=r"no key 'psi_rd'; near it: .*psi_red"):
        explain("psi_rd")


def test_the_difference_of_two_policies_is_named_key_by_key():
    looser = parse_policy("monitoring: {psi_red: 0.4}\nquality: {rules: {outage: info}}", "p")
    found = [(d.key, d.before, d.after) for d in differences(load_policy(), looser)]
    assert found == [("quality.rules.outage", "warn", "info"), ("monitoring.psi_red", 0.25, 0.4)]


def test_the_commands_print_it(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("monitoring: {psi_red: 0.4}")
    run = CliRunner().invoke
    result = run(app, ["policy", "explain", "psi_red", "--policy", str(mine)]).output
    assert "monitoring.psi_red: 0.25" in result
    assert "here: 0.4" in result
    assert run(app, ["policy", "diff", str(mine)]).output == (
        "monitoring.psi_red: 0.25 -> 0.4, looser\n"
    )
    assert "the same policy" in run(app, ["policy", "diff", str(mine), str(mine)]).output
