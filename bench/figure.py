"""One number of a report, where it was measured, and the file that keeps them."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from creditrisk.records.run import now

CPU = "CPU s"
KEPT = Path("bench/figures.json")  # of this tree and of the last release
REGRESSION = 1.2  # times the last release's CPU seconds


class Figure(NamedTuple):
    """A measured number; lower is better. Without a budget it is compared with the release's."""

    name: str
    value: float
    budget: float | None
    unit: str = CPU


@dataclass(frozen=True)
class Measured:
    """A figure's value, and what it was measured on; `load`: of the machine, when it ended."""

    value: float
    unit: str
    budget: float | None
    commit: str
    machine: str
    day: str
    load: float

    @property
    def over(self) -> bool:
        """Whether it exceeds its budget."""
        return self.budget is not None and self.value > self.budget


@dataclass(frozen=True)
class Figures:
    """By name: what was last measured, and what the last release measured."""

    now: Mapping[str, Measured]
    released: Mapping[str, Measured]
    release: str  # its version

    def slower(self) -> list[str]:
        """Names of the figures in CPU seconds that exceed the release's by more than a fifth.

        Figures of another machine say nothing.
        """
        return [
            name
            for name, one in self.now.items()
            if one.unit == CPU
            and (before := self.released.get(name))
            and before.machine == one.machine
            and one.value > REGRESSION * before.value
        ]


def read(path: Path = KEPT) -> Figures:
    """The figures that are kept."""
    kept = json.loads(path.read_text("utf-8"))
    now_, released = (
        {name: Measured(**one) for name, one in kept[part].items()} for part in ("now", "released")
    )
    return Figures(now_, released, kept["release"])


def write(figures: Figures, path: Path = KEPT) -> None:
    """Keep them."""
    path.write_text(json.dumps(asdict(figures), indent=1, ensure_ascii=False) + "\n", "utf-8")


def measured_here(figure: Figure) -> Measured:
    """A figure of this moment, commit and machine."""
    return Measured(
        value=round(figure.value, 3),
        unit=figure.unit,
        budget=figure.budget,
        commit=_commit(),
        machine=machine(),
        day=now()[:10],
        load=round(os.getloadavg()[1], 1),
    )


def machine() -> str:
    """Cores and processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return f"{len(os.sched_getaffinity(0))} x {next(models, platform.machine())}"


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
