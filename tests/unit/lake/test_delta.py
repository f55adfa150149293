"""Every table by its name in other engines: their logs follow the manifests, whatever happens."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from creditrisk.cli import app
from creditrisk.contracts import Column, Contract
from creditrisk.lake import COMMITTED_MONTH, Lake, delta_engine
from creditrisk.lake.delta import follow_manifests
from creditrisk.lake.housekeeping import manifest_keys, unreferenced
from creditrisk.storage.file import FileStore
from tests.builders.delta_tables import (
    READERS,
    by_delta_rs,
    by_polars,
    committed,
    log_of,
    same_rows,
)
from tests.builders.lake_writers import LOANS, MONTHS, corrected_lake, rows, write_month
from tests.builders.old_store import unpacked

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path):
    """Eight months, then the first of them corrected."""
    return corrected_lake(FileStore(tmp_path / "store"))


def faults(lake):
    return [table.fault for table in follow_manifests(lake) if table.fault]


@pytest.mark.parametrize("read", READERS)
def test_every_table_of_a_populated_store_reads_by_its_name_as_committed(tmp_path, read):
    lake = Lake(unpacked(tmp_path))
    assert faults(lake) == []
    for table in {key.rpartition("/manifests/")[0] for key in manifest_keys(lake.store)}:
        name = table.removeprefix("lake/")
        want = committed(lake, name)
        if want.num_rows:
            assert same_rows(read(lake.store, name), want), name


@pytest.mark.parametrize("read", READERS)
def test_a_corrected_month_is_read_once_as_corrected(lake, read):
    assert faults(lake) == []
    found = read(lake.store, "gold/loans")
    pds = {(row["snapshot_date"], row["pd"]) for row in found.to_pylist()}
    assert pds == {(month, 0.2 if month == MONTHS[0] else 0.1) for month in MONTHS}
    assert set(found[COMMITTED_MONTH].to_pylist()) == set(MONTHS)


def test_a_commit_is_one_version_and_earlier_ones_stay(lake):
    follow_manifests(lake)
    log = log_of(lake.store, "gold/loans")
    assert log.version() == len(MONTHS) + 1
    printed = [entry.get("manifest") for entry in log.history()]
    assert printed[0] == lake.need("gold/loans", MONTHS[0]).key
    assert len({key for key in printed if key}) == len(MONTHS) + 1
    log.load_as_version(len(MONTHS))
    assert set(log.to_pyarrow_table()["pd"].to_pylist()) == {0.1}


def test_what_is_written_already_is_not_written_again(lake):
    assert [table.written for table in follow_manifests(lake)] == [9]
    assert [table.written for table in follow_manifests(lake)] == [0]
    write_month(lake, MONTHS[3], 0.4)
    assert [table.written for table in follow_manifests(lake)] == [1]


def test_what_another_tool_says_of_a_table_makes_nothing_written_twice(lake):
    follow_manifests(lake)
    log_of(lake.store, "gold/loans").alter.set_table_description("loans of the retail book")
    assert [table.written for table in follow_manifests(lake)] == [0]
    write_month(lake, MONTHS[3], 0.4)
    assert [table.written for table in follow_manifests(lake)] == [1]


def test_no_file_is_copied_and_none_is_left_to_a_vacuum(lake):
    before = set(lake.store.keys("lake/gold/loans/data/"))
    follow_manifests(lake)
    assert set(lake.store.keys("lake/gold/loans/data/")) == before
    log = log_of(lake.store, "gold/loans")
    assert log.vacuum(dry_run=True, full=True) == []
    assert unreferenced(lake, {}, before=LATER) == []


def test_a_store_that_was_moved_is_read_where_it_is(lake, tmp_path):
    follow_manifests(lake)
    moved = shutil.move(tmp_path / "store", tmp_path / "elsewhere")
    assert by_polars(FileStore(moved), "gold/loans").num_rows == 40 * len(MONTHS)


def test_written_anew_the_log_shows_the_same(lake):
    follow_manifests(lake)
    before = by_delta_rs(lake.store, "gold/loans")
    done = CliRunner().invoke(app, ["lake", "delta", "--rebuild", "--store", lake.store.uri])
    assert done.stdout == "gold/loans: 9 versions written\n"
    assert same_rows(by_delta_rs(lake.store, "gold/loans"), before)


def test_a_column_that_came_later_is_null_before(lake):
    wider = Contract(**vars(LOANS) | {"columns": (*LOANS.columns, Column("late", "double"))})
    table = rows(MONTHS[1], 0.3).append_column("late", pa.repeat(1.5, 40))
    write_month(lake, MONTHS[1], 0.3, wider, table)
    assert faults(lake) == []
    for read in READERS:
        late = {(r["snapshot_date"], r["late"]) for r in read(lake.store, "gold/loans").to_pylist()}
        assert late == {(month, 1.5 if month == MONTHS[1] else None) for month in MONTHS}


def test_a_column_that_changed_its_type_ends_the_log_there_and_is_told(lake):
    follow_manifests(lake)
    columns = (Column("loan_id", "string"), Column("pd", "string"), Column("snapshot_date", "date"))
    other = Contract(**vars(LOANS) | {"columns": columns})
    table = rows(MONTHS[1], 0.3)
    table = table.set_column(1, "pd", pa.array(["low"] * 40))
    commit = write_month(lake, MONTHS[1], 0.3, other, table)
    [fault] = faults(lake)
    assert commit.key in fault and "another type" in fault and "\n" not in fault
    assert by_delta_rs(lake.store, "gold/loans").num_rows == 40 * len(MONTHS)


def test_a_month_without_rows_is_a_version_without_files(lake):
    empty = rows(MONTHS[2], 0.1, count=0)
    lake.publish(_without_files(write_month(lake, MONTHS[2], 0.9, table=empty)))
    assert faults(lake) == []
    months = set(by_polars(lake.store, "gold/loans")["snapshot_date"].to_pylist())
    assert months == set(MONTHS) - {MONTHS[2]}


@pytest.mark.parametrize("after", [0, 1, 4, 8])
def test_a_writer_that_dies_is_made_good_by_the_next(lake, after):
    code = (
        "import os, sys, deltalake\n"
        "from creditrisk.lake import Lake, delta, delta_engine\n"
        "from creditrisk.storage import open_store\n"
        "added, left = delta_engine._added, [int(sys.argv[2])]\n"
        "def dying(*words):\n"
        "    if not left[0]: os._exit(9)\n"
        "    left[0] -= 1; return added(*words)\n"
        "delta_engine._added = dying\n"
        "delta.follow_manifests(Lake(open_store(sys.argv[1])))"
    )
    died = subprocess.run([sys.executable, "-c", code, lake.store.uri, f"{after}"], check=False)
    assert died.returncode == 9
    assert [table.written for table in follow_manifests(lake)] == [9 - after]
    assert same_rows(by_delta_rs(lake.store, "gold/loans"), committed(lake, "gold/loans"))


def test_two_writers_at_once_write_each_commit_once(lake):
    code = (
        "import sys\nfrom creditrisk.lake import Lake\n"
        "from creditrisk.lake.delta import follow_manifests\n"
        "from creditrisk.storage import open_store\n"
        "sys.stdin.read()\n"
        "sys.exit(any(t.fault for t in follow_manifests(Lake(open_store(sys.argv[1])))))"
    )
    words = [sys.executable, "-c", code, lake.store.uri]
    racers = [subprocess.Popen(words, stdin=subprocess.PIPE) for _ in range(2)]
    for racer in racers:
        racer.stdin.close()
    assert [racer.wait() for racer in racers] == [0, 0]
    printed = [entry.get("manifest") for entry in log_of(lake.store, "gold/loans").history()]
    assert sorted(filter(None, printed)) == manifest_keys(lake.store)
    assert [table.written for table in follow_manifests(lake)] == [0]
    assert same_rows(by_delta_rs(lake.store, "gold/loans"), committed(lake, "gold/loans"))


def test_a_log_that_cannot_be_written_is_one_line_and_no_commit_less(lake):
    lake.store.write("lake/gold/loans/_delta_log", b"a file where a folder should be")
    commit = write_month(lake, MONTHS[5], 0.7)
    done = CliRunner().invoke(app, ["lake", "delta", "--store", lake.store.uri])
    assert "1 of 1 tables are behind" in str(done.exception)
    assert lake.need("gold/loans", MONTHS[5]) == commit
    again = CliRunner().invoke(app, ["lake", "delta", "--rebuild", "--store", lake.store.uri])
    assert again.exit_code == 0
    assert same_rows(by_delta_rs(lake.store, "gold/loans"), committed(lake, "gold/loans"))


def test_a_damaged_manifest_is_named_and_the_other_tables_are_written(lake):
    other = Contract(**vars(LOANS) | {"name": "others"})
    write_month(lake, MONTHS[0], 0.1, other)
    lake.store.write(lake.need("gold/loans", MONTHS[4]).key, b"{}")
    loans, others = follow_manifests(Lake(lake.store))
    assert "2024-05-01/000001.json is no manifest any more" in loans.fault
    assert (others.table, others.written, others.fault) == ("gold/others", 1, "")


def test_a_server_that_is_away_is_one_line_without_colours(lake, monkeypatch):
    settings = {"aws_endpoint": "http://127.0.0.1:9", "aws_allow_http": "true", "max_retries": "0"}
    settings |= {"aws_access_key_id": "a", "aws_secret_access_key": "b", "aws_region": "us-east-1"}
    monkeypatch.setattr(delta_engine, "delta_place", lambda *_: ("s3://lake/gold/loans", settings))
    [fault] = faults(lake)
    assert "127.0.0.1:9" in fault
    assert fault.isprintable()
    assert "x1b" not in fault


def test_machines_are_told_table_by_table(lake):
    done = CliRunner().invoke(app, ["lake", "delta", "--json", "--store", lake.store.uri])
    assert json.loads(done.stdout) == [{"table": "gold/loans", "written": 9, "fault": ""}]


def test_a_store_without_the_library_is_told_what_to_install(lake, monkeypatch):
    monkeypatch.setitem(sys.modules, "deltalake", None)
    monkeypatch.setitem(sys.modules, "deltalake.exceptions", None)
    assert faults(lake) == ["the package deltalake is not installed: pip install 'creditrisk[ml]'"]


def _without_files(commit):
    return commit.__class__(**vars(commit) | {"files": (), "inputs": {"none": "1"}})
