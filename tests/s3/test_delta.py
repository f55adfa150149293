"""Tables by their name on a real server: written with the pipeline's keys, read with a reader's."""

import pytest

import creditrisk
from creditrisk.lake import Lake
from creditrisk.lake.delta import follow_manifests, forget_logs
from creditrisk.storage import open_store
from tests.builders.delta_tables import READERS, by_polars, committed, log_of, same_rows
from tests.builders.lake_writers import MONTHS, corrected_lake, write_month, write_months
from tests.builders.s3_roles import bootstrap, keys_of, write_keys

PLACES = {
    "CREDITRISK_STORE": "s3://tables/live",
    "CREDITRISK_AUDIT_STORE": "s3://tables-audit",
    "CREDITRISK_LANDING": "s3://tables-landing",
}


@pytest.fixture(scope="module")
def users(minio, tmp_path_factory):
    users = write_keys(tmp_path_factory.mktemp("users"))
    bootstrap(minio, users, PLACES)
    return users


@pytest.fixture
def acting(environment, users, monkeypatch):
    """The lake with a role's keys."""

    def act(role):
        for name, value in keys_of(users, role).items():
            monkeypatch.setenv(name, value)
        return Lake(open_store(PLACES["CREDITRISK_STORE"]))

    return act


def test_a_table_in_a_bucket_is_written_by_the_pipeline_and_read_by_every_engine(acting):
    lake = corrected_lake(acting("pipeline").store)
    assert [(table.written, table.fault) for table in follow_manifests(lake)] == [(9, "")]
    assert [table.written for table in follow_manifests(lake)] == [0]
    lake = acting("reader")
    want = committed(lake, "gold/loans")
    for read in READERS:
        assert same_rows(read(lake.store, "gold/loans"), want)
    assert same_rows(creditrisk.open(lake.store.uri).table("gold/loans"), want)
    first = log_of(lake.store, "gold/loans")
    first.load_as_version(8)
    assert set(first.to_pyarrow_table()["pd"].to_pylist()) == {0.1}


def test_written_anew_in_a_bucket_the_log_shows_the_same(acting):
    lake = acting("pipeline")
    list(write_months(lake.store.uri))
    follow_manifests(lake)
    forget_logs(lake.store)
    assert [table.fault for table in follow_manifests(lake)] == [""]
    assert same_rows(by_polars(lake.store, "gold/loans"), committed(lake, "gold/loans"))


def test_a_reader_writes_no_log_and_is_told(acting):
    lake = acting("pipeline")
    commit = write_month(lake, MONTHS[1], 0.5)
    [table] = follow_manifests(acting("reader"))
    assert table.fault and "\n" not in table.fault
    assert acting("reader").need("gold/loans", MONTHS[1]) == commit
    assert [(t.written, t.fault) for t in follow_manifests(acting("pipeline"))] == [(1, "")]
