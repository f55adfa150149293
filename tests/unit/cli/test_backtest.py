"""What `backtest` says of months that did not end, and what it passes on; no month is run."""

from datetime import date

import pytest
from typer.testing import CliRunner

from creditrisk.calendar_month import month_range
from creditrisk.cli import backtest as module
from creditrisk.cli.app import app
from creditrisk.reports.month_summary import MonthSummary
from tests.builders.deliveries import delivered
from tests.builders.documents import record as task_record

JANUARY, APRIL = date(2024, 1, 1), date(2024, 4, 1)
WORDS = ("--data", "landing", "--from", "2024-01", "--to", "2024-04")


def record(month, status="ok"):
    code = {"ok": 0, "failed": 2, "blocked": 3}[status]
    error = "" if status == "ok" else f"{status} [b] on purpose"
    return task_record("etl", status, error, as_of=f"{month}", exit_code=code)


def summary(month, decision, outcome=""):
    nothing = dict.fromkeys(("discrimination", "stability", "calibration"), "none")
    return MonthSummary(
        as_of=month,
        decision=decision,
        action="retrain" if outcome else "none",
        states=nothing,
        texts=nothing,
        reasons=["no model yet: [3] cohorts"] if decision == "wait" else [],
        triggers=[],
        champion="",
        outcome=outcome,
        challenge=None,
        promoted=None,
        run=None,
        values={},
        outages=[],
        checks=[],
        policy="",
        numbered=1,
    )


@pytest.fixture
def backtest(tmp_path, monkeypatch):
    """The command over four months that end as told; what it was told comes back, too."""
    seen = {}

    def run(*words, ends=(), summaries=()):
        def replay(store, data, config, first, last, on_month, supersede=""):
            seen.update(supersede=supersede)
            for month, status in zip(month_range(first, last), ends, strict=True):
                on_month(month, [record(month), record(month, status)])

        monkeypatch.setattr("pipelines.local.in_process.replay", replay)
        monkeypatch.setattr(module, "_summaries", lambda *_: list(summaries))
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(app, ["backtest", *WORDS, *words])
        return done, seen

    delivered(tmp_path / "landing")
    for name in ("STORE", "POLICY", "PORTFOLIO"):
        monkeypatch.setenv(f"CREDITRISK_{name}", "")
    return run


def test_months_that_failed_are_named_and_fail_the_command(backtest):
    done, _ = backtest(ends=("ok", "failed", "ok", "blocked"))
    assert done.exit_code == 1
    assert "did not end: 2024-02 (etl failed), 2024-04 (etl blocked)" in done.stderr
    assert "2 did not end" in done.stdout


def test_months_that_only_a_gate_stopped_end_as_a_gate_does(backtest):
    done, _ = backtest(ends=("ok", "ok", "ok", "blocked"))
    assert done.exit_code == 3


def test_months_that_ended_are_exit_code_0(backtest):
    done, seen = backtest(ends=["ok"] * 4)
    assert done.exit_code == 0
    assert seen == {"supersede": ""}


def test_a_failed_month_is_a_failure_of_the_machine_s_form_too(backtest):
    done, _ = backtest("--json", ends=["failed"] * 4)
    assert done.exit_code == 1
    assert done.stdout == "[]\n"


def test_a_month_that_waits_says_why_and_a_refused_challenger_has_not_acted(backtest):
    decided = (("wait", ""), ("retrain", "refused"), ("retrain", "promoted"), ("keep", ""))
    months = month_range(JANUARY, APRIL)
    found = [summary(month, *one) for month, one in zip(months, decided, strict=True)]
    done, _ = backtest(ends=["ok"] * 4, summaries=found)
    assert "2024-01 waits: no model yet: [3] cohorts" in done.stdout
    assert "4 months, 1 acted, 1 waited, 1 refused a challenger" in done.stdout


def test_a_reason_to_decide_again_reaches_every_month(backtest):
    _, seen = backtest("--supersede", "the cut-off was wrong", ends=["ok"] * 4)
    assert seen == {"supersede": "the cut-off was wrong"}
