"""What one of the two who share a lock can leave alone: with the approver's key, or the pipeline's.

As in `attacks`: what must be said of each, by who starts a month or by who looks at everything.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from creditrisk.lake import Lake
from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.records.closed_month import left_by_run
from creditrisk.records.commits import FINDINGS, SCORES
from creditrisk.records.compliance import month_key, read_month_report
from creditrisk.records.resolved import read_resolved
from creditrisk.storage import Store, open_audit_store
from tests.builders.attacks import AFTER, APPROVAL, appended
from tests.builders.old_store import NEWEST, REFUSED

ASKED = f"{REFUSED}:2023-11-01:{AFTER}"
CHANGE = f"policy-{'a' * 16}-{'b' * 16}"


def _body(store: Store, event: str, id: str) -> dict[str, object]:
    record = Trail(open_audit_store(store)).find(event, id)
    assert record
    return dict(record.body)


def _answered(store: Store, event: str, id: str, body: Mapping[str, object]) -> None:
    """A document and its record, both in due form."""
    store.write(layout.approval(id), json.dumps(body).encode())
    appended(store, event, id, **body)


def _request(store: Store, **said: object) -> dict[str, object]:
    """Of the refused version, as its record has it."""
    before = json.loads(store.read(APPROVAL))
    names = ("credential", "evidence", "requested_because", "requested_by")
    request = {name: before[name] for name in names}
    own = {"version": REFUSED, "as_of": "2023-11-01", "requested_at": AFTER}
    return request | own | said


def _approved(store: Store, **said: object) -> None:
    answer = {"by": "validator", "identity": "self-asserted", "reason": "sound", "at": AFTER}
    _answered(
        store, "approved", REFUSED, _request(store) | answer | {"decision": "approved"} | said
    )


def an_approval_that_nobody_asked_for(store: Store) -> None:
    _approved(store)


def an_approval_before_its_request(store: Store) -> None:
    _approved(store)
    appended(store, "approval_requested", ASKED, **_request(store))


def an_approval_by_who_asked_that_names_another(store: Store) -> None:
    appended(store, "approval_requested", ASKED, **_request(store, requested_by="validator"))
    _approved(store, requested_by="pipeline")


def an_approval_by_the_key_that_asked_that_names_none(store: Store) -> None:
    appended(store, "approval_requested", ASKED, **_request(store, credential="validator"))
    _approved(store)


def an_approval_on_other_evidence_than_was_asked_on(store: Store) -> None:
    appended(store, "approval_requested", ASKED, **_request(store))
    _approved(store, evidence="6" * 64)


def _policy(store: Store, **said: object) -> None:
    answer = {"by": "validator", "identity": "self-asserted", "reason": "agreed", "at": AFTER}
    change = {"change": CHANGE, "after": "b" * 64, "requested_by": "analyst"}
    _answered(store, "policy_approved", CHANGE, change | answer | said)


def a_looser_policy_that_nobody_asked_for(store: Store) -> None:
    _policy(store)


def a_looser_policy_by_who_asked_for_it(store: Store) -> None:
    """The approval names another, and says no time, as those of 0.1.0."""
    asked = {"by": "validator", "identity": "self-asserted", "reason": "why not", "at": AFTER}
    change = {"change": CHANGE, "before": "a" * 64, "after": "b" * 64}
    appended(store, "policy_requested", f"{CHANGE}:{AFTER}", **change | asked)
    _policy(store)


def a_looser_policy_than_was_asked_for(store: Store) -> None:
    asked = {"by": "analyst", "identity": "self-asserted", "reason": "why not", "at": AFTER}
    change = {"change": CHANGE, "before": "a" * 64, "after": "c" * 64}
    appended(store, "policy_requested", f"{CHANGE}:{AFTER}", **change | asked)
    _policy(store, requested_at=AFTER)


def _closed(store: Store) -> None:
    """The newest month's run, as it is closed since its record names what it left."""
    run = json.loads(store.read("months/2023-12-01/run.json"))["run_id"]
    config = read_resolved(store, run).config
    left = {"tables": left_by_run(store, NEWEST), "config": config}
    appended(store, "run_closed", f"{run}:ok", as_of=f"{NEWEST}", status="ok", **left)
    [(count, sha256)] = read_month_report(store, NEWEST).heads.items()
    number, head = Trail(open_audit_store(store)).anchor()
    report = store.read(month_key(NEWEST)).replace(sha256.encode(), head.encode())
    names = (layout.audit_anchor(one).encode() for one in (count, number))
    store.write(month_key(NEWEST), report.replace(*names))


def _altered(store: Store, table: str, column: str, *, version: int = 1) -> None:
    """A number of a table is another, every sha256 of the manifest right, its digest kept."""
    commit = Lake(store).need(table, NEWEST)
    (file,) = commit.files
    rows = pq.ParquetFile(pa.BufferReader(store.read(file.key))).read()
    values = [0.001, *rows[column].to_pylist()[1:]]
    rows = rows.set_column(rows.column_names.index(column), column, pa.array(values, pa.float64()))
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink)
    data = sink.getvalue().to_pybytes()
    key = file.key.replace(".parquet", "-other.parquet")
    store.write(key, data)
    other = replace(file, key=key, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    changed = replace(commit, version=version, files=(other,))
    store.write(changed.key, changed.data())


def a_pd_changed_by_another_commit(store: Store) -> None:
    _closed(store)
    _altered(store, SCORES, "pd", version=2)


def a_pd_changed_in_place(store: Store) -> None:
    _closed(store)
    _altered(store, SCORES, "pd")


def a_finding_changed_in_place(store: Store) -> None:
    _closed(store)
    _altered(store, FINDINGS, "value")


def scores_of_a_month_removed(store: Store) -> None:
    _closed(store)
    store.delete(Lake(store).need(SCORES, NEWEST).key)


_OTHER = "than the request says, record 34"
STOPS: Mapping[Callable[[Store], None], str] = {
    an_approval_that_nobody_asked_for: f"{REFUSED}.json answers a request that nobody made",
    an_approval_before_its_request: f"{REFUSED}.json answers a request that nobody made",
    an_approval_by_who_asked_that_names_another: f"{REFUSED}.json: another requested_by {_OTHER}",
    an_approval_by_the_key_that_asked_that_names_none: f"another credential {_OTHER}",
    an_approval_on_other_evidence_than_was_asked_on: f"another evidence {_OTHER}",
}
_LEFT = "manifests/2023-12-01/00000"
NAMED: Mapping[Callable[[Store], None], str] = {
    a_pd_changed_by_another_commit: f"{SCORES}/{_LEFT}2.json is not what record 34 .* left",
    a_pd_changed_in_place: f"{SCORES}/{_LEFT}1.json is not what record 34",
    a_finding_changed_in_place: f"{FINDINGS}/{_LEFT}1.json is not what record 34",
    scores_of_a_month_removed: f"{SCORES}/{_LEFT}1.json is gone: record 34",
    a_looser_policy_that_nobody_asked_for: f"{CHANGE}.json answers a request that nobody made",
    a_looser_policy_by_who_asked_for_it: f"{CHANGE}.json: another requested_by {_OTHER}",
    a_looser_policy_than_was_asked_for: f"{CHANGE}.json: another after {_OTHER}",
}
