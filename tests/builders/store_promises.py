"""What every store promises, on a disk and on S3. The `store` fixture says which one it is."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditrisk.storage import ConflictError

RACERS = 20


class StorePromises:
    """Subclass it beside a `store` fixture."""

    def test_what_was_written_last_is_read(self, store):
        store.write("a/b.json", b"1")
        store.write("a/b.json", b"2")
        assert store.read("a/b.json") == b"2"

    def test_an_absent_object_is_a_key_error_and_has_no_tag(self, store):
        with pytest.raises(KeyError, match=r"a/b.json"):
            store.read("a/b.json")
        assert store.tag("a/b.json") is None

    def test_an_object_is_created_once(self, store):
        store.create("one", b"first")
        with pytest.raises(ConflictError):
            store.create("one", b"second")
        assert store.read("one") == b"first"

    def test_a_swap_needs_the_state_it_saw(self, store):
        store.swap("pointer", b"1", None)
        seen = store.tag("pointer")
        store.swap("pointer", b"2", seen)
        for stale in (seen, None):
            with pytest.raises(ConflictError):
                store.swap("pointer", b"3", stale)
        assert store.read("pointer") == b"2"

    def test_a_swap_of_what_was_deleted_is_a_conflict(self, store):
        store.write("pointer", b"1")
        seen = store.tag("pointer")
        store.delete("pointer")
        with pytest.raises(ConflictError):
            store.swap("pointer", b"2", seen)
        assert store.tag("pointer") is None

    def test_of_twenty_racing_creators_one_wins(self, store):
        won = race(lambda name: store.create("one", name))
        assert won == [store.read("one")]

    def test_of_twenty_racing_swappers_one_wins_each_round(self, store):
        store.write("pointer", b"start")
        for number in range(5):
            seen = store.tag("pointer")
            won = race(lambda name, n=number, t=seen: store.swap("pointer", b"%d " % n + name, t))
            assert [b"%d " % number + name for name in won] == [store.read("pointer")]

    def test_racing_swaps_lose_no_increment(self, store):
        store.write("count", b"0")

        def increment(_: int) -> None:
            while True:
                seen = store.tag("count")
                value = int(store.read("count"))
                try:
                    return store.swap("count", str(value + 1).encode(), seen)
                except ConflictError:
                    continue

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(increment, range(8)))
        assert store.read("count") == b"8"

    def test_keys_are_sorted_and_end_at_the_folder(self, store):
        for key in ("b/2", "b/10", "a/1", "bb"):
            store.write(key, b"")
        assert list(store.keys()) == ["a/1", "b/10", "b/2", "bb"]
        assert list(store.keys("b/")) == ["b/10", "b/2"]
        assert list(store.keys("nothing/")) == []

    def test_objects_tell_their_size(self, store):
        store.write("a/1", b"four")
        assert [(found.key, found.size) for found in store.objects()] == [("a/1", 4)]

    def test_deleting_twice_is_no_error(self, store):
        store.write("a", b"")
        store.delete("a")
        store.delete("a")
        assert list(store.keys()) == []

    def test_parquet_is_written_piece_by_piece(self, store):
        with store.output("t/part-0.parquet") as sink:
            pq.write_table(pa.table({"pd": [0.1, 0.2]}), sink)
        assert pq.read_table(pa.BufferReader(store.read("t/part-0.parquet"))).num_rows == 2

    def test_parquet_is_read_from_an_opened_object(self, store):
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"pd": [0.1, 0.2]}), sink)
        store.write("t/part-0.parquet", sink.getvalue().to_pybytes())
        with store.open("t/part-0.parquet") as file:
            assert pq.read_table(file).num_rows == 2

    def test_what_is_not_there_cannot_be_opened(self, store):
        with pytest.raises(KeyError, match="a/b"), store.open("a/b"):
            pass

    def test_a_reader_s_own_complaint_about_the_bytes_stays_what_it_is(self, store):
        store.write("a.gz", b"no gzip")
        with pytest.raises(gzip.BadGzipFile), store.open("a.gz") as file:
            gzip.GzipFile(fileobj=file).read()

    def test_a_store_that_was_written_to_is_there(self, store):
        store.write("a", b"")
        assert store.exists()


def race(attempt) -> list[bytes]:
    """Names of those who were first, of `RACERS` who start at once."""
    start = threading.Barrier(RACERS)

    def run(number: int) -> bytes | None:
        name = b"racer %d" % number
        start.wait()
        try:
            attempt(name)
        except ConflictError:
            return None
        return name

    with ThreadPoolExecutor(RACERS) as pool:
        return [name for name in pool.map(run, range(RACERS)) if name]
