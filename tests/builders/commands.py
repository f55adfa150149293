"""The `creditrisk` command as a process of its own, and what it left in a store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from creditrisk.cli import app
from creditrisk.cli.commands import PANELS, every, load
from creditrisk.lake import Lake
from creditrisk.storage import open_store

Digests = dict[tuple[str, str], tuple[str, int]]


@cache
def every_command() -> Any:
    """The `creditrisk` command with all that it can do."""
    for commands in PANELS.values():
        for name in commands:
            load(name)
    return every()


def options(command: Any, name: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command below one, by its words, and the options it has."""
    if not hasattr(command, "commands"):
        yield name, {option for param in command.params for option in param.opts}
        return
    for word, one in command.commands.items():
        yield from options(one, f"{name} {word}".strip())


def run_here(*words: str) -> Result:
    """A command in this process; an error meant for a person is raised."""
    done = CliRunner().invoke(app, list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def start(*words: str, cwd: Path, **variables: str) -> subprocess.Popen[str]:
    """A running command; what it says goes to a pipe."""
    return subprocess.Popen(
        [sys.executable, "-c", "from creditrisk.cli import main; main()", *words],
        cwd=cwd,
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,  # its own, by which what it left behind is found
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and standard error of a command, once it has ended."""
    try:
        _, text = process.communicate(timeout=500)
    finally:
        process.kill()
    return process.returncode, text


def digests(store: str) -> Digests:
    """Digest and rows of every month of every table that is committed."""
    lake = Lake(open_store(store))
    split = (key.removeprefix("lake/").partition("/manifests/") for key in lake.store.keys("lake/"))
    tables = {table for table, manifests, _ in split if manifests}
    commits = [lake.need(table, month) for table in tables for month in lake.months(table)]
    return {(one.table, one.month): (one.digest, one.rows) for one in commits}


def marked(mark: str) -> list[int]:
    """Living processes that were started, by whomever, with `CREDITRISK_MARK=mark`."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is another account's
            if f"CREDITRISK_MARK={mark}".encode() in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
    return found


def group_of(pid: int) -> int:
    """The process group of a process; 0 once it has ended."""
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return 0


def grouped(groups: set[int]) -> list[int]:
    """Living processes of process groups."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            state, _, group = place.read_text("utf-8").rpartition(")")[2].split()[:3]
            found += [int(place.parent.name)] if int(group) in groups - {0} and state != "Z" else []
    return found
