"""Appenders that race and appenders that die: nothing is lost, the trail verifies."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from creditrisk.records.audit import Trail
from creditrisk.records.trail_check import verify
from creditrisk.storage.file import FileStore
from tests.builders.audit_trails import CrashError, DyingStore, ForgetfulStore, trail_of
from tests.builders.tampering import add


def test_eight_threads_lose_nothing(tmp_path: Path) -> None:
    def work(worker: int) -> None:
        trail = Trail(FileStore(tmp_path))
        for number in range(12):
            add(trail, worker * 100 + number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    _assert_all_there(tmp_path, {str(w * 100 + n) for w in range(8) for n in range(12)})


def _work_in_a_process(task: tuple[Path, int]) -> None:
    root, worker = task
    for number in range(10):
        add(Trail(FileStore(root)), worker * 100 + number)


def test_three_processes_lose_nothing(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, get_context("spawn")) as pool:
        list(pool.map(_work_in_a_process, [(tmp_path, worker) for worker in range(3)]))
    _assert_all_there(tmp_path, {str(w * 100 + n) for w in range(3) for n in range(10)})


def test_one_event_appended_by_everyone_at_once_is_one_record(tmp_path: Path) -> None:
    def work(worker: int) -> list[int]:
        trail = Trail(FileStore(tmp_path))
        return [add(trail, number).sequence for number in range(10)]

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(work, range(8)))
    assert all(numbers == seen[0] for numbers in seen)
    _assert_all_there(tmp_path, {str(n) for n in range(10)})


def test_a_verification_while_others_append_finds_nothing_wrong(tmp_path: Path) -> None:
    def work(worker: int) -> None:
        trail = Trail(FileStore(tmp_path))
        for number in range(25):
            add(trail, worker * 100 + number)

    with ThreadPoolExecutor(3) as pool:
        busy = [pool.submit(work, worker) for worker in range(3)]
        while not all(task.done() for task in busy):
            assert verify(Trail(FileStore(tmp_path))) == []
        for task in busy:
            task.result()


def _assert_all_there(root: Path, ids: set[str]) -> None:
    trail = Trail(FileStore(root))
    assert verify(trail) == []
    assert sorted(record.id for record in trail.records()) == sorted(ids)
    assert trail.anchor() == (len(ids), trail.head().sha256)


@pytest.mark.parametrize("before", [0, 1, 5])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("creates", [1, 2, 3])
def test_a_crash_anywhere_in_an_append_leaves_a_trail_that_verifies_and_goes_on(
    tmp_path: Path, before: int, after: bool, creates: int
) -> None:
    trail_of(tmp_path, before)
    with pytest.raises(CrashError):
        add(Trail(DyingStore(tmp_path, creates, after)), 100)
    trail = Trail(FileStore(tmp_path))
    assert verify(trail) == []
    add(trail, 200)  # someone else's event comes first
    assert verify(trail) == []
    retried = add(trail, 100)
    assert retried == trail.find("decided", "100")
    assert verify(trail) == []
    assert sorted(r.id for r in trail.records()).count("100") == 1
    assert trail.count() == before + 2
    assert trail.anchor() == (before + 2, trail.head().sha256)


def test_a_crash_while_another_finishes_the_crashed_record_is_harmless_too(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        add(Trail(DyingStore(tmp_path, 1, after=True)), 1)
    for creates in (1, 2):  # of index and anchor of record 1
        with pytest.raises(CrashError):
            add(Trail(DyingStore(tmp_path, creates, after=creates == 2)), 2)
        assert verify(Trail(FileStore(tmp_path))) == []
    assert trail_of(tmp_path, 2).count() == 2


def test_an_event_whose_record_is_not_indexed_yet_is_found(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        add(Trail(DyingStore(tmp_path, 1, after=True)), 1)
    assert Trail(FileStore(tmp_path)).find("decided", "1").sequence == 1


def test_a_put_whose_answer_is_lost_appends_once(tmp_path: Path) -> None:
    trail = Trail(ForgetfulStore(tmp_path))
    assert [add(trail, number).sequence for number in (1, 2, 2)] == [1, 2, 2]
    assert verify(trail) == []
