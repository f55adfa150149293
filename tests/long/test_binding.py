"""What runs is what the audit trail says: a document without its record stops the month."""

import json
import os
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from creditrisk.contracts import SCORES
from creditrisk.errors import GateError
from creditrisk.lake import Lake
from creditrisk.records.act_documents import document_of
from creditrisk.records.audit import Trail
from creditrisk.records.store_check import (
    check_newest,
    check_store,
    month_faults,
    require_bound,
    require_scorer,
)
from creditrisk.reports.applicant.score_of_record import score_of_record
from creditrisk.storage import open_audit_store
from creditrisk.storage.file import FileStore
from creditrisk.store_view import StoreView
from tests.builders import attacks, edits, forgeries, insiders
from tests.builders.attacks import appended, january
from tests.builders.old_store import CHAMPION, NEWEST, REFUSED, unpacked

STOPS = attacks.STOPS | forgeries.STOPS | insiders.STOPS | edits.STOPS
NAMED = attacks.NAMED | forgeries.NAMED | insiders.NAMED | edits.NAMED
READ = (  # what a month starts with
    "registry/champion.json",
    "decisions/2023-12-01/0002.json",
    "containment/2023-12-01/0002.json",
    "registry/lifted/2023-12-01/0002.json",
    "registry/overrides/2023-12-01/0001/given.json",
    f"registry/approvals/{CHAMPION}.json",
    f"registry/versions/{CHAMPION}/validation.json",
    "lake/monitoring/findings/manifests/2023-12-01/000001.json",
)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A lender under four eyes who ran four months; January is next."""
    return unpacked(tmp_path)


def test_a_store_whose_trail_says_the_same_passes(store):
    require_bound(january(store), NEWEST.replace(month=9))
    require_scorer(january(store), CHAMPION)
    assert check_store(store).faults == check_newest(store).faults == ()


@pytest.mark.parametrize("tampering", STOPS, ids=lambda tampering: tampering.__name__)
def test_it_stops_the_month_and_is_named_wherever_somebody_asks(store, tampering):
    tampering(store)
    text = STOPS[tampering]
    with pytest.raises(GateError, match=text):
        require_bound(january(store), NEWEST.replace(month=9))
    assert any(re.search(text, fault) for fault in check_store(store).faults)


def test_decisions_behind_a_link_to_a_folder_are_named(store):
    place = store.root / "decisions/2023-11-01"
    place.rename(store.root / "elsewhere")
    place.symlink_to(store.root / "elsewhere")
    with pytest.raises(GateError, match="decisions/2023-11-01 is a link to a folder"):
        require_bound(january(store))
    assert any("is a link to a folder" in fault for fault in check_store(store).faults)


@pytest.mark.parametrize("key", READ)
def test_a_document_that_cannot_be_read_stops_the_month_as_one_that_was_altered(store, key):
    twice = store.read(key).rstrip().removesuffix(b"}") + b', "decision": "keep", "decision": "x"}'
    for data in (b"", b"{", b"[]", b"\xff", b"[" * 9999, b"{}", twice):
        store.write(key, data)
        with pytest.raises(GateError, match=re.escape(key)):
            require_bound(january(store), NEWEST.replace(month=9))
        assert any(key in fault for fault in check_store(store).faults)


@pytest.mark.parametrize("key", ["anchors/0000000033.json", "records/0000000033.json"])
@pytest.mark.parametrize("kind", ["infinite", "utf-16", "marked", "loop", "pipe"])
def test_what_is_no_record_or_anchor_ends_the_look_at_a_trail_in_a_line(store, key, kind):
    place = Path(open_audit_store(store).root, key)
    data = place.read_bytes()
    place.unlink()
    if kind == "loop":
        place.symlink_to(place)
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        text = data.decode()
        other = {"utf-16": text.encode("utf-16"), "marked": text.encode("utf-8-sig")}
        place.write_bytes(
            other.get(kind, b'{"count": Infinity, "sha256": "0", "sequence": Infinity}')
        )
    (fault,) = check_store(store).faults
    assert key in fault or "record 33" in fault


@pytest.mark.parametrize("tampering", NAMED, ids=lambda tampering: tampering.__name__)
def test_it_is_named_by_who_looks_at_everything(store, tampering):
    tampering(store)
    faults = check_store(store).faults
    assert faults and all(re.search(NAMED[tampering], fault) for fault in faults)


@pytest.mark.parametrize(
    "tampering",
    [
        insiders.a_pd_changed_by_another_commit,
        insiders.a_pd_changed_in_place,
    ],
)
def test_nobody_is_told_a_pd_that_is_not_what_the_month_published(store, tampering):
    (first, *_) = Lake(store).read(SCORES, [NEWEST])["application_id"].to_pylist()
    assert score_of_record(store, first).row["application_id"] == first
    tampering(store)
    with pytest.raises(GateError, match=insiders.NAMED[tampering]):
        score_of_record(store, first)
    with pytest.raises(GateError, match=insiders.NAMED[tampering]):
        StoreView(store).scores(NEWEST)
    assert StoreView(store).scores("2023-11").num_rows > 0
    for put in (lambda key: store.write(key, b"{"), store.delete):
        put("months/2023-12-01/run.json")  # which says by which run the month ended
        with pytest.raises(GateError, match=insiders.NAMED[tampering]):
            score_of_record(store, first)


@pytest.mark.parametrize("name", ["0003", "0002~"])
def test_a_decision_made_up_for_an_old_month_ends_no_containment(store, name):
    last = json.loads(store.read("decisions/2023-12-01/0002.json"))
    quiet = last | {"as_of": "2024-01-01", "n": 1, "inputs": {}, "contained": [], "supersedes": 0}
    store.write("decisions/2024-01-01/0001.json", json.dumps(quiet).encode())
    appended(store, "decided", "2024-01-01/0001", **quiet)
    january_run, february = january(store), date(2024, 2, 1)
    assert list(month_faults(store, january_run.trail, february)) == []
    store.write(f"decisions/2023-12-01/{name}.json", json.dumps(last | {"n": 3}).encode())
    (fault,) = month_faults(store, january_run.trail, february)
    assert fault.startswith(f"decisions/2023-12-01/{name}.json has no record on the audit trail")


def test_a_rejection_that_nobody_gave_stops_the_month_that_counts_refusals(store):
    before = store.read(f"registry/approvals/{CHAMPION}.json")
    store.write(f"registry/approvals/{REFUSED}.json", before.replace(b"approved", b"rejected"))
    with pytest.raises(GateError, match=f"approvals/{REFUSED}.json has no record"):
        require_bound(january(store), NEWEST.replace(month=9))


def test_a_version_that_is_no_champion_scores_nothing(store):
    with pytest.raises(GateError, match=f"{REFUSED} never became champion"):
        require_scorer(january(store), REFUSED)


@pytest.mark.parametrize("event", ["overridden", "finding_closed", "retired", "decided"])
def test_a_document_that_is_gone_is_named_by_its_record(store, event):
    record = next(r for r in Trail(open_audit_store(store)).records() if r.event == event)
    key = document_of(record)
    store.delete(key)
    assert any(fault.startswith(f"{key} is gone") for fault in check_store(store).faults)


def documents(store: FileStore) -> list[str]:
    """What an act made: decisions, and acts of people."""
    acts = ("approvals", "overrides", "lifted", "findings", "retired")
    folders = ("decisions/", *(f"registry/{name}/" for name in acts))
    return [key for folder in folders for key in store.keys(folder)]


def test_each_of_120_random_changes_of_a_document_is_found_and_it_is_named(store):
    keys, rng = documents(store), np.random.default_rng(20261129)
    whole = {key: store.read(key) for key in keys}
    for _ in range(120):
        key = keys[int(rng.integers(len(keys)))]
        content = json.loads(whole[key])
        field = sorted(content)[int(rng.integers(len(content)))]
        match int(rng.integers(3)):
            case 0:
                store.delete(key)
            case 1:
                store.write(key, json.dumps(content | {field: "something else"}).encode())
            case 2:
                store.write(key, json.dumps(content | {"added": 1}).encode())
        faults = check_store(store).faults
        store.write(key, whole[key])
        assert any(key in fault for fault in faults), (key, field, faults)
    assert check_store(store).faults == ()
