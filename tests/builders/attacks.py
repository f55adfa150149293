"""Attacks on what a store's documents say, by whoever can write them: what must be said of each."""

import json
from collections.abc import Callable, Mapping

from creditrisk.lake import Lake
from creditrisk.period import Period
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import canonical
from creditrisk.records.resolved import closed_period
from creditrisk.storage import Store, open_audit_store
from tests.builders.old_store import CHAMPION, NEWEST, NEXT, REFUSED
from tests.builders.tampering import chain, forged, parsed

POINTER, VERSION = "registry/champion.json", f"registry/versions/{CHAMPION}"
APPROVAL = f"registry/approvals/{CHAMPION}.json"
AFTER = "2024-01-02T00:00:00+00:00"  # what the archive has seen
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
    trail.append(event, str(body.get("by", "eve")), AFTER, known | body, id)


def a_refused_challenger_in_the_pointer(store: Store) -> None:
    entry(store, version=REFUSED)


def the_same_with_a_record_that_promotes_it(store: Store) -> None:
    entry(store, version=REFUSED, by="eve", reason="why not", at=AFTER)
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


def a_threshold_moved(store: Store) -> None:
    """Between the check of the policy and its use."""
    key = f"policies/{january(store).policy.sha}.json"
    rule = json.loads(store.read(key))["validation"] | {"auc_min": 0.1}
    change(store, key, validation=rule)


def another_policy_under_a_month_s_name(store: Store) -> None:
    (key,) = store.keys("configs/")
    change(store, key, policy="0" * 64)


def a_mask_state_that_passes_now(store: Store) -> None:
    key = f"{VERSION}/validation.json"
    masked = json.loads(store.read(key))["masked"]
    change(store, key, masked={state: one | {"passed": True} for state, one in masked.items()})


def a_pointer_that_the_api_server_signed(store: Store) -> None:
    history = json.loads(store.read(POINTER))["history"]
    change(store, POINTER, history=[history[0] | {"identity": "kubernetes"}, *history[1:]])


def a_champion_put_off(store: Store) -> None:
    """It acts from a month on that never comes; the one before it, or none, acts till then."""
    history = json.loads(store.read(POINTER))["history"]
    change(store, POINTER, history=[*history[:-1], history[-1] | {"since": "2099-01-01"}])


def a_champion_dated_to_the_month(store: Store) -> None:
    """As one is whose run was cut off before its record: it acts from the month after on."""
    history = json.loads(store.read(POINTER))["history"]
    change(store, POINTER, history=[*history[:-1], history[-1] | {"since": f"{NEXT}"}])


def a_champion_replaced_by_one_of_the_month(store: Store) -> None:
    history = json.loads(store.read(POINTER))["history"]
    new = history[-1] | {"version": REFUSED, "since": f"{NEXT}"}
    change(store, POINTER, history=[*history[:-1], new])


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


def an_older_override_removed(store: Store) -> None:
    """It would have held for two months more."""
    key = "registry/overrides/2023-10-01/0001/given.json"
    given = json.loads(store.read("registry/overrides/2023-12-01/0001/given.json"))
    lasting = given | {"as_of": "2023-10-01", "until": "2024-03-01", "decision": "keep"}
    store.create(key, json.dumps(lasting).encode())
    appended(store, "overridden", "2023-10-01/0001", **lasting)
    store.delete(key)


def a_record_and_its_decision_edited(store: Store) -> None:
    """By who may write both; no hash that follows is made anew."""
    audit, key = open_audit_store(store), "records/0000000014.json"
    change(store, "decisions/2023-11-01/0002.json", reasons=["it was well"])
    record = json.loads(audit.read(key))
    audit.write(key, canonical(record | {"body": record["body"] | {"reasons": ["it was well"]}}))


def a_trail_written_anew(store: Store) -> None:
    """From a record on, anchors and all: every hash fits, but for the last month's report."""
    trail = Trail(open_audit_store(store))
    records = list(trail.records())
    records[13] = forged(records[13])
    for key, data in list(chain(records).items())[13:]:
        (record,) = parsed({key: data})
        trail.store.write(key, data)
        anchor = canonical({"count": record.sequence, "sha256": record.sha256})
        trail.store.write(key.replace("records/", "anchors/"), anchor)


def a_refusal_that_passes_now(store: Store) -> None:
    """So that it does not count among the attempts that failed."""
    change(store, f"registry/versions/{REFUSED}/validation.json", verdict="pass")


def a_decision_edited(store: Store) -> None:
    change(store, "decisions/2023-11-01/0002.json", reasons=["it was well"])


def a_decision_added(store: Store) -> None:
    last = json.loads(store.read("decisions/2023-12-01/0002.json"))
    again = last | {"n": 3, "supersedes": 2, "decision": "keep", "reason": "a mistake"}
    store.write("decisions/2023-12-01/0003.json", json.dumps(again).encode())


def a_decision_under_another_name(store: Store) -> None:
    """What is last in the month's folder counts."""
    store.write("decisions/2023-12-01/0002b.json", store.read("decisions/2023-12-01/0002.json"))


def a_month_s_decisions_removed(store: Store) -> None:
    """What it contained would be forgotten with them."""
    for key in [*store.keys("decisions/2023-12-01/")]:
        store.delete(key)


def a_supersession_taken_back(store: Store) -> None:
    store.delete("decisions/2023-12-01/0002.json")


def findings_committed_again(store: Store) -> None:
    lake = Lake(store)
    old = lake.need("monitoring/findings", NEWEST)
    body = json.loads(old.data()) | {"version": old.version + 1, "digest": "6" * 64}
    store.write(old.key.replace("000001", f"{old.version + 1:06d}"), json.dumps(body).encode())


def a_containment_of_another_champion(store: Store) -> None:
    """Whose PDs it would hold back, and not the champion's."""
    change(store, "containment/2023-12-01/0002.json", champion=REFUSED)


def a_containment_of_another_time(store: Store) -> None:
    change(store, "containment/2023-12-01/0002.json", at=AFTER)


def a_containment_that_calls_itself_another(store: Store) -> None:
    change(store, "containment/2023-12-01/0002.json", decision="2023-11-01/0002")


def a_containment_removed(store: Store) -> None:
    store.delete("containment/2023-12-01/0002.json")


def a_containment_lifted_by_nobody(store: Store) -> None:
    change(store, "registry/lifted/2023-12-01/0002.json", by="eve")


def another_model(store: Store) -> None:
    store.write(f"{VERSION}/model.cbm", store.read(f"registry/versions/{REFUSED}/model.cbm"))


def labels_of_another_digest(store: Store) -> None:
    change(store, "lake/gold/labels/manifests/2023-12-01/000001.json", digest="6" * 64)


def a_run_that_failed_after_all(store: Store) -> None:
    change(store, "months/2023-12-01/run.json", status="failed")


def a_run_of_another_month(store: Store) -> None:
    store.write("months/2023-12-01/run.json", store.read("months/2023-10-01/run.json"))


def a_month_that_was_not_run(store: Store) -> None:
    store.delete("months/2023-12-01/run.json")


def a_report_of_another_month(store: Store) -> None:
    """An older head: what was appended since has no witness."""
    key = "months/2023-12-01/compliance.json"
    store.write(key, store.read("months/2023-10-01/compliance.json"))


def a_run_under_another_policy(store: Store) -> None:
    """As if its records said under which; people act under the policy of the last month."""
    run = json.loads(store.read("months/2023-12-01/run.json"))["run_id"]
    appended(store, "run_closed", f"{run}:ok", as_of="2023-12-01", status="ok", config="a-b")


def a_portfolio_removed(store: Store) -> None:
    (key,) = store.keys("portfolios/")
    store.delete(key)


def a_containment_that_no_decision_names(store: Store) -> None:
    """It waits for a decision of that number."""
    key = "containment/2023-12-01/0002.json"
    store.write("containment/2023-12-01/0003.json", store.read(key))


def a_finding_under_a_name_that_is_none(store: Store) -> None:
    store.write("registry/findings/F-0001/Closed.json", b"{}")


def a_request_removed(store: Store) -> None:
    (key,) = store.keys("registry/pending/")
    store.delete(key)


def a_request_by_somebody_else(store: Store) -> None:
    """So that who asked may approve."""
    (key,) = store.keys("registry/pending/")
    change(store, key, by="eve")


STOPS: Mapping[Callable[[Store], None], str] = {
    a_refused_challenger_in_the_pointer: f"champion.json: entry 2, {REFUSED} .* has no 'promoted'",
    the_same_with_a_record_that_promotes_it: f"knows no validation that {REFUSED} passed",
    an_approved_champion_by_another: f"{APPROVAL} is not what record 7 .*: another by",
    an_approval_that_nobody_gave: f"four eyes, and there is no {APPROVAL}",
    a_policy_that_one_person_may_promote_by: f"no {APPROVAL}|policies/.* is not what its name says",
    a_threshold_moved: "policies/.* is not what its name says",
    another_policy_under_a_month_s_name: "configs/.* is not what its name says",
    a_mask_state_that_passes_now: f"{VERSION}/validation.json is not what record 4 names",
    a_pointer_that_the_api_server_signed: "entry 1, .*: another identity than record 8",
    a_champion_put_off: "entry 1, .* as of 2099-01-01",
    a_champion_dated_to_the_month: "entry 1, .* as of 2024-01-01, (is not|has no)",
    a_champion_replaced_by_one_of_the_month: f"entry 1, {REFUSED} as of 2024-01-01, (is|has)",
    no_pointer: f"champion.json lacks (entry 1|{CHAMPION})",
    a_rollback_that_nobody_made: "entry 2, .* has no 'rolled_back' record",
    an_older_pointer: "champion.json lacks entry 2: record 34",
    an_override_written_by_hand: f"{OVERRIDE} has no record on the audit trail",
    a_longer_override: "overrides/2023-11-01/0001/closed.json is gone: record",
    an_older_override_removed: "overrides/2023-10-01/0001/given.json (is gone: record|was removed)",
    a_record_and_its_decision_edited: "record 14 was changed|records/0000000014.json was written",
    a_trail_written_anew: "record (18|27) was changed|records/0000000014.json was written again",
    a_refusal_that_passes_now: f"{REFUSED}/validation.json is not what record 17 names",
    a_decision_edited: "decisions/2023-11-01/0002.json is not what record 14 .*: another reasons",
    a_decision_added: "decisions/2023-12-01/0003.json has no record",
    a_decision_under_another_name: "decisions/2023-12-01/0002b.json calls itself 2023-12-01/0002",
    a_month_s_decisions_removed: "decisions/2023-12-01/0001.json is gone: record 23",
    a_supersession_taken_back: "decisions/2023-12-01/0002.json is gone: record",
    findings_committed_again: "manifests/2023-12-01/000002.json is not what decision",
    a_containment_of_another_champion: "containment/2023-12-01/0002.json is not what decision",
    a_containment_of_another_time: "containment/2023-12-01/0002.json is not what decision",
    a_containment_that_calls_itself_another: "0002.json calls itself 2023-11-01/0002",
    a_containment_removed: "containment/2023-12-01/0002.json is gone, and decision",
    a_containment_lifted_by_nobody: "lifted/2023-12-01/0002.json is not what record 28",
}

NAMED: Mapping[Callable[[Store], None], str] = {  # by `audit verify`; no month acts on them as such
    another_model: f"{VERSION}/model.cbm was altered",
    labels_of_another_digest: "labels/manifests/2023-12-01/000001.json: no commit of it is the one",
    a_run_that_failed_after_all: "months/2023-12-01/run.json: no record says run",
    a_run_of_another_month: "months/2023-12-01/run.json: no record says run",
    a_month_that_was_not_run: "months/2023-12-01/run.json is gone: record 2[47]",
    a_report_of_another_month: "months/2023-12-01/compliance.json is another month's",
    a_run_under_another_policy: "periods/.*: another config than record 34|names no head",
    a_portfolio_removed: "configs/.* names portfolios/.* which is not there",
    a_containment_that_no_decision_names: "containment/2023-12-01/0003.json has no decision",
    a_finding_under_a_name_that_is_none: "F-0001/Closed.json is the name of no document",
    a_request_removed: "registry/pending/policy-.* is gone: record 33",
    a_request_by_somebody_else: "registry/pending/policy-.* is not what anybody asked for",
}
