"""Attacks on what a store's documents say, by whoever can write them: what must be said of each."""

import json
from collections.abc import Callable, Mapping

from creditrisk.lake import Lake
from creditrisk.period import Period
from creditrisk.records.audit import Trail
from creditrisk.records.resolved import closed_period
from creditrisk.storage import Store, open_audit_store
from tests.builders.old_store import CHAMPION, NEWEST, NEXT, REFUSED

POINTER = "registry/champion.json"
APPROVAL = f"registry/approvals/{CHAMPION}.json"
OVERRIDE = "registry/overrides/2024-01-01/0001/given.json"


def january(store: Store) -> Period:
    last = closed_period(store, NEWEST)
    return Period(NEXT, last.policy, last.portfolio, store, "r")


def change(store: Store, key: str, **fields: object) -> None:
    store.write(key, json.dumps(json.loads(store.read(key)) | fields).encode())


def entry(store: Store, **fields: object) -> None:
    """One more entry of the pointer, as whoever can write it would put it there."""
    history = json.loads(store.read(POINTER))["history"]
    new = history[-1] | {"sequence": len(history) + 1, "since": "2023-12-01"} | fields
    store.write(POINTER, json.dumps({"history": [*history, new]}).encode())


def appended(store: Store, event: str, id: str, like: str = "", **body: object) -> None:
    """A record in due form by whoever may append."""
    trail = Trail(open_audit_store(store))
    known = dict(trail.find(event, like).body) if like else {}
    trail.append(event, str(body.get("by", "eve")), "2024-01-02T00:00:00+00:00", known | body, id)


def a_refused_challenger_in_the_pointer(store: Store) -> None:
    entry(store, version=REFUSED)


def the_same_with_a_record_that_promotes_it(store: Store) -> None:
    entry(store, version=REFUSED, by="eve", reason="why not")
    appended(
        store, "promoted", "2", version=REFUSED, as_of="2023-12-01", validated=REFUSED,
        evidence="0" * 64, policy=january(store).policy.sha, reason="why not", sequence=2,
    )  # fmt: skip


def an_approved_champion_by_another(store: Store) -> None:
    change(store, APPROVAL, by="eve")


def an_approval_that_nobody_gave(store: Store) -> None:
    store.delete(APPROVAL)


def a_policy_that_one_person_may_promote_by(store: Store) -> None:
    """The approval is gone, and the policy under its old name asks for none."""
    an_approval_that_nobody_gave(store)
    key = f"policies/{january(store).policy.sha}.json"
    policy = json.loads(store.read(key))
    store.write(key, json.dumps(policy | {"promotion": {"mode": "automatic"}}).encode())


def a_rollback_that_nobody_made(store: Store) -> None:
    entry(store, rollback=True)


def an_older_pointer(store: Store) -> None:
    before = store.read(POINTER)
    entry(store, reason="again", by="eve")
    appended(
        store, "promoted", "2", f"{CHAMPION}:2023-09-01", as_of="2023-12-01", sequence=2,
        reason="again",
    )  # fmt: skip
    store.write(POINTER, before)


def no_pointer(store: Store) -> None:
    store.write(POINTER, b'{"history": []}')


def an_override_written_by_hand(store: Store) -> None:
    given = json.loads(store.read("registry/overrides/2023-12-01/0001/given.json"))
    month = {"as_of": "2024-01-01", "until": "2024-03-01", "decision": "keep"}
    store.write(OVERRIDE, json.dumps(given | month).encode())


def a_longer_override(store: Store) -> None:
    store.delete("registry/overrides/2023-11-01/0001/closed.json")
    change(store, "registry/overrides/2023-11-01/0001/given.json", until="2024-03-01")


def a_decision_edited(store: Store) -> None:
    change(store, "decisions/2023-11-01/0002.json", reasons=["it was well"])


def a_decision_added(store: Store) -> None:
    last = json.loads(store.read("decisions/2023-12-01/0002.json"))
    again = last | {"n": 3, "supersedes": 2, "decision": "keep", "reason": "a mistake"}
    store.write("decisions/2023-12-01/0003.json", json.dumps(again).encode())


def a_supersession_taken_back(store: Store) -> None:
    store.delete("decisions/2023-12-01/0002.json")


def findings_committed_again(store: Store) -> None:
    lake = Lake(store)
    old = lake.need("monitoring/findings", NEWEST)
    body = json.loads(old.data()) | {"version": old.version + 1, "digest": "6" * 64}
    store.write(old.key.replace("000001", f"{old.version + 1:06d}"), json.dumps(body).encode())


def a_containment_removed(store: Store) -> None:
    store.delete("containment/2023-12-01/0002.json")


def a_containment_lifted_by_nobody(store: Store) -> None:
    change(store, "registry/lifted/2023-12-01/0002.json", by="eve")


STOPS: Mapping[Callable[[Store], None], str] = {
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
