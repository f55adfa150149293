"""The documents of a store in a bucket, its trail in a locked one: attacked, lost and restored."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import pytest

from creditrisk.contracts import SCORES
from creditrisk.errors import GateError, UserError
from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import examine, manifest_keys
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import newest_decision
from creditrisk.records.lease import acquire
from creditrisk.records.month import read_month_run, write_month_run
from creditrisk.records.resolved import closed_period
from creditrisk.records.run import now
from creditrisk.records.settled import Listing
from creditrisk.records.store_check import check_newest, check_store, require_bound
from creditrisk.stages.closing.close import _on_record
from creditrisk.storage import Store, open_audit_store, open_store
from creditrisk.storage.s3 import S3Store
from tests.builders import attacks, edits, forgeries, insiders
from tests.builders.attacks import (
    a_record_and_its_decision_edited,
    appended,
    january,
)
from tests.builders.old_store import CHAMPION, NEWEST, NEXT, RECORDS, objects, unpacked

AT_ONCE = 16
READ = S3Store.read
KINDS = (attacks, forgeries, insiders, edits)
STOPS = {attack: text for kind in KINDS for attack, text in kind.STOPS.items()}
NAMED = {attack: text for kind in KINDS for attack, text in kind.NAMED.items()}
MONTH = """
import sys
from datetime import date
from pipelines.local.in_process import run_month
run_month(sys.argv[1], sys.argv[2], date.fromisoformat(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The archive unpacked: store, audit store, and the delivery of the next month."""
    return tmp_path_factory.mktemp("copy")


@pytest.fixture(scope="module")
def copy(folder) -> Mapping[str, bytes]:
    """A lender's store and audit store, as they were one day."""
    store = unpacked(folder)
    return {uri.removeprefix(store.uri): data for uri, data in objects(store).items()}


@pytest.fixture(scope="module")
def documents(copy) -> Mapping[str, bytes]:
    """The copy without what no attack is on: files of tables, layers below gold, pages, tasks."""
    kept = ("/scores/applications/data/", "/monitoring/findings/data/")
    others = ("/data/", "/bronze/", "/silver/", ".html", "/runs/", "/begun/")
    return {
        key: data
        for key, data in copy.items()
        if any(part in key for part in kept) or not any(part in key for part in others)
    }


def restored(copy: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy in places of its own, month after month; `-audit/...` goes to the locked bucket."""
    prefix = uuid4().hex
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", f"s3://audit/{prefix}")
    store = open_store(f"s3://lake/{prefix}")
    audit = open_audit_store(store)

    def put(item: tuple[str, bytes]) -> None:
        place, key = item[0].split("/", 1)
        (audit if place else store).create(key, item[1])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _, items in groupby(sorted(copy.items(), key=month_of), month_of):
            list(pool.map(put, items))
    return store


def month_of(item: tuple[str, bytes]) -> str:
    found = re.search(r"/(\d{4}-\d\d-\d\d)/", item[0])
    return found[1] if found else ""


def settled(copy: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Store:
    """The same after a run of its newest month whose end says what was held against the trail."""
    store = restored(copy, monkeypatch)
    month = closed_period(store, NEWEST)
    run = read_month_run(store, NEWEST)
    _on_record(replace(month, run_id=run.run_id), run)
    assert "held" in Trail(open_audit_store(store)).head().body
    return store


@pytest.mark.parametrize("begin", [restored, settled])
def test_each_attack_on_a_document_stops_the_month_and_is_named(
    begin, documents, environment, monkeypatch
):
    missed = []
    for attack, text in STOPS.items():
        store = begin(documents, monkeypatch)
        attack(store)
        with suppress(GateError):
            require_bound(january(store), NEWEST.replace(month=9))
            missed.append(f"{attack.__name__} stops nothing")
        said = text if begin is restored else text.replace("record 34", "record 3[45]")
        if not any(re.search(said, fault) for fault in check_store(store).faults):
            missed.append(f"{attack.__name__} is not named: {check_store(store).faults}")
    assert missed == []


def test_a_month_reads_no_document_again_that_was_held_against_the_trail(
    documents, environment, monkeypatch
):
    store = settled(documents, monkeypatch)
    read = []
    monkeypatch.setattr(S3Store, "read", lambda self, key: read.append(key) or READ(self, key))
    require_bound(january(store), NEWEST.replace(month=9))
    decided = {key for key in read if key.startswith("decisions/")}
    assert decided and {month_of((key, b"")) for key in decided} == {f"{NEWEST}"}


@pytest.mark.parametrize(
    "late",
    [
        edits.findings_of_an_older_month_committed_again,
        attacks.findings_committed_again,
        attacks.a_decision_added,
    ],
)
def test_what_was_written_late_stops_the_month_whatever_the_end_of_a_month_says(
    late, documents, environment, monkeypatch
):
    store = settled(documents, monkeypatch)
    late(store)
    said = Listing.of(store).said(Trail(open_audit_store(store)).count())
    run = read_month_run(store, NEWEST)
    appended(store, "run_closed", "made-up:ok", as_of=f"{NEWEST}", status="ok", held=said)
    write_month_run(store, NEWEST, run.model_copy(update={"run_id": "made-up"}))
    store.write("periods/made-up.json", store.read(f"periods/{run.run_id}.json"))
    with pytest.raises(GateError, match=STOPS[late]):
        require_bound(january(store), NEWEST.replace(month=9))


def test_each_forgery_that_no_month_acts_on_is_named_by_who_looks_at_everything(
    documents, environment, monkeypatch
):
    missed = []
    for forgery, text in NAMED.items():
        store = restored(documents, monkeypatch)
        forgery(store)
        faults = check_store(store).faults
        if not any(re.search(text, fault) for fault in faults):
            missed.append((forgery.__name__, faults))
    assert missed == []
    assert len(STOPS) + len(NAMED) >= 120


def test_a_record_that_was_written_again_stops_the_month_until_its_first_version_is_put_back(
    documents, environment, monkeypatch
):
    store = restored(documents, monkeypatch)
    audit, key, month = open_audit_store(store), "records/0000000014.json", january(store)
    first, decision = audit.read(key), store.read("decisions/2023-11-01/0002.json")
    a_record_and_its_decision_edited(store)
    with pytest.raises(GateError, match=f"{key} was written again at 20"):
        require_bound(month, NEWEST.replace(month=9))

    audit.write(key, first)
    store.write("decisions/2023-11-01/0002.json", decision)
    require_bound(month, NEWEST.replace(month=9))
    for check in (check_store, check_newest):  # it stays on record that somebody tried
        assert any(f"{key} was written again" in fault for fault in check(store).faults)


@pytest.mark.parametrize("hours", [-3, 3])
def test_who_acts_by_a_clock_that_is_wrong_by_hours_is_refused_by_the_server(
    hours, environment, monkeypatch
):
    """So the time of an approval, and of a lease, is the server's to a quarter of an hour."""
    store = open_store(f"s3://lake/{uuid4().hex}")
    wrong = datetime.fromisoformat(now()) + timedelta(hours=hours)
    monkeypatch.setattr("minio.time.utcnow", lambda: wrong)
    with pytest.raises(UserError, match="set the clock of this machine"):
        acquire(store, "r", f"{wrong}")


def test_a_bucket_restored_from_a_copy_knows_what_it_lost_and_runs_its_next_month(
    copy, folder, environment, s3_jars, monkeypatch
):
    lost = restored(copy, monkeypatch)
    appended(lost, "overridden", "after the copy", by="ann", reason="a day later")
    head = Trail(open_audit_store(lost)).head()
    known = {head.sequence: head.sha256}

    store = restored(copy, monkeypatch)
    assert check_store(store).faults == check_newest(store).faults == ()
    (fault,) = check_store(store, known).faults
    assert fault.startswith(f"record {RECORDS + 1} is missing")

    run_next_month(store, folder / "landing")
    assert (newest_decision(store, NEXT).decision, current_champion(store)) == ("keep", CHAMPION)
    scores = Lake(store).read(SCORES, [NEXT]).to_pandas()
    assert (len(scores), set(scores.model_version)) == (200, {CHAMPION})
    assert Trail(open_audit_store(store)).head().event == "run_closed"
    assert check_store(store).faults == check_newest(store).faults == ()
    assert list(filter(None, examine(Lake(store), manifest_keys(store)))) == []
    (fault,) = check_store(store, known).faults
    assert fault.startswith(f"record {RECORDS + 1} was changed")  # what was lost is not forgotten


def run_next_month(store: Store, landing: Path) -> None:
    """The month after the copy, in a process of its own: Spark learns of a bucket as it starts."""
    words = (f"{landing}", closed_period(store, NEWEST).config, f"{NEXT}")
    done = subprocess.run(
        [sys.executable, "-c", MONTH, *words],
        env=os.environ | {"CREDITRISK_STORE": store.uri},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
