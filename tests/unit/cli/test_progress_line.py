"""A wait says what is done, for how long, and what comes next; Ctrl-C is one line."""

import io
import signal
from pathlib import Path
from time import monotonic, sleep

import pytest
from rich.console import Console

from creditrisk.cli import progress_line as module
from creditrisk.cli.progress_line import waiting
from creditrisk.cli.run import task_then
from tests.builders.commands import ended, start


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal of 80 columns."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr(module, "progress", console)
    return shown


def test_a_wait_shows_the_task_the_time_and_what_comes_next(screen: io.StringIO) -> None:
    with waiting("starting resolve_period") as line:
        line.on("etl", "score, monitor, decide")
    assert "0:00:00 etl; then score, monitor, decide" in screen.getvalue()


def test_a_long_or_marked_up_text_is_one_line_as_it_is(screen: io.StringIO) -> None:
    with waiting("[red]etl[/red] " + 100 * "x"):
        pass
    lines = screen.getvalue().splitlines()
    assert any("[red]etl[/red] xx" in line for line in lines)
    assert all(line.count("x") < 80 for line in lines)


@pytest.mark.parametrize(
    ("task", "then"),
    [
        ("resolve_period", "etl, score, monitor, decide"),
        ("decide", "what it decides, report and pages"),
        ("train", "validate, refit, promote, rescore"),
        ("rescore", "report and pages"),
        ("a task of tomorrow", "report and pages"),
    ],
)
def test_what_follows_a_task_is_said_as_far_as_it_is_known(task: str, then: str) -> None:
    assert task_then(task) == then


def test_ctrl_c_before_any_run_says_so_and_ends_at_once(tmp_path: Path) -> None:
    demo = start("demo", "--folder", f"{tmp_path}/demo", cwd=tmp_path)
    while not (tmp_path / "demo/promoted/landing").is_dir():
        assert demo.poll() is None, demo.communicate()
        sleep(0.02)
    began = monotonic()
    demo.send_signal(signal.SIGINT)
    code, text = ended(demo)
    assert (code, text.splitlines()[-1]) == (130, "creditrisk: stopped; no run was under way")
    assert monotonic() - began < 5
