"""What a store does when the server, the line to it or the settings are at fault."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.storage import ConflictError, open_store, s3
from creditrisk.storage.connection import Connection
from tests.builders.lossy_line import LossyLine
from tests.builders.small_lender import START, fill, small_period


def nothing(answer: bytes) -> bytes:
    """The answer is lost."""
    return b""


def a_part(answer: bytes) -> bytes:
    """The answer breaks off."""
    return answer[: len(answer) // 2]


@pytest.fixture
def line(minio):
    line = LossyLine(minio.host)
    yield line
    line.close()


@pytest.fixture
def lossy_store(line, environment, monkeypatch):
    """A store whose line can be cut."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{line.host}")
    return open_store(f"s3://lake/{uuid4().hex}")


@pytest.fixture
def hasty(monkeypatch):
    """Do not wait for a server that will not come back."""
    monkeypatch.setattr(s3, "_ATTEMPTS", 1)


def test_keys_the_server_does_not_know_are_named(environment, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone-else")
    with pytest.raises(UserError, match=r"refused the keys .*; check AWS_ACCESS_KEY_ID"):
        open_store("s3://lake/prefix")


def test_a_wrong_secret_is_named(environment, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    with pytest.raises(UserError, match=r"refused the keys .* AWS_SECRET_ACCESS_KEY"):
        open_store("s3://lake/prefix")


def test_keys_that_are_revoked_later_are_named_by_every_call(environment):
    connection = replace(Connection.from_environment(), secret_key="revoked")  # noqa: S106 - none
    store = s3.S3Store(connection, "lake", "prefix")
    calls = (lambda: store.create("a", b""), lambda: store.write("a", b""), lambda: store.tag("a"))
    for call in calls:
        with pytest.raises(UserError, match="refused the keys"):
            call()


def test_a_bucket_that_is_not_there_is_named(environment):
    with pytest.raises(UserError, match="bucket 'nowhere' does not exist; create it first"):
        open_store("s3://nowhere/prefix")


def test_a_bucket_that_went_away_is_named(minio, environment):
    minio.client.make_bucket("brief")
    store = open_store("s3://brief")
    minio.client.remove_bucket("brief")
    for attempt in (lambda: store.read("a"), lambda: store.create("a", b""), store.keys):
        with pytest.raises(UserError, match="bucket 'brief' does not exist; create it first"):
            list(attempt() or ())


def test_an_endpoint_that_does_not_answer_is_named(environment, hasty, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"127\.0\.0\.1:9 does not answer; is it up"):
        open_store("s3://lake/prefix")


def test_a_server_that_accepts_and_says_nothing_is_given_up(environment, hasty, monkeypatch):
    monkeypatch.setattr(s3, "READ", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(UserError, match="does not answer"):
            open_store("s3://lake/prefix")


def test_a_create_whose_answer_was_lost_is_no_conflict(lossy_store, line):
    line.fates.append(nothing)
    lossy_store.create("record", b"ours")
    assert line.fates == []
    assert lossy_store.read("record") == b"ours"


def test_a_create_that_came_second_is_a_conflict_though_an_answer_was_lost(lossy_store, line):
    lossy_store.write("record", b"theirs")
    line.fates.append(nothing)
    with pytest.raises(ConflictError):
        lossy_store.create("record", b"ours")
    assert lossy_store.read("record") == b"theirs"


def test_a_swap_whose_answer_was_lost_happens_once(minio, line, environment, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{line.host}")
    prefix = uuid4().hex
    store = open_store(f"s3://audit/{prefix}")  # a bucket that keeps every version
    store.create("pointer", b"1")
    seen = minio.client.stat_object("audit", f"{prefix}/pointer").etag
    line.fates.append(nothing)
    store.swap("pointer", b"2", seen)
    assert line.fates == []
    versions = minio.client.list_objects("audit", f"{prefix}/pointer", include_version=True)
    assert len(list(versions)) == 2


def test_two_equal_creates_at_once_are_one_winner(lossy_store):
    lossy_store.create("record", b"same")
    with pytest.raises(ConflictError):  # nothing was lost: equal bytes do not make it ours
        lossy_store.create("record", b"same")


def test_an_answer_that_breaks_off_is_read_again(lossy_store, line):
    data = bytes(range(256)) * 4096
    lossy_store.write("big", data)
    line.fates.append(a_part)
    assert lossy_store.read("big") == data
    assert line.fates == []


def test_parquet_that_breaks_off_is_read_again(lossy_store, line):
    lossy_store.write("t/part-0.parquet", parquet())
    line.fates.extend([a_part, nothing])
    assert rows(lossy_store) == 1000
    assert line.fates == []


@pytest.fixture
def mortal(mortals, monkeypatch):
    """A server to be stopped; this process is its client."""
    for name, value in mortals.environment.items():
        monkeypatch.setenv(name, value)
    yield mortals
    mortals.start()


def test_a_server_back_after_twenty_seconds_was_only_slow(mortal, caplog):
    store = open_store("s3://lake/prefix")
    for key in ("read", "pointer", "t/part-0.parquet"):
        store.write(key, parquet())
    seen = store.tag("pointer")
    mortal.kill()
    attempts = {
        "write": lambda: store.write("written", b"1"),
        "create": lambda: store.create("created", b"1"),
        "swap": lambda: store.swap("pointer", b"2", seen),
        "read": lambda: store.read("read") == parquet(),
        "list": lambda: list(store.keys("t/")) == ["t/part-0.parquet"],
        "open": lambda: open_store("s3://lake/prefix"),
        "parquet": lambda: rows(store),
    }
    with ThreadPoolExecutor(len(attempts)) as pool:
        done = {name: pool.submit(attempt) for name, attempt in attempts.items()}
        time.sleep(20)
        assert not any(future.done() for future in done.values())
        mortal.start()
        results = {name: future.result(timeout=60) for name, future in done.items()}
    assert results["read"] and results["list"]
    assert results["parquet"] == 1000
    assert [store.read(key) for key in ("written", "created", "pointer")] == [b"1", b"1", b"2"]
    assert f"{mortal.host} does not answer; trying again" in caplog.text


def test_an_object_whose_write_was_cut_off_does_not_exist(mortal, hasty):
    store = open_store("s3://lake/prefix")
    store.write("big", b"old")
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(store.write, "big", bytes(512 << 20))
        while mortal.written() < 8 << 20:
            assert not written.done()
        mortal.kill()
        with pytest.raises(UserError, match="does not answer; is it up"):
            written.result()
    mortal.start()
    assert store.read("big") == b"old"


def test_a_server_that_goes_while_a_file_is_written_piece_by_piece_is_named(mortal, hasty):
    store = open_store("s3://lake/prefix")
    with (
        pytest.raises(UserError, match="does not answer; is it up"),
        store.output("unfinished/part-0.parquet") as sink,
    ):
        mortal.kill()
        sink.write(bytes(16 << 20))
    mortal.start()
    assert list(store.keys("unfinished/")) == []


def test_a_server_that_stops_at_the_commit_leaves_the_month_as_it_was(
    mortal, hasty, tmp_path, monkeypatch
):
    small = small_period(tmp_path, START)
    fill(small)
    contract = contracts.features(small.portfolio)
    rows = small.lake.read(contract, [START])
    lake = Lake(open_store("s3://lake/prefix"))
    lake.write(contract, START, rows, inputs={"delivery": "1"}, code="test")
    create = lake.store.create
    monkeypatch.setattr(lake.store, "create", lambda *words: (mortal.kill(), create(*words)))
    with pytest.raises(UserError, match="does not answer; is it up"):
        lake.write(contract, START, rows[1:], inputs={"delivery": "2"}, code="test")
    mortal.start()
    assert [commit.version for commit in lake.versions(contract.table, START)] == [1]
    assert lake.read(contract, [START]) == rows


def parquet() -> bytes:
    """A file of 1,000 rows."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"pd": [number / 1000 for number in range(1000)]}), sink)
    return sink.getvalue().to_pybytes()


def rows(store) -> int:
    """How many rows the file has, read through the store."""
    with store.open("t/part-0.parquet") as file:
        return pq.read_table(file).num_rows
