"""Appending: once, in order, at the same cost, and never to a trail that was changed."""

from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.records.audit import Trail, event_key
from creditrisk.records.trail_check import verify
from creditrisk.storage.file import FileStore
from tests.builders.audit_trails import objects, trail_of
from tests.builders.tampering import add, forged, key


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


def test_an_event_appended_again_is_the_record_that_is_there(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 5)
    again = trail.append("decided", "someone else", "later", trail.find("decided", "3").body, "3")
    assert again.sequence == 3
    assert again.actor == "pipeline"
    assert trail.count() == 5
    assert trail.find("decided", "3") == again
    assert trail.find("decided", "99") is None
    assert trail.append("promoted", "pipeline", "later", {}, "3").sequence == 6


def test_another_body_under_a_known_id_is_refused_and_named(tmp_path: Path) -> None:
    trail_of(tmp_path, 5)
    before = objects(tmp_path)
    for body in ({"score": 3 / 7, "note": "another"}, {"score": 3 / 7}, {}):
        with pytest.raises(UserError, match=r"decided 3 is record 3 of the audit trail .* note"):
            Trail(FileStore(tmp_path)).append("decided", "pipeline", "", body, "3")
    assert objects(tmp_path) == before


def test_a_body_is_compared_as_json_holds_it(tmp_path: Path) -> None:
    trail, found = Trail(FileStore(tmp_path)), {"months": (1, 2), "share": float("nan")}
    first = trail.append("a", "pipeline", "", found, "1")
    assert trail.append("a", "pipeline", "", {"share": float("nan"), "months": [1, 2]}, "1") == (
        first.__class__(**vars(first) | {"body": trail.find("a", "1").body})
    )


def test_event_and_id_do_not_run_into_one_another(tmp_path: Path) -> None:
    trail = Trail(FileStore(tmp_path))
    trail.append("a", "pipeline", "", {}, "bc")
    assert trail.append("ab", "pipeline", "", {}, "c").sequence == 2


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


INDEXES = {
    "another's": b'{"sequence":1}',
    "none's": b'{"sequence":99}',
    "0": b'{"sequence":0}',
    "below": b'{"sequence":-1}',
    "ten digits": b'{"sequence":9999999999}',
    "5,000 digits": b'{"sequence":' + b"9" * 5000 + b"}",
    "NaN": b'{"sequence":NaN}',
    "text": b'{"sequence":"4"}',
    "path": b'{"sequence":"../../4"}',
    "other digits": '{"sequence":\u0664}'.encode(),
    "twice": b'{"sequence":4,"sequence":1}',
    "mark": b'\xef\xbb\xbf{"sequence":1}',
    "empty": b"",
    "cut": b'{"sequence":',
    "brackets": b"[" * 100_000,
    "no text": b"\xff\xfe\x00",
    "long": b"x" * 3_000_000,
}


@pytest.mark.parametrize("data", INDEXES.values(), ids=INDEXES)
def test_an_index_that_is_not_the_events_neither_swallows_nor_repeats_it(tmp_path, data) -> None:
    trail = trail_of(tmp_path, 3)
    made_before = tmp_path / event_key("decided", "4")
    made_before.write_bytes(data)
    assert trail.find("decided", "4") is None
    assert add(trail, 4).sequence == 4
    assert add(trail, 4).sequence == 4
    assert (trail.count(), verify(trail)) == (4, [])


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
