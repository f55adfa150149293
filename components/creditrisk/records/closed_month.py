"""What a month's run left, held against the record of its end.

The record of a run that ended well names the manifests of what it published and measured by their
sha256, and a manifest names its files by theirs: who changes a PD or a finding afterwards, in place
or by another commit, changes what the trail says. Releases up to 0.1.0 named none.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.records.act_documents import gone
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Find, Record
from creditrisk.records.commits import FINDINGS, SCORES, Commits
from creditrisk.records.month import CLOSED, RUN, MonthRun, read_month_run
from creditrisk.records.resolved import read_resolved
from creditrisk.storage import Store

TABLES = (SCORES, FINDINGS)  # what people read of a month


def left_by_run(store: Store, month: date) -> dict[str, str]:
    """Sha256 of the newest manifest of each of these tables, by its key."""
    newest = (Commits(store).commit(table, month) for table in TABLES)
    return {one.key: _sha256(store, one.key) for one in newest if one}


def closed_fault(store: Store, find: Find, month: date) -> str:
    """Whether a month's run ended as its record says, under what it says, with what it left."""
    run = read_month_run(store, month)
    if run is None:
        return ""
    record = _record(find, run, month)
    if record is None:
        key = layout.month(month, RUN)
        return f"{key}: no record says run {run.run_id} ended {run.status}"
    resolved = read_resolved(store, run.run_id)
    config = resolved.config if resolved else "gone"
    if record.body.get("config", config) != config:  # 0.1.0 did not say under which
        key = layout.period(run.run_id)
        return f"{key}: another config than record {record.sequence} of the audit trail says"
    return _left_fault(store, record, month)


def left_fault(trail: Trail) -> Callable[[Store, date], str]:
    """Whether what people read of a month is what its run left; "" while none has ended well.

    Where `run.json` is gone or cannot be read, the newest record of the month's end counts.
    """
    find, records = trail.finder(), cache(lambda: [*trail.records()])

    def fault(store: Store, month: date) -> str:
        try:
            run = read_month_run(store, month)
        except UserError:
            run = None
        record = _record(find, run, month) if run else _newest(records(), month)
        return _left_fault(store, record, month) if record else ""

    return fault


def _newest(records: Sequence[Record], month: date) -> Record | None:
    said = {"as_of": f"{month}", "status": "ok"}.items()
    ends = (one for one in reversed(records) if one.event == CLOSED)
    return next((one for one in ends if said <= one.body.items()), None)


def _left_fault(store: Store, record: Record, month: date) -> str:
    said = record.body.get("tables")
    if not isinstance(said, Mapping):
        return ""
    found = left_by_run(store, month)
    number = record.sequence
    for key in found:
        if key not in said:
            return (
                f"{key} is not what record {number} of the audit trail says the month left: remove"
                " it, or run the month again"
            )
        if found[key] != said[key]:
            return f"{key} is not what record {number} of the audit trail says; restore it"
    return next((gone(key, record) for key in said if key not in found), "")


def _record(find: Find, run: MonthRun, month: date) -> Record | None:
    names = (f"{run.run_id}:{run.status}", run.run_id)  # 0.1.0 gave the run alone
    said = {"as_of": f"{month}", "status": run.status}
    records = filter(None, (find(CLOSED, name) for name in names))
    return next((one for one in records if said.items() <= one.body.items()), None)


def _sha256(store: Store, key: str) -> str:
    return hashlib.sha256(store.read(key)).hexdigest()
