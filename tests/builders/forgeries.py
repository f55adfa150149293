"""More of what whoever may write can leave: replays, keys twice, names that are none.

As in `attacks`: what must be said of each, by who starts a month or by who looks at everything.
"""

import json
from collections.abc import Callable, Mapping

from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Record, canonical
from creditrisk.storage import Store, open_audit_store
from tests.builders.attacks import AFTER, APPROVAL, POINTER, VERSION, appended, change
from tests.builders.old_store import CHAMPION, REFUSED

LAST = "decisions/2023-12-01/0002.json"


def _copy(store: Store, key: str, to: str) -> None:
    store.write(to, store.read(key))


def _record(store: Store, event: str) -> Record:
    """The first record of an event."""
    records = Trail(open_audit_store(store)).records()
    return next(record for record in records if record.event == event)


def _next(store: Store, **fields: object) -> None:
    """One more record in due form, but for some fields: by who may create objects there."""
    trail = Trail(open_audit_store(store))
    head = trail.head()
    body = vars(head) | {"sequence": head.sequence + 1, "previous": head.sha256} | fields
    data = canonical(body)
    trail.store.write(layout.audit_record(head.sequence + 1), data)


def a_pointer_removed(store: Store) -> None:
    """In a bucket: a delete marker."""
    store.delete(POINTER)


def a_decision_dated_to_the_future(store: Store) -> None:
    last = json.loads(store.read(LAST)) | {"as_of": "2099-01-01", "n": 1}
    store.write("decisions/2099-01-01/0001.json", json.dumps(last).encode())


def an_override_of_a_decision_that_is_not_there(store: Store) -> None:
    given = json.loads(store.read("registry/overrides/2023-12-01/0001/given.json"))
    other = {"record": "decisions/2023-12-01/0009.json", "n": 2, "until": "2024-03-01"}
    store.write("registry/overrides/2023-12-01/0002/given.json", json.dumps(given | other).encode())


def an_override_reopened(store: Store) -> None:
    """Its end under a name of another case."""
    key = "registry/overrides/2023-12-01/0001/closed.json"
    _copy(store, key, key.replace("closed", "CLOSED"))
    store.delete(key)


def an_approval_of_another_version_as_the_champion_s(store: Store) -> None:
    key = f"registry/approvals/{REFUSED}.json"
    _copy(store, APPROVAL, key)


def an_approval_under_a_name_of_other_case(store: Store) -> None:
    _copy(store, APPROVAL, f"registry/approvals/{CHAMPION.upper()}.json")


def an_approval_that_also_was_a_rejection(store: Store) -> None:
    """By a record in due form: who asks first would find either."""
    appended(store, "rejected", CHAMPION, **_record(store, "approved").body)


def an_approval_with_a_name_that_looks_alike(store: Store) -> None:
    """A Cyrillic letter in it."""
    change(store, APPROVAL, by="v\N{CYRILLIC SMALL LETTER A}lidator")


def an_approval_by_who_asked_in_other_width(store: Store) -> None:
    requested = json.loads(store.read(APPROVAL))["requested_by"]
    change(store, APPROVAL, by=f"{requested}\N{VARIATION SELECTOR-16}")


def a_decision_with_a_key_twice(store: Store) -> None:
    """Whoever reads the first of the two reads another decision."""
    text = store.read(LAST).decode().rstrip().removesuffix("}")
    store.write(LAST, f'{text}, "decision": "contain"}}'.encode())


def a_record_with_a_key_twice(store: Store) -> None:
    audit, key = open_audit_store(store), layout.audit_record(26)
    audit.write(key, b'{"actor":"eve",' + audit.read(key)[1:])


def a_record_whose_body_is_none(store: Store) -> None:
    _next(store, event="decided", id="2024-01-01/0001", body=None)


def a_record_of_a_promotion_that_says_nothing(store: Store) -> None:
    appended(store, "promoted", "2")


def a_record_about_a_place_outside(store: Store) -> None:
    appended(store, "retired", "../../outside")


def a_record_of_an_override_that_nobody_wrote(store: Store) -> None:
    appended(store, "overridden", "2024-01-01/0001", "2023-12-01/0001")


def a_retirement_of_the_champion_on_the_trail_alone(store: Store) -> None:
    appended(store, "retired", CHAMPION, by="eve", reason="why not")


def a_decision_in_a_month_that_is_none(store: Store) -> None:
    _copy(store, LAST, "decisions/2023-13-01/0001.json")


def a_containment_under_a_name_that_is_none(store: Store) -> None:
    key = "containment/2023-12-01/0002.json"
    _copy(store, key, "containment/December/0002.json")


def a_manifest_of_another_month(store: Store) -> None:
    key = "lake/monitoring/findings/manifests/2023-12-01/000001.json"
    _copy(store, key.replace("2023-12", "2023-11"), key)


def an_escalation_that_the_rule_never_opened(store: Store) -> None:
    opened = json.loads(store.read("registry/findings/F-0001/opened.json"))
    body = opened | {"id": "E-2023-11", "version": CHAMPION, "by": "pipeline"}
    store.write("escalations/E-2023-11.json", json.dumps(body).encode())


def a_trail_of_another_lender(store: Store) -> None:
    """The trail is put in this one's place, every hash of it right."""
    audit = open_audit_store(store)
    for key in [*audit.keys()]:
        audit.delete(key)
    for n in range(1, 9):
        Trail(audit).append("decided", "pipeline", AFTER, {"n": n}, f"2023-{n:02d}-01/0001")


def a_trail_that_lost_its_tail_and_its_anchors(store: Store) -> None:
    """From the record on that lifted a containment; its index, too."""
    audit = open_audit_store(store)
    records = [*Trail(audit).records()]
    for record in records[27:]:
        for key in (layout.audit_record(record.sequence), layout.audit_anchor(record.sequence)):
            audit.delete(key)


def every_anchor_removed(store: Store) -> None:
    audit = open_audit_store(store)
    for key in [*audit.keys(layout.AUDIT_ANCHORS)]:
        audit.delete(key)


STOPS: Mapping[Callable[[Store], None], str] = {
    a_pointer_removed: f"champion.json lacks (entry 1|{CHAMPION})",
    an_override_of_a_decision_that_is_not_there: "2023-12-01/0002/given.json has no record",
    an_override_reopened: "2023-12-01/0001/closed.json (is gone|was removed)",
    an_approval_of_another_version_as_the_champion_s: f"approvals/{REFUSED}.json has no record",
    an_approval_that_also_was_a_rejection: f"{APPROVAL}: record 7 approved it, and record 34",
    an_approval_with_a_name_that_looks_alike: f"{APPROVAL} is not what record 7 .*: another by",
    an_approval_by_who_asked_in_other_width: f"{APPROVAL} is not what record 7 .*: another by",
    a_decision_with_a_key_twice: f"{LAST} is no JSON object|{LAST} is not a decision record",
    a_record_with_a_key_twice: "record 26 was changed|records/0000000026.json was written",
    a_record_whose_body_is_none: "record 34 (was changed|is gone, or is not)",
    a_record_of_a_promotion_that_says_nothing: "says no version|lacks entry 2: record 34",
    a_decision_in_a_month_that_is_none: "2023-13-01/0001.json (is the name|has no record)",
    a_containment_under_a_name_that_is_none: "containment/December/0002.json",
    a_manifest_of_another_month: "2023-12-01/000001.json is the manifest of lake/.*2023-11-01",
    an_escalation_that_the_rule_never_opened: "escalations/E-2023-11.json has no record",
    a_trail_of_another_lender: "record 8 .*|records/0000000001.json was|has no record|anchor",
    a_trail_that_lost_its_tail_and_its_anchors: "has no record|record 2[78] is|was removed",
}


def the_first_anchor_removed(store: Store) -> None:
    open_audit_store(store).delete(layout.audit_anchor(1))


def an_index_removed(store: Store) -> None:
    audit = open_audit_store(store)
    audit.delete(next(audit.keys(layout.AUDIT_EVENTS)))


def a_request_put_back_that_was_answered(store: Store) -> None:
    body = _record(store, "approval_requested").body
    store.write(layout.pending(CHAMPION), json.dumps(body).encode())


def a_model_with_its_sums(store: Store) -> None:
    """Files and list of sums of the version replaced together."""
    for name in ("model.cbm", layout.SUMS):
        _copy(store, f"registry/versions/{REFUSED}/{name}", f"{VERSION}/{name}")


def a_run_of_a_month_to_come(store: Store) -> None:
    """People act under the policy of the newest month that was run."""
    _copy(store, "months/2023-12-01/run.json", "months/2099-01-01/run.json")


NAMED: Mapping[Callable[[Store], None], str] = {
    an_approval_under_a_name_of_other_case: f"approvals/{CHAMPION.upper()}.json has no record",
    a_record_about_a_place_outside: "record 34 .* is about no document",
    a_record_of_an_override_that_nobody_wrote: "2024-01-01/0001/given.json is gone: record 34",
    a_retirement_of_the_champion_on_the_trail_alone: f"retired/{CHAMPION}.json is gone: record 34",
    a_decision_dated_to_the_future: "decisions/2099-01-01/0001.json",
    every_anchor_removed: "anchor",
    the_first_anchor_removed: "anchors/0000000001.json",
    an_index_removed: "events/.* (is gone, the index of record|was removed)",
    a_request_put_back_that_was_answered: f"pending/{CHAMPION}.json was approved by record 7",
    a_model_with_its_sums: f"{VERSION}/SUMS.json was altered",
    a_run_of_a_month_to_come: "months/2099-01-01/run.json: no record says",
}
