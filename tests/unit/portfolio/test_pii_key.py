"""A key for personal data that can be guessed hides nothing."""

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.portfolio.pii_key import MIN_LENGTH, PII_KEY, read_pii_key
from pipelines.local import task_process

LONG = "0123456789abcdef" * 2


@pytest.mark.parametrize("key", ["x", "secret", "k" * 31, LONG[:-1]])
def test_a_short_key_is_refused_by_name_and_not_shown(key, monkeypatch):
    monkeypatch.setenv(PII_KEY, key)
    with pytest.raises(UserError, match=rf"CREDITRISK_PII_KEY has {len(key)} char.*openssl") as no:
        read_pii_key()
    assert len(key) < 7 or key not in str(no.value)


@pytest.mark.parametrize("key", [f"{LONG}\n", f" {LONG}", f"{LONG}\udcff", f"{LONG}\x07{LONG}"])
def test_a_key_that_came_with_a_line_end_or_is_no_text_is_refused(key, monkeypatch):
    monkeypatch.setenv(PII_KEY, key)
    with pytest.raises(UserError, match="line end") as refused:
        read_pii_key()
    assert LONG not in str(refused.value)


@pytest.mark.parametrize("key", ["a" * 64, "abcabca" * 9])
def test_a_key_of_few_characters_is_refused(key, monkeypatch):
    monkeypatch.setenv(PII_KEY, key)
    with pytest.raises(UserError, match=r"repeats . characters"):
        read_pii_key()


def test_a_long_key_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv(PII_KEY, LONG)
    assert len(LONG) == MIN_LENGTH
    assert read_pii_key() == LONG.encode()
    monkeypatch.delenv(PII_KEY)
    assert read_pii_key() is None


@pytest.mark.parametrize(
    "words", [["doctor"], ["portfolio", "check", "--data", "."], ["policy", "check"]]
)
def test_the_checks_before_a_run_name_a_weak_key(words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PII_KEY, "x")
    done = CliRunner().invoke(app, words)
    assert f"{PII_KEY} has 1 character" in f"{done.output} {done.exception}"
    assert done.exit_code != 0


@pytest.mark.parametrize(
    ("function", "has_it"), [("etl", True), ("backfill", True), ("score", False)]
)
def test_on_a_laptop_too_only_the_etl_is_given_the_key(function, has_it, monkeypatch, capsys):
    monkeypatch.setenv(PII_KEY, LONG)
    show = ["sh", "-c", f"echo ${PII_KEY}", "sh", "--function_to_execute", function]
    assert task_process.run_task(show) == 0
    assert (LONG in capsys.readouterr().out) is (function in ("etl", "backfill"))
