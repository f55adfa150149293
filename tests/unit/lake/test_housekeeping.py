"""Looking after a lake: what is there, what is wrong with it, what may go, what is read from it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from creditrisk import contracts
from creditrisk.errors import GateError, UserError
from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import examine, manifest_keys, missing, unpinned, unreferenced
from creditrisk.records.development import read_lineages
from creditrisk.records.layout import VERSIONS
from creditrisk.storage import open_store
from tests.builders.commands import run_here
from tests.builders.evidence import lineage
from tests.builders.lake_writers import LOANS, MONTHS, write_month
from tests.builders.small_lender import PORTFOLIO, fill, small_period

NOW = datetime.now(UTC)  # noqa: TID251 - the age of a file is told by the machine's clock
LATER = NOW + timedelta(hours=1)
YESTERDAY = NOW - timedelta(hours=24)


@pytest.fixture
def lake(tmp_path):
    """Three months, the first corrected once."""
    lake = Lake(open_store((tmp_path / "store").as_uri()))
    for month in MONTHS[:3]:
        write_month(lake, month, 0.1)
    write_month(lake, MONTHS[0], 0.2)
    return lake


def made_from(lake, *commits, name="2024-04-initial-1"):
    """A model version with this data version."""
    made = lineage(data_version={commit.key: commit.digest for commit in commits})
    lake.store.write(f"{VERSIONS}{name}/lineage.json", made.encode())
    return name


def pinned(lake):
    return {id: made.data_version for id, made in read_lineages(lake.store).items()}


def command(lake, *words):
    """What a command prints and how it ends, as in `main`."""
    result = run_here(*words, "--store", lake.store.uri)
    assert result.exit_code == 0
    return result.stdout


def faults(lake):
    return [fault for fault in examine(lake, manifest_keys(lake.store)) if fault]


def test_a_whole_lake_has_no_fault(lake):
    made_from(lake, *lake.versions(LOANS.table, MONTHS[0]))
    assert faults(lake) == []
    assert command(lake, "lake", "verify") == (
        "4 commits, whole, the data of 1 model versions among them\n"
    )


def test_the_first_file_that_is_gone_or_altered_is_named_and_the_gate_says_no(lake):
    one, two = lake.commits(LOANS.table)[1:]
    lake.store.write(two.files[0].key, b"something else")
    lake.store.delete(one.files[0].key)
    assert len(faults(lake)) == 2
    with pytest.raises(GateError, match=f"{one.key} names {one.files[0].key}, which is gone"):
        command(lake, "lake", "verify")
    assert GateError.exit_code == 3


def test_one_altered_byte_of_the_same_size_is_found(lake):
    key = lake.commits(LOANS.table)[0].files[0].key
    data = bytearray(lake.store.read(key))
    data[len(data) // 2] ^= 1
    lake.store.write(key, bytes(data))
    assert [fault.startswith(f"{key} was altered") for fault in faults(lake)] == [True]


def test_an_altered_file_never_reaches_spark(lake):
    commit = lake.commits(LOANS.table)[0]
    lake.store.write(commit.files[0].key, b"something else")
    with pytest.raises(UserError, match=f"{commit.files[0].key} was altered"):
        lake.spark_uris([commit])
    lake.store.delete(commit.files[0].key)
    with pytest.raises(UserError, match="which is gone"):
        lake.spark_uris([commit])


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"table": "gold/loans"}'])
def test_a_damaged_manifest_is_named(lake, data):
    key = lake.commits(LOANS.table)[1].key
    lake.store.write(key, data)
    assert faults(lake) == [f"{key} is no manifest any more; restore it"]


def test_a_manifest_put_in_the_place_of_another_is_named(lake):
    one, two = lake.commits(LOANS.table)[1:]
    lake.store.write(two.key, lake.store.read(one.key))
    assert faults(lake) == [f"{two.key} is the manifest of {one.key}; restore it"]


def test_a_version_that_is_missing_below_a_later_one_is_named(lake):
    key = lake.versions(LOANS.table, MONTHS[0])[0].key
    lake.store.delete(key)
    assert missing(manifest_keys(lake.store)) == [
        f"{key} is gone, later versions are there; restore it"
    ]


def test_a_model_s_data_version_has_to_be_there_as_it_was(lake):
    old, new = lake.versions(LOANS.table, MONTHS[0])
    name = made_from(lake, old, new)
    lake.store.delete(new.key)
    lost = unpinned(lake, manifest_keys(lake.store), pinned(lake))
    assert lost == [f"{new.key}, which model version {name} was made from, is gone; restore it"]
    made_from(lake, name="2024-05-retrain-2")
    pins = {"m": {old.key: "another digest"}}
    assert unpinned(lake, [old.key], pins) == [
        f"{old.key} is not what model version m was made from; restore it"
    ]


def test_only_what_no_commit_names_may_go_and_old_versions_stay(lake):
    orphan = "lake/gold/loans/data/dead/2024-01-01/part-0.parquet"
    half = "lake/gold/loans/data/dead/_temporary/0/task/part-0.parquet"
    for key in (orphan, half):
        lake.store.write(key, b"left by a crash")
    assert sorted(item.key for item in unreferenced(lake, {}, LATER)) == sorted([orphan, half])
    assert orphan in command(lake, "lake", "vacuum", "--hours", "0")
    assert lake.store.read(orphan)  # it only said so
    assert "removed" in command(lake, "lake", "vacuum", "--hours", "0", "--yes")
    assert unreferenced(lake, {}, LATER) == []
    assert faults(lake) == []
    assert len(manifest_keys(lake.store)) == 4


def test_a_young_file_stays_because_a_running_job_may_commit_it(lake):
    orphan = "lake/gold/loans/data/new/2024-01-01/part-0.parquet"
    lake.store.write(orphan, b"about to be named")
    assert unreferenced(lake, {}, YESTERDAY) == []
    assert command(lake, "lake", "vacuum", "--yes") == "0 files, 0.0 MB, removed\n"
    assert lake.store.read(orphan)


def test_nothing_goes_while_a_manifest_is_lost_or_damaged(lake):
    new = lake.commits(LOANS.table)[0]
    manifest = lake.store.read(new.key)
    made_from(lake, new)
    lake.store.delete(new.key)  # what it named now looks like nobody's
    with pytest.raises(GateError, match=f"nothing is removed: {new.key}, which model version"):
        command(lake, "lake", "vacuum", "--hours", "0", "--yes")
    lake.store.write(new.key, manifest[:-9])
    with pytest.raises(GateError, match=f"nothing is removed: {new.key} is no manifest"):
        command(lake, "lake", "vacuum", "--hours", "0", "--yes")
    lake.store.write(new.key, manifest)
    assert unreferenced(Lake(lake.store), pinned(lake), LATER) == []


def test_ls_tells_months_rows_and_older_versions(lake):
    (table,) = json.loads(command(lake, "lake", "ls", "--json"))
    assert (table["table"], table["months"], table["superseded"]) == ("gold/loans", 3, 1)
    assert (table["from"], table["to"], table["rows"]) == ("2024-01-01", "2024-03-01", 120)
    assert "gold/loans" in command(lake, "lake", "ls")


def test_show_tells_every_version_and_what_it_was_made_from(lake):
    found = command(lake, "lake", "show", "gold/loans", "2024-01")
    assert "version 1: 40 rows" in found
    assert "version 2: 40 rows" in found
    assert "from pd  0.2" in found
    versions = json.loads(command(lake, "lake", "show", "gold/loans", "2024-01", "--json"))
    assert [version["version"] for version in versions] == [1, 2]
    with pytest.raises(UserError, match=r"gold/loans has no month 2025-01.*lake ls"):
        command(lake, "lake", "show", "gold/loans", "2025-01")


@pytest.fixture
def store(tmp_path):
    """Four months of gold, as the ETL would leave them."""
    period = small_period(tmp_path, date(2023, 4, 1))
    fill(period)
    return period


def get(period, *words):
    portfolio = period.store.root.parent / "small.yaml"
    portfolio.write_text(PORTFOLIO, "utf-8")
    return command(period.lake, "features", "get", "--portfolio", f"{portfolio}", *words)


def test_features_of_a_month_are_what_training_may_see_then(store):
    text = get(store, "--as-of", "2023-03-01", "--json").splitlines()
    found = [json.loads(line) for line in text]
    assert {row["snapshot_date"] for row in found} == {"2023-01-01", "2023-02-01", "2023-03-01"}
    assert len(found) == 1200
    assert "2023-04-01" not in get(store, "--as-of", "2023-03-01")


def test_one_application_is_shown_with_the_commit_it_was_read_from(store):
    name = "C00100002_2023-02-01"
    (row,) = get(store, "--as-of", "2023-03-01", "--application", name, "--json").splitlines()
    assert json.loads(row)["application_id"] == name
    shown = get(store, "--as-of", "2023-03-01", "--application", name)
    assert f"{store.lake.need('gold/features', date(2023, 2, 1)).key}" in shown


def test_an_application_is_unknown_before_it_was_made(store):
    with pytest.raises(UserError, match="in none of the 1 months up to 2023-01-01"):
        get(store, "--as-of", "2023-01-01", "--application", "C00100002_2023-02-01")


def test_the_portfolio_a_month_was_built_by_is_found_in_the_store(store):
    january = store.lake.need("gold/features", date(2023, 1, 1))
    contract = contracts.features(store.portfolio)
    table = store.lake.read_commits(contract, [january])
    inputs = {"portfolio": store.portfolio.sha}
    store.lake.write(contract, date(2023, 1, 1), table, inputs=inputs, code="test")
    found = command(store.lake, "features", "get", "--as-of", "2023-01-01", "--json")
    assert len(found.splitlines()) == january.rows


def test_commits_that_do_not_say_their_portfolio_ask_for_it(store):
    with pytest.raises(UserError, match="give it by --portfolio"):
        command(store.lake, "features", "get", "--as-of", "2023-03-01")
