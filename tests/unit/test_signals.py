"""A request to stop is kept until the program stops, whoever drops the exception."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from creditrisk import signals
from creditrisk.cli.progress_line import waiting


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every signal's own handler afterwards, and nothing asked."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.setattr(signals, "_asked", [])
    for number in (signal.SIGTERM, signal.SIGHUP):  # whatever the tests were started with
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_that_a_library_dropped_stops_the_next_step(number: signal.Signals) -> None:
    signals.listen()
    with waiting("the first step") as line:
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt:
            line_reached = True  # a library drops it
        for step in (line.on, line.at):
            with pytest.raises(KeyboardInterrupt) as stop:
                step("the second step")
            assert (line_reached, stop.value.args) == (True, (number,))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_stopped_ends_with_the_code_of_its_signal(number, tmp_path):
    """Wherever it was: typer takes every interruption for Ctrl-C's."""
    code = (
        "import os, creditrisk.storage as storage\n"
        f"storage.locate = lambda _: os.kill(os.getpid(), {number.value})\n"
        "from creditrisk.cli import main; main()\n"
    )
    words = [sys.executable, "-c", code, "status", "--store", f"{tmp_path}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + number
    assert done.stderr == "creditrisk: stopped; no run was under way\n"


def test_an_interruption_is_the_one_it_was_raised_with_else_the_newest_asked() -> None:
    assert signals.stopped_by() == signal.SIGINT
    with pytest.raises(KeyboardInterrupt):
        signals.interrupt(signal.SIGTERM, None)
    assert signals.stopped_by(KeyboardInterrupt()) == signal.SIGTERM
    assert signals.stopped_by(KeyboardInterrupt(signal.SIGHUP)) == signal.SIGHUP


def test_nobody_asked_and_the_next_step_begins() -> None:
    signals.listen()
    with waiting("the first step") as line:
        line.on("the second step")


def test_what_the_parent_had_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.listen()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is signals.interrupt
