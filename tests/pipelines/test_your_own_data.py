"""The commands of docs/your-own-data.md, one after the other, as a reader types them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-own-data.md").read_text("utf-8")
WRONG = "--portfolio build/own/wrong.yaml"
BLOCK = re.compile(r"^```(console|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """A command, the block of output the page shows for it, and what it really did."""

    command: str
    shown: str
    exit_code: int
    output: str

    @property
    def lines(self) -> set[str]:
        return set(map(squeezed, self.output.splitlines()))


def squeezed(line: str) -> str:
    """A line whatever the width of the terminal."""
    return " ".join(line.split())


def commands() -> list[tuple[str, str]]:
    """Every command of the page, the last of a block with the output shown below it."""
    found: list[tuple[str, str]] = []
    for kind, text in BLOCK.findall(PAGE):
        if kind == "console":
            found += [(line[2:], "") for line in text.splitlines() if line.startswith("$ ")]
        elif found and not found[-1][1]:
            found[-1] = (found[-1][0], text)
    return found


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> list[Typed]:
    """All of them in one folder, which holds what a clone holds for them."""
    folder = tmp_path_factory.mktemp("own")
    for part in ("tests", "tools"):
        (folder / part).symlink_to(ROOT / part)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CREDITRISK_")}
    environment |= {"PATH": path}
    typed = []
    for command, shown in commands():
        done = subprocess.run(
            ["bash", "-c", command],  # noqa: S607 - as a reader has it
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        typed.append(Typed(command, shown, done.returncode, done.stdout + done.stderr))
    return typed


def test_every_command_ends_as_the_page_says(session: list[Typed]) -> None:
    unexpected = {
        typed.command: typed.output
        for typed in session
        if typed.exit_code != (2 if WRONG in typed.command else 0)
    }
    assert unexpected == {}


def test_what_a_check_prints_is_what_the_page_shows(session: list[Typed]) -> None:
    checks = [typed for typed in session if "portfolio check" in typed.command]
    assert len(checks) == 2
    for typed in checks:
        shown = {squeezed(line) for line in typed.shown.splitlines()} - {"", "..."}
        assert len(shown) > 3
        assert shown <= typed.lines


def test_the_run_ends_in_a_first_model_and_a_decision(session: list[Typed]) -> None:
    (run,) = [typed for typed in session if typed.command.startswith("creditrisk run")]
    assert "retrain" in run.shown and "promoted" in run.shown
    decided = [line for line in run.lines if "retrain promoted 2000-03-initial-" in line]
    assert len(decided) == 1, run.output
