"""What we write of a Delta log ourselves: what it costs, and that others write the same."""

import json
from collections import Counter
from pathlib import Path

import pytest

from creditrisk.contracts import Contract
from creditrisk.lake import Lake, delta_engine
from creditrisk.lake.delta import follow_manifests, forget_logs
from creditrisk.storage.file import FileStore
from tests.builders.delta_tables import READERS, by_delta_rs, committed, log_of, same_rows
from tests.builders.lake_writers import LOANS, MONTHS, corrected_lake, write_month


@pytest.fixture
def lake(tmp_path):
    """Eight months, then the first of them corrected."""
    return corrected_lake(FileStore(tmp_path / "store"))


class Counting(FileStore):
    """Counts what a server would be asked."""

    def __init__(self, root):
        super().__init__(root)
        self.requests = Counter()

    def read(self, key):
        self.requests["read"] += 1
        return super().read(key)

    def keys(self, prefix=""):
        self.requests["keys"] += 1
        return super().keys(prefix)

    def create(self, key, data):
        self.requests["create"] += 1
        super().create(key, data)


def test_a_month_is_one_object_more_and_no_log_is_opened(lake, monkeypatch):
    other = Contract(**vars(LOANS) | {"name": "others"})
    write_month(lake, MONTHS[0], 0.1, other)
    follow_manifests(lake)
    for contract in (LOANS, other):
        write_month(lake, MONTHS[1], 0.3, contract)
    monkeypatch.setattr(delta_engine, "_opened", lambda *_: pytest.fail("a log is opened"))
    asked = Counting(Path(lake.store.uri.removeprefix("file://")))
    assert [table.written for table in follow_manifests(Lake(asked))] == [1, 1]
    # one listing, and of each table its newest version, what came and what goes, and a write
    assert asked.requests == {"keys": 1, "read": 5, "create": 2}
    monkeypatch.undo()
    for read in READERS:
        assert same_rows(read(lake.store, "gold/loans"), committed(lake, "gold/loans"))


def test_what_we_write_says_what_delta_rs_would_say(lake):
    """The same commits, once by our own hand and once by the library's alone."""
    follow_manifests(lake)
    ours = [actions_of(lake.store, number) for number in range(2, 10)]
    forget_logs(lake.store)
    with pytest.MonkeyPatch.context() as patch:
        known = {LOANS.schema_sha: LOANS.arrow}

        def by_library(lake, commit, newest, _):
            return delta_engine._widened(lake, commit, newest, known)

        patch.setattr(delta_engine, "write_version", by_library)
        follow_manifests(lake)
    assert ours == [actions_of(lake.store, number) for number in range(2, 10)]


def actions_of(store, number):
    """Actions of a version, but for the clock, the engine's name and what is null."""
    text = store.read(f"lake/gold/loans/_delta_log/{number:020d}.json").decode()
    actions = [json.loads(line) for line in text.splitlines()]
    apart = ("timestamp", "deletionTimestamp", "engineInfo", "clientVersion")
    return [
        {
            name: {k: v for k, v in body.items() if v is not None and k not in apart}
            for name, body in action.items()
        }
        for action in actions
    ]


def test_every_tenth_version_has_a_checkpoint(lake):
    follow_manifests(lake)
    for month in MONTHS[:3]:
        write_month(lake, month, 0.6)
    for month in MONTHS[:8]:
        write_month(lake, month, 0.7)
    follow_manifests(lake)
    found = [key for key in lake.store.keys("lake/gold/loans/_delta_log/") if "checkpoint" in key]
    assert [
        key.rpartition("/")[2][:20].lstrip("0") for key in found if key.endswith(".parquet")
    ] == ["9", "19"]
    assert same_rows(by_delta_rs(lake.store, "gold/loans"), committed(lake, "gold/loans"))


@pytest.mark.parametrize(
    "asks", ["delta.enableChangeDataFeed", "delta.checkpoint.writeStatsAsJson"]
)
def test_a_log_that_another_tool_changed_is_left_to_the_library(lake, asks):
    follow_manifests(lake)
    log_of(lake.store, "gold/loans").alter.set_table_properties(
        {"delta.enableChangeDataFeed": "true"}
    )
    for month, pd in ((MONTHS[3], 0.4), (MONTHS[4], 0.5)):
        write_month(lake, month, pd)
        assert [table.written for table in follow_manifests(lake)] == [1]
        assert log_of(lake.store, "gold/loans").history(1)[0]["engineInfo"].startswith("delta-rs")
