"""A request to stop is kept until the program stops, whoever drops the exception."""

import os
import signal
from collections.abc import Iterator

import pytest

from creditrisk.cli import signals
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


def test_nobody_asked_and_the_next_step_begins() -> None:
    signals.listen()
    with waiting("the first step") as line:
        line.on("the second step")


def test_what_the_parent_had_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.listen()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is signals.interrupt
