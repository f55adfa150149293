"""Writers that are killed or race, on a disk."""

from pathlib import Path

from creditrisk.lake import Lake
from creditrisk.storage import open_store
from tests.builders.killed_writers import (
    Reader,
    children_start_at_once,
    kill_again_and_again,
    start,
)
from tests.builders.lake_writers import LOANS, MONTHS, rows

__all__ = ["children_start_at_once"]  # a fixture of every test here
KILLS = 60


def test_killed_at_sixty_moments_a_lake_is_what_it_would_have_been(tmp_path: Path) -> None:
    done = kill_again_and_again(f"{tmp_path}", KILLS, longest=0.02, seed=1)
    assert done.all >= KILLS
    assert done.between > KILLS / 10  # not all before the first commit or after the last


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
