import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from creditrisk.audit import GENESIS, Record, Trail, verify
from creditrisk.errors import UserError
from creditrisk.storage.file import FileStore

LENGTH = 14
Objects = dict[str, bytes]


class CrashError(Exception):
    """The process dies."""


class DyingStore(FileStore):
    """A disk whose process dies just before, or just after, its n-th create."""

    def __init__(self, root: Path, creates: int, after: bool) -> None:
        super().__init__(root)
        self.left, self.after = creates, after

    def create(self, key: str, data: bytes) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise CrashError
        super().create(key, data)
        if self.left == 0:
            raise CrashError


class ForgetfulStore(FileStore):
    """A store whose answer to a PUT is lost: the client tries again and is told of a conflict."""

    def create(self, key: str, data: bytes) -> None:
        if key.startswith("records/"):
            super().create(key, data)
        super().create(key, data)


class CountingStore(FileStore):
    """Counts what an append costs."""

    requests = 0
    listings = 0

    def read(self, key: str) -> bytes:
        self.requests += 1
        return super().read(key)

    def keys(self, prefix: str = ""):
        self.listings += 1
        return super().keys(prefix)


def add(trail: Trail, number: int) -> Record:
    body = {"score": number / 7, "note": f"event {number}"}
    return trail.append("decided", "pipeline", "2026-01-01T00:00:00Z", body, str(number))


def trail_of(root: Path, length: int = LENGTH) -> Trail:
    trail = Trail(FileStore(root))
    for number in range(1, length + 1):
        add(trail, number)
    return trail


def objects(root: Path, prefix: str = "") -> Objects:
    store = FileStore(root)
    return {key: store.read(key) for key in store.keys(prefix)}


def put(root: Path, was: Objects, now: Objects) -> None:
    """Make the files on disk `now`, touching only what differs from `was`."""
    for key in was.keys() - now.keys():
        (root / key).unlink()
    for key, data in now.items():
        if was.get(key) != data:
            (root / key).write_bytes(data)


def key(number: int) -> str:
    return f"records/{number:010d}.json"


def chain(records: list[Record]) -> Objects:
    """Renumber and rehash, as a forger who knows the format would."""
    made, previous = {}, GENESIS
    for number, old in enumerate(records, 1):
        record = Record(**{**vars(old), "sequence": number, "previous": previous})
        made[key(number)], previous = record.data(), record.sha256
    return made


def parsed(found: Objects) -> list[Record]:
    return [Record(**json.loads(found[k])) for k in sorted(found)]


def forged(record: Record) -> Record:
    return Record(**{**vars(record), "body": {"score": 0.01}, "id": f"forged {record.id}"})


# Each tampering takes the records and says which is the first bad one.


def flip(found: Objects, rng: np.random.Generator) -> int:
    number = int(rng.integers(1, LENGTH + 1))
    data = bytearray(found[key(number)])
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    found[key(number)] = bytes(data)
    return number


def delete(found: Objects, rng: np.random.Generator) -> int:
    number = int(rng.integers(1, LENGTH + 1))
    del found[key(number)]
    return number


def truncate(found: Objects, rng: np.random.Generator) -> int:
    number = int(rng.integers(1, LENGTH + 1))
    for later in range(number, LENGTH + 1):
        del found[key(later)]
    return number


def swap(found: Objects, rng: np.random.Generator) -> int:
    a, b = sorted(int(n) + 1 for n in rng.choice(LENGTH, 2, replace=False))
    found[key(a)], found[key(b)] = found[key(b)], found[key(a)]
    return a


def overwrite(found: Objects, rng: np.random.Generator) -> int:
    a, b = (int(n) + 1 for n in rng.choice(LENGTH, 2, replace=False))
    found[key(a)] = found[key(b)]
    return a


def insert(found: Objects, rng: np.random.Generator) -> int:
    """A forged record pushes the later ones back; they keep their bytes."""
    number = int(rng.integers(1, LENGTH + 1))
    record = forged(Record(**json.loads(found[key(number)])))
    for later in range(LENGTH, number - 1, -1):
        found[key(later + 1)] = found[key(later)]
    found[key(number)] = record.data()
    return number


def insert_rechained(found: Objects, rng: np.random.Generator) -> int:
    number = int(rng.integers(1, LENGTH + 1))
    records = parsed(found)
    records.insert(number - 1, forged(records[number - 1]))
    found |= chain(records)
    return number


def delete_rechained(found: Objects, rng: np.random.Generator) -> int:
    number = int(rng.integers(1, LENGTH + 1))
    records = parsed(found)
    del records[number - 1]
    found.clear()
    found |= chain(records)
    return number


def rewrite(found: Objects, rng: np.random.Generator) -> int:
    """The trail is made anew from a record on: every hash in it is right."""
    number = int(rng.integers(1, LENGTH + 1))
    records = parsed(found)
    records[number - 1] = forged(records[number - 1])
    found |= chain(records)
    return number


def stray(found: Objects, rng: np.random.Generator) -> int:
    number = int(rng.integers(1, LENGTH + 1))
    found[f"records/{number:010d}x.json"] = found[key(number)]
    return number + 1


def forged_tail(found: Objects, rng: np.random.Generator) -> int:
    records = parsed(found)
    records += [forged(records[n]) for n in range(int(rng.integers(2, 5)))]
    found |= chain(records)
    return LENGTH + 1


TAMPERINGS: list[Callable[[Objects, np.random.Generator], int]] = [
    flip,
    delete,
    truncate,
    swap,
    overwrite,
    insert,
    insert_rechained,
    delete_rechained,
    rewrite,
    stray,
    forged_tail,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_of_sixty_random_tamperings_is_found_and_the_first_bad_record_named(
    tmp_path: Path, tamper: Callable[[Objects, np.random.Generator], int]
) -> None:
    trail = trail_of(tmp_path)
    whole = objects(tmp_path, "records/")
    for seed in range(60):
        now = dict(whole)
        first = tamper(now, np.random.default_rng(seed))
        put(tmp_path, whole, now)
        faults = verify(trail)
        put(tmp_path, now, whole)
        assert len(faults) == 1
        assert faults[0].startswith(f"record {first} "), (seed, faults)
    assert verify(trail) == []


def test_of_many_bad_records_the_first_is_named(tmp_path: Path) -> None:
    trail = trail_of(tmp_path)
    whole = objects(tmp_path, "records/")
    for seed in range(40):
        now, rng = dict(whole), np.random.default_rng(seed)
        first = min(tamper(now, rng) for tamper in (rewrite, swap, flip, flip))
        put(tmp_path, whole, now)
        faults = verify(trail)
        put(tmp_path, now, whole)
        assert faults[0].startswith(f"record {first} "), (seed, faults)


def test_a_whole_trail_verifies_and_an_empty_one_too(tmp_path: Path) -> None:
    assert verify(Trail(FileStore(tmp_path / "none"))) == []
    trail = trail_of(tmp_path)
    assert verify(trail) == []
    assert trail.anchor() == (LENGTH, trail.head().sha256)
    assert [record.sequence for record in trail.records()] == list(range(1, LENGTH + 1))


def test_a_trail_cut_together_with_its_anchors_is_found_by_a_report_that_knew_its_head(
    tmp_path: Path,
) -> None:
    trail = trail_of(tmp_path)
    reported = dict([trail.anchor()])
    for number in range(LENGTH - 4, LENGTH + 1):
        (tmp_path / key(number)).unlink()
        (tmp_path / f"anchors/{number:010d}.json").unlink()
    assert verify(trail) == []
    assert verify(trail, reported)[0].startswith(f"record {LENGTH - 4} is missing")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"count":3,"sha256":"x"}'])
def test_a_damaged_anchor_is_named(tmp_path: Path, data: bytes) -> None:
    trail = trail_of(tmp_path, 4)
    (tmp_path / "anchors/0000000004.json").write_bytes(data)
    assert "anchors/0000000004.json" in verify(trail)[0]


def test_anchors_removed_altogether_do_not_pass(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 4)
    for file in (tmp_path / "anchors").iterdir():
        file.unlink()
    assert verify(trail) == ["record 1 was added past the anchor"]


def test_an_event_appended_again_is_the_record_that_is_there(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 5)
    again = trail.append("decided", "someone else", "later", {"other": 1}, "3")
    assert again.sequence == 3
    assert again.actor == "pipeline"
    assert trail.count() == 5
    assert trail.find("decided", "3") == again
    assert trail.find("decided", "99") is None
    assert trail.append("promoted", "pipeline", "later", {}, "3").sequence == 6


def test_event_and_id_do_not_run_into_one_another(tmp_path: Path) -> None:
    trail = Trail(FileStore(tmp_path))
    trail.append("a", "pipeline", "", {}, "bc")
    assert trail.append("ab", "pipeline", "", {}, "c").sequence == 2


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


def test_nothing_is_appended_to_a_trail_that_lost_its_end(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 6)
    (tmp_path / key(6)).unlink()
    for fresh in (trail, Trail(FileStore(tmp_path))):
        with pytest.raises(UserError, match="record 6 is gone"):
            add(fresh, 7)
    assert verify(trail)[0].startswith("record 6 ")


def test_nothing_is_appended_after_a_changed_record(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 3)
    last = forged(trail.head())
    (tmp_path / key(3)).write_bytes(last.data())
    with pytest.raises(UserError, match="record 3 is not the one that was anchored"):
        add(trail, 4)
    (tmp_path / key(3)).write_bytes(b"{")
    with pytest.raises(UserError, match="record 3 is gone, or is not that record"):
        add(trail, 4)


def test_a_false_index_cannot_swallow_an_event(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 3)
    index = {data: name for name, data in objects(tmp_path, "events/").items()}
    add(trail, 4)
    new = (set(objects(tmp_path, "events/")) - set(index.values())).pop()
    (tmp_path / new).write_bytes(b'{"sequence":1}')
    with pytest.raises(UserError, match="points at record 1, another event's"):
        add(trail, 4)
    (tmp_path / new).write_bytes(b"nonsense")
    with pytest.raises(UserError, match="record 0 is gone"):
        add(trail, 4)


def test_an_event_appended_twice_because_its_index_was_removed_is_found(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 3)
    for file in (tmp_path / "events").iterdir():
        file.unlink()
    add(trail, 2)
    assert verify(trail) == ["record 4 repeats record 2: its index was removed"]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 8, 9, 20])
def test_the_newest_record_is_found_from_nothing_and_from_any_memory(
    tmp_path: Path, length: int
) -> None:
    old = trail_of(tmp_path, max(1, length // 2))
    trail_of(tmp_path, length)
    assert Trail(FileStore(tmp_path)).count() == length
    assert old.count() == length


def test_an_append_costs_the_same_on_a_long_trail(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)
    trail, costs = Trail(store), []
    for number in range(1, 65):
        before = store.requests
        add(trail, number)
        costs.append(store.requests - before)
    assert store.listings == 0
    assert max(costs[32:]) <= max(costs[2:8])
