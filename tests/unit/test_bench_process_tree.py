"""What a command costs is counted whole: also what its own processes never waited for."""

import subprocess
import sys

import pytest

from bench.process_tree import measured

BUSY = "import time\nwhile time.process_time() < 0.5: pass"
SLEEPS = "import time; time.sleep(600)"


def test_the_cpu_of_a_process_that_nobody_waited_for_is_counted():
    cost = measured(leaving_behind(BUSY), limit=60)
    assert cost is not None
    assert cost.cpu_seconds >= 0.5


def test_a_process_left_behind_is_stopped_at_the_limit():
    assert measured(leaving_behind(SLEEPS), limit=2) is None


def test_a_child_of_somebody_else_is_neither_waited_for_nor_stopped(sleeper):
    assert measured([sys.executable, "-c", BUSY], limit=60)
    assert sleeper.poll() is None


@pytest.fixture
def sleeper():
    with subprocess.Popen([sys.executable, "-c", SLEEPS]) as process:
        yield process
        process.kill()


def leaving_behind(program: str) -> list[str]:
    starts = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {program!r}])"
    return [sys.executable, "-c", starts]
