"""What whole runs cost, seen from outside: the demo, `make check`, the CI."""

import shutil
import sys
from pathlib import Path

from bench.figure import Figure
from bench.process_tree import Cost, measured

LIMIT = 7200.0  # seconds


def demo(work: Path) -> list[Figure]:
    """`creditrisk demo`, in a folder of its own."""
    folder = work / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    command = "from creditrisk.cli import main; main()"
    cost = cost_of([sys.executable, "-c", command, "demo", "--folder", f"{folder}"])
    return [
        Figure("the demo", cost.cpu_seconds, 150),
        Figure("the demo by the clock", cost.seconds, 180, "s"),
    ]


def check(_: Path) -> list[Figure]:
    """`make check`."""
    return [Figure("make check", cost_of(["make", "check"]).cpu_seconds, 90)]


def ci(_: Path) -> list[Figure]:
    """All that runs before a merge."""
    return [Figure(".ci/run by the clock", cost_of([".ci/run"]).seconds / 60, 30, "min")]


def cost_of(command: list[str]) -> Cost:
    """Of a command that ends well and in time."""
    cost = measured(command, LIMIT)
    if cost is None:
        raise SystemExit(f"{' '.join(command)}: stopped after {LIMIT:.0f} s")
    return cost
