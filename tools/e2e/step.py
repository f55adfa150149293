"""Steps: what each proves, which it needs, how long it took."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tools.e2e.release import Release


class FailedError(Exception):
    """A step did not show what it was to prove; the message says what was there instead."""


@dataclass(frozen=True)
class Step:
    """One act on the cluster; what it returns is the fact to print."""

    act: Callable[[Release], str]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.act.__name__.replace("_", " ")

    @property
    def proves(self) -> str:
        return (self.act.__doc__ or "").strip().splitlines()[0].rstrip(".")


@dataclass(frozen=True)
class Outcome:
    """What became of a step: passed, FAILED or not run, and why."""

    step: Step
    state: str
    seconds: float
    fact: str


def run_all(steps: Iterable[Step], release: Release) -> list[Outcome]:
    """Every step whose needs have passed, in their order."""
    found: dict[str, Outcome] = {}
    for step in steps:
        found[step.name] = _run(step, release, found)
        _say(found[step.name])
    return list(found.values())


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Markdown: what was proved, in how many seconds."""
    yield "| step | proves | | s | what was seen |"
    yield "|---|---|---|---|---|"
    for one in outcomes:
        cells = (one.step.name, one.step.proves, one.state, f"{one.seconds:.0f}", one.fact)
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def demand(true: object, otherwise: str) -> None:
    """Fail the step with `otherwise` unless it is true."""
    if not true:
        raise FailedError(otherwise)


def _run(step: Step, release: Release, before: Mapping[str, Outcome]) -> Outcome:
    lacking = [name for name in step.needs if name not in before or before[name].state != "passed"]
    if lacking:
        return Outcome(step, "not run", 0, f"needs: {', '.join(lacking)}")
    started = time.monotonic()
    try:
        state, fact = "passed", step.act(release)
    except FailedError as error:
        state, fact = "FAILED", _short(str(error))
    except Exception as error:
        state, fact = "FAILED", _short(f"{type(error).__name__}: {error}")
    return Outcome(step, state, time.monotonic() - started, fact)


def _short(text: str) -> str:
    return " ".join(text.split())[:400]


def _say(one: Outcome) -> None:
    print(f"{one.state:8} {one.seconds:6.0f} s  {one.step.name}: {one.fact}", file=sys.stderr)
