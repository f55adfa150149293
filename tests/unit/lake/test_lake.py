import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from creditrisk.contracts import Column
from creditrisk.errors import GateError, UserError
from creditrisk.lake import Lake, table_digest
from creditrisk.storage import open_store
from tests.builders.lake_writers import LOANS
from tests.builders.loans import FEBRUARY, JANUARY, MARCH, rows, write


@pytest.fixture
def lake(tmp_path):
    return Lake(open_store(tmp_path.as_uri()))


def test_a_committed_month_is_read_back(lake):
    write(lake, rows(("a", 0.1), ("b", None)))
    assert lake.read(LOANS, [JANUARY]).to_pylist() == rows(("a", 0.1), ("b", None)).to_pylist()


def test_a_month_that_was_never_committed_has_no_rows_and_is_missed_by_name(lake):
    assert lake.read(LOANS, [JANUARY]).num_rows == 0
    with pytest.raises(UserError, match="gold/loans has no month 2024-01-01"):
        lake.need("gold/loans", JANUARY)


def test_the_digest_knows_content_and_not_order(lake):
    assert table_digest(LOANS, rows(("a", 0.1), ("b", 0.2))) == table_digest(
        LOANS, rows(("b", 0.2), ("a", 0.1))
    )
    assert table_digest(LOANS, rows(("a", 0.1))) != table_digest(LOANS, rows(("a", 0.1 + 1e-16)))
    assert table_digest(LOANS, rows(("a", None))) != table_digest(LOANS, rows(("a", 0.0)))


def test_equal_content_from_equal_inputs_is_committed_once(lake):
    first = write(lake, rows(("a", 0.1)))
    assert write(lake, rows(("a", 0.1))) == first


def test_a_correction_is_a_new_version_and_the_old_one_stays(lake):
    old = write(lake, rows(("a", 0.1)), bronze="1")
    new = write(lake, rows(("a", 0.2)), bronze="2")
    assert (old.version, new.version) == (1, 2)
    assert lake.commit("gold/loans", JANUARY) == new
    assert lake.read_commits(LOANS, [old])["pd"].to_pylist() == [0.1]


def test_a_later_month_does_not_exist_for_an_earlier_as_of(lake):
    for month in (JANUARY, FEBRUARY, MARCH):
        write(lake, rows(("a", 0.1), month=month), month)
    assert lake.months("gold/loans", upto=FEBRUARY) == [JANUARY, FEBRUARY]


def test_a_repeated_key_is_never_committed(lake):
    with pytest.raises(UserError, match="1 rows repeat the key loan_id"):
        write(lake, rows(("a", 0.1), ("a", 0.2)))
    assert lake.commit("gold/loans", JANUARY) is None


def test_files_without_a_manifest_are_invisible(lake):
    commit = write(lake, rows(("a", 0.1)))
    lake.store.delete(commit.key)
    assert lake.read(LOANS, [JANUARY]).num_rows == 0


def test_a_missing_file_is_refused_by_name(lake):
    commit = write(lake, rows(("a", 0.1)))
    lake.store.delete(commit.files[0].key)
    with pytest.raises(UserError, match=f"{commit.files[0].key}, which is gone"):
        lake.read(LOANS, [JANUARY])


def test_a_column_that_came_into_the_description_later_is_missed_by_name(lake):
    write(lake, rows(("a", 0.1)))
    wider = replace(LOANS, columns=(*LOANS.columns, Column("term", "long")))
    with pytest.raises(UserError, match=r"no term: .* creditrisk backfill --from 2024-01-01"):
        lake.read(wider, [JANUARY])


def test_an_altered_file_is_refused_by_name(lake):
    one, two = write(lake, rows(("a", 0.1))), write(lake, rows(("b", 0.9)), FEBRUARY)
    lake.store.write(one.files[0].key, lake.store.read(two.files[0].key))
    with pytest.raises(UserError, match=f"{one.files[0].key} was altered"):
        lake.read(LOANS, [JANUARY])


def test_racing_writers_of_one_month_leave_whole_versions(lake):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: write(lake, rows(("a", n / 10)), bronze=str(n)), range(8)))
    versions = lake.versions("gold/loans", JANUARY)
    assert [v.version for v in versions] == list(range(1, 9))
    assert sorted(v.inputs["bronze"] for v in versions) == [str(n) for n in range(8)]


def test_a_manifest_is_plain_json(lake):
    commit = write(lake, rows(("a", 0.1)))
    body = json.loads(lake.store.read(commit.key))
    assert body["rows"] == 1
    assert body["files"][0]["sha256"] == commit.files[0].sha256


def test_a_manifest_of_a_month_that_is_none_is_named(tmp_path):
    store = open_store(f"{tmp_path}")
    store.write("lake/gold/features/manifests/2024-13-01/000001.json", b"{}")
    with pytest.raises(GateError, match=r"2024-13-01/000001.json is the name of no manifest"):
        Lake(store).months("gold/features")
