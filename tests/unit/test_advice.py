"""Commands that errors advise can be run as they are printed."""

import shlex
from datetime import date

import pytest
from typer.testing import CliRunner

from creditrisk import advice
from creditrisk.cli.app import app, opened

MARCH, MAY = date(2024, 3, 1), date(2024, 5, 1)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A place for settings that a command leaves behind."""
    for name in ("STORE", "POLICY", "PORTFOLIO"):
        monkeypatch.setenv(f"CREDITRISK_{name}", "")
    monkeypatch.chdir(tmp_path)


def test_a_run_without_options_is_advised_none():
    command = "creditrisk backfill --data landing --from 2024-03-01 --to 2024-05-01"
    assert advice.backfill(MARCH, MAY, "landing") == command


def test_a_run_is_advised_the_options_it_was_given(tmp_path):
    (tmp_path / "policy [a].yaml").write_text("outcome: {mob: 4}")
    store, _ = opened("my store", tmp_path / "policy [a].yaml", None)
    words = shlex.split(advice.backfill(MARCH, MAY, "de livered"))
    assert words[2:8] == ["--data", "de livered", "--from", f"{MARCH}", "--to", f"{MAY}"]
    assert words[8:] == ["--store", store.uri, "--policy", str(tmp_path / "policy [a].yaml")]


def test_where_the_deliveries_are_not_known_a_word_stands_for_them():
    assert advice.backfill(MARCH, MARCH).endswith("--to 2024-03-01 --data FOLDER")


def test_a_task_in_a_pod_is_advised_the_cluster_s_command(monkeypatch):
    monkeypatch.setenv("KFP_POD_NAME", "pod")
    command = "creditrisk backfill --remote --from 2024-03-01 --to 2024-05-01"
    assert advice.backfill(MARCH, MAY, "s3://landing") == command


def test_what_is_advised_is_a_command():
    words = shlex.split(advice.backfill(MARCH, MAY, "nowhere"))[1:]
    done = CliRunner().invoke(app, words)
    assert "No such option" not in done.output
    assert "nowhere is no folder" in str(done.exception)
