"""Closing a month: how the run ended, in the store and in the audit trail."""

import json
from dataclasses import asdict
from typing import Any

from creditrisk.errors import UserError
from creditrisk.governance.compliance.report import report_month
from creditrisk.period import Period
from creditrisk.records.format import open_store
from creditrisk.records.lease import release
from creditrisk.records.run import RunRecord, killed, now, run_records
from creditrisk.stages.decision.decide import decide
from creditrisk.stages.decision.resolve import resolved_champion, resolved_period
from creditrisk.storage import Store


def close(run_id: str) -> Period:
    """Record the end of a run, decide `blocked` where quality stopped it, free the lease.

    Beside the record lies the evidence of the month, and of the challengers it judged.

    Runs whatever happened before; a run that never knew its month is a `UserError`.
    """
    store = open_store()
    records = [*run_records(store, run_id), *killed(store, run_id)]
    period = resolved_period(store, run_id)
    if period is None:
        said = "; ".join(record.error for record in records if record.error)
        raise UserError(f"run {run_id} failed before its month was known: {said or 'no record'}")
    try:
        if any(record.status == "blocked" and record.task == "etl" for record in records):
            decide(period, resolved_champion(store, run_id), at=now())
        body: dict[str, Any] = {"run_id": run_id, "status": _status(records)}
        body["tasks"] = [asdict(record) for record in records]
        before = _read(store, f"months/{period.as_of}/run.json")
        closed = {"at": now(), "run_id": run_id} if body["status"] == "ok" else None
        # the first of each: a month run again was closed when it was closed
        body["closed"] = before.get("closed") or closed
        body["scheduled_at"] = before.get("scheduled_at") or _scheduled_at(records)
        data = json.dumps(body, sort_keys=True).encode()
        store.write(f"months/{period.as_of}/run.json", data)
        period.trail.append(
            "run_closed",
            actor="pipeline",
            at=now(),
            body={"as_of": period.as_of.isoformat(), "status": body["status"]},
            id=run_id,
        )
        report_month(period)
    finally:
        release(store, run_id)
    return period


def _status(records: list[RunRecord]) -> str:
    worst = {record.status for record in records}
    return next((s for s in ("failed", "blocked") if s in worst), "ok")


def _scheduled_at(records: list[RunRecord]) -> str:
    """The time the schedule meant; empty for a month asked for by name."""
    asked = (record.as_of for record in records if record.task == "resolve_period")
    return next((text for text in asked if "T" in text), "")


def _read(store: Store, key: str) -> dict[str, Any]:
    try:
        return dict(json.loads(store.read(key)))
    except KeyError:
        return {}
