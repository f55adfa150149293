"""Closing a month: how the run ended, in the store and in the audit trail."""

import json
from dataclasses import asdict

from creditrisk.errors import UserError
from creditrisk.governance.decide import decide
from creditrisk.governance.lease import release
from creditrisk.governance.resolve import resolved_champion, resolved_period
from creditrisk.period import Period
from creditrisk.runs import RunRecord, now, run_records
from creditrisk.storage import open_store


def close(run_id: str) -> Period:
    """Record the end of a run, decide `blocked` where quality stopped it, free the lease.

    Runs whatever happened before; a run that never knew its month is a `UserError`.
    """
    store = open_store()
    records = run_records(store, run_id)
    period = resolved_period(store, run_id)
    if period is None:
        said = "; ".join(record.error for record in records if record.error)
        raise UserError(f"run {run_id} failed before its month was known: {said or 'no record'}")
    try:
        if any(record.status == "blocked" and record.task == "etl" for record in records):
            decide(period, resolved_champion(store, run_id), at=now())
        body = {"run_id": run_id, "status": _status(records), "tasks": [asdict(r) for r in records]}
        data = json.dumps(body, sort_keys=True).encode()
        store.write(f"months/{period.as_of}/run.json", data)
        period.trail.append(
            "run_closed",
            actor="pipeline",
            at=now(),
            body={"as_of": period.as_of.isoformat(), "status": body["status"]},
            id=run_id,
        )
    finally:
        release(store, run_id)
    return period


def _status(records: list[RunRecord]) -> str:
    worst = {record.status for record in records}
    return next((s for s in ("failed", "blocked") if s in worst), "ok")
