"""The command as a person meets it: one line on stderr, the right exit code, nothing left."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.deliveries import delivered

COMMAND = (sys.executable, "-c", "from creditrisk.cli import main; main()")


def creditrisk(*words, cwd):
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("run", "--data", "data", "--as-of", "2024-09-15"), "did you mean 2024-09-01"),
        (("backtest", "--data", "d", "--from", "2024-02", "--to", "2024-01"), "swap them"),
        (("run", "--data", "data", "--as-of", "2024-09", "--policy", "no.yaml"), "no.yaml cannot"),
        (("policy", "check", "--policy", "wrong.yaml"), "wrong.yaml: outcome.mbo: unknown key"),
        (("policy", "check", "--portfolio", "wrong.yaml"), "wrong.yaml: "),
        (("policy", "check", "--policy", "rule.yaml"), "bad_rate_mob3 >"),
        (("status", "--store", "ftp://host"), "scheme 'ftp' is unknown"),
        (("status", "--store", "empty"), "holds no month yet; start with"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words, text, tmp_path):
    (tmp_path / "wrong.yaml").write_text("outcome: {mbo: 6}")
    delivered(tmp_path / "data")
    (tmp_path / "empty").mkdir()
    (tmp_path / "rule.yaml").write_text('rule: {business: ["bad_rate_mob3 >"]}')
    done = creditrisk(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert text in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(Path(tmp_path).glob("**/lake/**"))


def test_a_full_device_to_print_on_is_one_line(tmp_path):
    with Path("/dev/full").open("w") as full:
        words = [*COMMAND, "portfolio", "keys"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


def test_an_unknown_option_is_wrong_usage(tmp_path):
    assert creditrisk("run", "--dta", "x", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "group",
    [
        "demo",
        "run",
        "backtest",
        "backfill",
        "status",
        "policy",
        "audit",
        "registry",
        "deploy",
        "schedule",
        "doctor",
    ],
)
def test_every_command_explains_itself(group, tmp_path):
    done = creditrisk(group, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_a_sound_policy_is_said_to_be_fine(tmp_path):
    done = creditrisk("policy", "check", cwd=tmp_path)
    assert done.returncode == 0
    assert "fine" in done.stdout


def test_a_broken_audit_trail_is_refused_with_exit_code_3(tmp_path):
    trail = tmp_path / "store-audit/records"
    trail.mkdir(parents=True)
    (trail / "0000000002.json").write_text("{}")
    done = creditrisk("audit", "verify", "--store", "store", cwd=tmp_path)
    assert done.returncode == 3
    assert "record 1 is missing" in done.stderr
