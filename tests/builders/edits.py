"""Single edits of a store by whoever can write it: a field, a file, a record; what must be said.

As in `attacks`: what stops the month, and what is named by who looks at everything.
"""

import json
from collections.abc import Callable, Mapping

from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import canonical
from creditrisk.storage import Store, open_audit_store
from tests.builders.attacks import AFTER, POINTER, VERSION, appended, change, entry
from tests.builders.old_store import CHAMPION, REFUSED

Attack = Callable[[Store], None]
APPROVED = "registry/approvals/policy-c5a965e217c16c83-84d256868e505e28.json"
LAST, FIRST = "decisions/2023-12-01/0002.json", "decisions/2023-09-01/0001.json"
GIVEN, ENDED = (f"registry/overrides/2023-12-01/0001/{part}.json" for part in ("given", "closed"))


def _edit(key: str, **fields: object) -> Attack:
    def edit(store: Store) -> None:
        change(store, key, **fields)

    edit.__name__ = f"{key.removesuffix('.json')}-{'-'.join(fields)}"
    return edit


def _removal(key: str) -> Attack:
    def removal(store: Store) -> None:
        store.delete(key)

    removal.__name__ = f"{key.removesuffix('.json')}-removed"
    return removal


def _tenure(store: Store, **fields: object) -> None:
    """The champion's entry of the pointer says something else."""
    (first,) = json.loads(store.read(POINTER))["history"]
    change(store, POINTER, history=[first | fields])


def a_champion_s_reason_rewritten(store: Store) -> None:
    _tenure(store, reason="it was the best")


def a_champion_by_another(store: Store) -> None:
    _tenure(store, by="eve")


def a_champion_of_another_number(store: Store) -> None:
    _tenure(store, sequence=2)


def a_champion_that_was_rolled_back_to(store: Store) -> None:
    _tenure(store, rollback=True)


def a_champion_twice(store: Store) -> None:
    entry(store)


def a_rollback_to_what_was_never_champion(store: Store) -> None:
    """Its record is in due form."""
    said = {"version": REFUSED, "as_of": "2023-12-01", "reason": "why not", "sequence": 2}
    entry(store, version=REFUSED, by="eve", at=AFTER, reason="why not", rollback=True)
    appended(store, "rolled_back", "2", **said)


def a_number_of_a_decision_of_another_type(store: Store) -> None:
    """To Python they are equal."""
    key = "decisions/2023-12-01/0002.json"
    store.write(key, store.read(key).replace(b'"supersedes": 1', b'"supersedes": true'))
    assert b"true" in store.read(key)


def a_report_that_names_an_older_head(store: Store) -> None:
    older = store.read("months/2023-11-01/compliance.json")
    key = "months/2023-12-01/compliance.json"
    store.write(key, older.replace(b"2023-11-01", b"2023-12-01"))


def a_finding_closed_by_hand(store: Store) -> None:
    closed = {"closed": "2023-12-31", "resolution": "it was nothing"}
    store.write("registry/findings/F-0001/closed.json", json.dumps(closed).encode())


def findings_of_an_older_month_committed_again(store: Store) -> None:
    key = "lake/monitoring/findings/manifests/2023-11-01/000001.json"
    body = json.loads(store.read(key)) | {"version": 9, "digest": "6" * 64}
    store.write(key.replace("000001", "000009"), json.dumps(body).encode())


def two_records_exchanged(store: Store) -> None:
    audit, one, other = open_audit_store(store), *map(layout.audit_record, (14, 15))
    first, second = audit.read(one), audit.read(other)
    audit.write(one, second)
    audit.write(other, first)


def a_record_removed(store: Store) -> None:
    open_audit_store(store).delete(layout.audit_record(20))


def a_record_that_says_more(store: Store) -> None:
    audit, key = open_audit_store(store), layout.audit_record(20)
    audit.write(key, canonical(json.loads(audit.read(key)) | {"note": "checked"}))


def a_record_of_another_spelling(store: Store) -> None:
    """The same JSON with a blank in it."""
    audit, key = open_audit_store(store), layout.audit_record(20)
    audit.write(key, audit.read(key).replace(b'":', b'": ', 1))


def a_record_far_ahead(store: Store) -> None:
    audit = open_audit_store(store)
    audit.write(layout.audit_record(99), audit.read(layout.audit_record(33)))


def an_event_twice(store: Store) -> None:
    """Its index is gone, so it can be appended again, otherwise."""
    audit, trail = open_audit_store(store), Trail(open_audit_store(store))
    record = trail.find("retired", REFUSED)
    assert record
    for key in [*audit.keys(layout.AUDIT_EVENTS)]:
        if json.loads(audit.read(key)) == {"sequence": record.sequence}:
            audit.delete(key)
    Trail(audit).append("retired", "eve", AFTER, {"version": REFUSED}, REFUSED)


def an_anchor_of_another_hash(store: Store) -> None:
    key = layout.audit_anchor(33)
    open_audit_store(store).write(key, canonical({"count": 33, "sha256": "6" * 64}))


_NOT = "is not what record [0-9]+ of the audit trail says: another"
STOPS: Mapping[Attack, str] = {
    a_champion_s_reason_rewritten: "entry 1, .*: another reason than record 8",
    a_champion_by_another: "entry 1, .*: another by than record 8",
    a_champion_of_another_number: "entry 1 calls itself 2",
    a_champion_that_was_rolled_back_to: "entry 1, .* has no 'rolled_back' record",
    a_champion_twice: "entry 2, .* has no 'promoted' record",
    a_rollback_to_what_was_never_champion: "entry 2, .* was rolled back to and never promoted",
    _edit(FIRST, decision="keep"): f"{FIRST} {_NOT} decision",
    _edit(LAST, champion=REFUSED): f"{LAST} {_NOT} champion|lacks {REFUSED}",
    _edit(LAST, contained=[]): f"{LAST} {_NOT} contained",
    _edit(LAST, policy="6" * 64): f"{LAST} {_NOT} policy",
    _edit(LAST, supersedes=0): f"{LAST} {_NOT} supersedes",
    _edit(LAST, reason="as agreed"): f"{LAST} {_NOT} reason",
    _edit(LAST, inputs={}): f"{LAST} {_NOT} inputs",
    _edit(f"{VERSION}/validation.json", verdict="fail"): "validation.json is not what record 4",
    _removal(f"{VERSION}/validation.json"): f"{VERSION}/validation.json",
    a_number_of_a_decision_of_another_type: f"0002.json {_NOT} supersedes",
    findings_of_an_older_month_committed_again: "2023-11-01/000009.json is not what decision",
    two_records_exchanged: "record 14 was changed|records/0000000014.json was written",
    a_record_removed: "record 20 is (missing|gone)|records/0000000020.json was removed",
    a_record_that_says_more: "record 20 was changed|records/0000000020.json was written",
    a_record_of_another_spelling: "record 20 was changed|records/0000000020.json was written",
    a_record_far_ahead: "record 34 is missing|records/0000000099.json",
}
NAMED: Mapping[Attack, str] = {
    _edit(GIVEN, reason="a mistake"): f"{GIVEN} {_NOT} reason",
    _edit(GIVEN, by="eve"): f"{GIVEN} {_NOT} by",
    _edit(GIVEN, until="2024-03-01"): f"{GIVEN} {_NOT} until",
    _edit(ENDED, outcome="all was well"): f"{ENDED} {_NOT} outcome",
    a_finding_closed_by_hand: "F-0001/closed.json has no record",
    _edit("registry/findings/F-0001/opened.json", severity="high"): f"{_NOT} severity",
    _edit("registry/findings/F-0001/opened.json", due="2040-01-01"): f"{_NOT} due",
    _removal("registry/findings/F-0001/opened.json"): "F-0001/opened.json is gone: record 19",
    _removal("registry/findings/F-0002/closed.json"): "F-0002/closed.json (is gone|was removed)",
    _edit(f"registry/retired/{REFUSED}.json", by="eve"): f"{_NOT} by",
    _removal(f"registry/retired/{REFUSED}.json"): f"retired/{REFUSED}.json (is gone|was removed)",
    _edit(APPROVED, after="6" * 64): f"{APPROVED} {_NOT} after",
    _edit(APPROVED, by="eve"): f"{APPROVED} {_NOT} by",
    _removal(APPROVED): f"{APPROVED} (is gone|was removed)",
    _edit(f"{VERSION}/metrics.json", auc=0.99): f"{VERSION}/metrics.json was altered",
    _edit(f"{VERSION}/card.json", kind="scorecard"): f"{VERSION}/card.json was altered",
    _removal(f"{VERSION}/SUMS.json"): f"{CHAMPION}/SUMS.json is gone",
    _edit("months/2023-12-01/run.json", run_id="local-2f0133ff-2"): "no record says run",
    a_report_that_names_an_older_head: "2023-12-01/compliance.json is another month's, or names no",
    an_event_twice: "record 34 repeats record 30|events/.* (is gone|was removed)",
    an_anchor_of_another_hash: "record 33 was changed|anchors/0000000033.json was written again",
}
