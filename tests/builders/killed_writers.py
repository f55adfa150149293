"""Writers of a lake that are killed again and again, and a reader that looks all the time."""

import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from time import sleep

import numpy as np
import pytest

from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.storage import open_store
from tests.builders.lake_writers import LOANS, MONTHS, write_all, write_months

PROCESSES = multiprocessing.get_context("forkserver")  # a child starts from loaded modules


@pytest.fixture(autouse=True)
def children_start_at_once(monkeypatch):
    PROCESSES.set_forkserver_preload(["tests.builders.lake_writers"])
    main = sys.modules["__main__"]  # pytest, which no child has to load again
    monkeypatch.setattr(main, "__spec__", None)
    monkeypatch.delattr(main, "__file__", raising=False)


class Reader(threading.Thread):
    """Reads every month again and again; a month is there whole or not at all."""

    def __init__(self, uri: str) -> None:
        super().__init__(daemon=True)
        self.uri, self.looks, self.months = uri, 0, 0
        self.wrong: list[str] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.look()

    def look(self) -> None:
        lake = Lake(open_store(self.uri))
        for month in lake.months(LOANS.table):
            found = lake.read(LOANS, [month])
            if found.num_rows != 40 or len(found["pd"].unique()) != 1:
                self.wrong.append(f"{month}: {found.num_rows} rows")
            self.months += 1
        self.looks += 1

    def __enter__(self) -> "Reader":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()


def start(uri: str, pd: float = 0.1) -> BaseProcess:
    """A process that has begun to write every month; it knows this one's environment."""
    ours, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=write_all, args=(uri, pd, theirs, dict(os.environ)))
    child.start()
    assert ours.recv() == "begins"
    return child


def commits_of(uri: str) -> int:
    """How many there are."""
    return len(manifest_keys(open_store(uri)))


@dataclass
class Kills:
    """How many there were, and after how many of them some months were there and some not."""

    all: int = 0
    between: int = 0


def kill_again_and_again(base: str, kills: int, longest: float, seed: int) -> Kills:
    """SIGKILL writers in chains of one to six, half of them within `longest` seconds of their
    beginning, half once so many commits are there: a busy machine has another clock.

    After each chain a writer comes through, and what is there is what an undisturbed one leaves.
    """
    expected = [(c.month, c.digest, c.rows) for c in write_months(f"{base}/undisturbed")]
    rng, done, chain = np.random.default_rng(seed), Kills(), 0
    while done.all < kills:
        chain += 1
        uri = f"{base}/{chain}"
        with Reader(uri) as reader:
            for _ in range(rng.integers(1, 7)):
                child = start(uri)
                by_clock, count = rng.random() < 0.5, int(rng.integers(1, len(MONTHS)))
                sleep(rng.uniform(0, longest) if by_clock else 0)
                while not by_clock and child.is_alive() and commits_of(uri) < count:
                    sleep(0)
                if not child.is_alive():
                    break
                os.kill(child.pid or 0, signal.SIGKILL)
                child.join()
                done.all += 1
                done.between += 0 < commits_of(uri) < len(MONTHS)
            list(write_months(uri))
        reader.look()
        assert reader.wrong == []
        assert reader.months >= len(MONTHS)
        commits = Lake(open_store(uri)).commits(LOANS.table)
        assert [(c.month, c.digest, c.rows) for c in commits] == expected
        assert {commit.version for commit in commits} == {1}
    return done
