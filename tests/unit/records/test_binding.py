"""What runs is what the audit trail says: a document without its record stops the month."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from creditrisk.errors import GateError
from creditrisk.lake import Lake
from creditrisk.period import Period
from creditrisk.records.audit import Trail
from creditrisk.records.binding import document_of
from creditrisk.records.resolved import closed_period
from creditrisk.records.store_check import check_newest, check_store, require_bound, require_scorer
from creditrisk.storage import open_audit_store
from creditrisk.storage.file import FileStore
from tests.builders.old_store import CHAMPION, NEWEST, NEXT, REFUSED, unpacked

POINTER = "registry/champion.json"
APPROVAL = f"registry/approvals/{CHAMPION}.json"
OVERRIDE = "registry/overrides/2024-01-01/0001/given.json"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A lender under four eyes who lived for four months; January is next."""
    return unpacked(tmp_path)


def january(store: FileStore) -> Period:
    last = closed_period(store, NEWEST)
    return Period(NEXT, last.policy, last.portfolio, store, "r")


def change(store: FileStore, key: str, **fields: object) -> None:
    store.write(key, json.dumps(json.loads(store.read(key)) | fields).encode())


def entry(store: FileStore, **fields: object) -> None:
    """One more entry of the pointer, as whoever can write it would put it there."""
    history = json.loads(store.read(POINTER))["history"]
    new = history[-1] | {"sequence": len(history) + 1, "since": "2023-12-01"} | fields
    store.write(POINTER, json.dumps({"history": [*history, new]}).encode())


def appended(store: FileStore, event: str, id: str, like: str = "", **body: object) -> None:
    """A record in due form by whoever may append."""
    trail = Trail(open_audit_store(store))
    known = dict(trail.find(event, like).body) if like else {}
    trail.append(event, str(body.get("by", "eve")), "2024-01-02T00:00:00+00:00", known | body, id)


def a_refused_challenger_in_the_pointer(store: FileStore) -> None:
    entry(store, version=REFUSED)


def the_same_with_a_record_that_promotes_it(store: FileStore) -> None:
    entry(store, version=REFUSED, by="eve", reason="why not")
    appended(
        store, "promoted", "2", version=REFUSED, as_of="2023-12-01", validated=REFUSED,
        evidence="0" * 64, policy=january(store).policy.sha, reason="why not", sequence=2,
    )  # fmt: skip


def an_approved_champion_by_another(store: FileStore) -> None:
    change(store, APPROVAL, by="eve")


def an_approval_that_nobody_gave(store: FileStore) -> None:
    store.delete(APPROVAL)


def a_policy_that_one_person_may_promote_by(store: FileStore) -> None:
    """The approval is gone, and the policy under its old name asks for none."""
    an_approval_that_nobody_gave(store)
    key = f"policies/{january(store).policy.sha}.json"
    policy = json.loads(store.read(key))
    store.write(key, json.dumps(policy | {"promotion": {"mode": "automatic"}}).encode())


def a_rollback_that_nobody_made(store: FileStore) -> None:
    entry(store, rollback=True)


def an_older_pointer(store: FileStore) -> None:
    before = store.read(POINTER)
    entry(store, reason="again", by="eve")
    appended(
        store, "promoted", "2", f"{CHAMPION}:2023-09-01", as_of="2023-12-01", sequence=2,
        reason="again",
    )  # fmt: skip
    store.write(POINTER, before)


def no_pointer(store: FileStore) -> None:
    store.write(POINTER, b'{"history": []}')


def an_override_written_by_hand(store: FileStore) -> None:
    given = json.loads(store.read("registry/overrides/2023-12-01/0001/given.json"))
    month = {"as_of": "2024-01-01", "until": "2024-03-01", "decision": "keep"}
    store.write(OVERRIDE, json.dumps(given | month).encode())


def a_longer_override(store: FileStore) -> None:
    store.delete("registry/overrides/2023-11-01/0001/closed.json")
    change(store, "registry/overrides/2023-11-01/0001/given.json", until="2024-03-01")


def a_decision_edited(store: FileStore) -> None:
    change(store, "decisions/2023-11-01/0002.json", reasons=["it was well"])


def a_decision_added(store: FileStore) -> None:
    last = json.loads(store.read("decisions/2023-12-01/0002.json"))
    again = last | {"n": 3, "supersedes": 2, "decision": "keep", "reason": "a mistake"}
    store.write("decisions/2023-12-01/0003.json", json.dumps(again).encode())


def a_supersession_taken_back(store: FileStore) -> None:
    store.delete("decisions/2023-12-01/0002.json")


def findings_committed_again(store: FileStore) -> None:
    lake = Lake(store)
    old = lake.need("monitoring/findings", NEWEST)
    body = json.loads(old.data()) | {"version": old.version + 1, "digest": "6" * 64}
    store.write(old.key.replace("000001", f"{old.version + 1:06d}"), json.dumps(body).encode())


def a_containment_removed(store: FileStore) -> None:
    store.delete("containment/2023-12-01/0002.json")


def a_containment_lifted_by_nobody(store: FileStore) -> None:
    change(store, "registry/lifted/2023-12-01/0002.json", by="eve")


STOPS = {
    a_refused_challenger_in_the_pointer: f"champion.json: entry 2, {REFUSED} .* has no 'promoted'",
    the_same_with_a_record_that_promotes_it: f"knows no validation that {REFUSED} passed",
    an_approved_champion_by_another: f"{APPROVAL} is not what record 7 .*: another by",
    an_approval_that_nobody_gave: f"four eyes, and there is no {APPROVAL}",
    a_policy_that_one_person_may_promote_by: f"four eyes, and there is no {APPROVAL}",
    a_rollback_that_nobody_made: "entry 2, .* has no 'rolled_back' record",
    an_older_pointer: "champion.json lacks entry 2: record 34",
    an_override_written_by_hand: f"{OVERRIDE} has no record on the audit trail",
    a_longer_override: "overrides/2023-11-01/0001/closed.json is gone: record",
    a_decision_edited: "decisions/2023-11-01/0002.json is not what record 14 .*: another reasons",
    a_decision_added: "decisions/2023-12-01/0003.json has no record",
    a_supersession_taken_back: "decisions/2023-12-01/0002.json is gone: record",
    findings_committed_again: "manifests/2023-12-01/000002.json is not what decision",
    a_containment_removed: "containment/2023-12-01/0002.json is gone, and decision",
    a_containment_lifted_by_nobody: "lifted/2023-12-01/0002.json is not what record 28",
}


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


def test_a_version_that_is_no_champion_scores_nothing(store):
    with pytest.raises(GateError, match=f"{REFUSED} never became champion"):
        require_scorer(january(store), REFUSED)


def test_a_pointer_that_was_emptied_is_named(store):
    no_pointer(store)
    assert any("champion.json lacks entry 1" in fault for fault in check_store(store).faults)


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
