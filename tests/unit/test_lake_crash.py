"""Writers that are killed or race, and a reader that looks all the time."""

import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.storage import open_store
from tests.writers import LOANS, MONTHS, rows, write_all, write_months

PROCESSES = multiprocessing.get_context("forkserver")  # a child starts from loaded modules
KILLS, SEED = 60, 1


@pytest.fixture(autouse=True)
def children_start_at_once(monkeypatch):
    PROCESSES.set_forkserver_preload(["tests.writers"])
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


def start(uri: str, pd: float = 0.1):
    ours, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=write_all, args=(uri, pd, theirs))
    child.start()
    assert ours.recv() == "begins"
    return child


def test_killed_at_sixty_moments_a_lake_is_what_it_would_have_been(tmp_path: Path) -> None:
    expected = [(c.month, c.digest, c.rows) for c in write_months(f"{tmp_path}/undisturbed")]
    rng, kills, chain, between = np.random.default_rng(SEED), 0, 0, 0
    while kills < KILLS:
        chain += 1
        uri = f"{tmp_path}/{chain}"
        with Reader(uri) as reader:
            for _ in range(rng.integers(1, 7)):
                child = start(uri)
                sleep(rng.uniform(0, 0.02))
                if not child.is_alive():
                    break
                os.kill(child.pid, signal.SIGKILL)
                child.join()
                kills += 1
                between += 0 < len(manifest_keys(open_store(uri))) < len(MONTHS)
            list(write_months(uri))
        reader.look()
        assert reader.wrong == []
        assert reader.months >= len(MONTHS)
        commits = Lake(open_store(uri)).commits(LOANS.table)
        assert [(c.month, c.digest, c.rows) for c in commits] == expected
        assert {commit.version for commit in commits} == {1}
    assert between > KILLS / 10  # not all before the first commit or after the last


def test_processes_that_write_the_same_agree_on_one_commit(tmp_path: Path) -> None:
    uri = f"{tmp_path}/lake"
    with Reader(uri) as reader:
        for child in [start(uri) for _ in range(4)]:
            child.join()
            assert child.exitcode == 0
    lake = Lake(open_store(uri))
    assert reader.wrong == []
    assert [len(lake.versions(LOANS.table, month)) for month in MONTHS] == [1] * len(MONTHS)


def test_processes_that_write_different_rows_leave_whole_versions(tmp_path: Path) -> None:
    uri = f"{tmp_path}/lake"
    with Reader(uri) as reader:
        for child in [start(uri, pd) for pd in (0.1, 0.2, 0.3)]:
            child.join()
            assert child.exitcode == 0
    lake = Lake(open_store(uri))
    assert reader.wrong == []
    for month in MONTHS:
        versions = lake.versions(LOANS.table, month)
        assert [version.version for version in versions] == [1, 2, 3]
        found = {lake.read_commits(LOANS, [version])["pd"][0].as_py() for version in versions}
        assert found == {0.1, 0.2, 0.3}


def test_a_month_run_again_replaces_a_commit_that_lost_its_file(tmp_path: Path) -> None:
    lake = Lake(open_store(f"{tmp_path}/lake"))
    first = lake.write(LOANS, MONTHS[0], rows(MONTHS[0], 0.1), inputs={}, code="test")
    lake.store.delete(first.files[0].key)
    again = lake.write(LOANS, MONTHS[0], rows(MONTHS[0], 0.1), inputs={}, code="test")
    assert (again.version, again.digest) == (2, first.digest)
    assert lake.read(LOANS, MONTHS[:1]).num_rows == 40
