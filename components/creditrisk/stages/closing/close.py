"""Closing a month: how the run ended, in the store and in the audit trail."""

import sys

from creditrisk.contracts import all_contracts
from creditrisk.errors import UserError
from creditrisk.governance.compliance.report import report_month
from creditrisk.governance.open_lineage import send_events
from creditrisk.lake.delta import Followed, follow_manifests
from creditrisk.period import Period
from creditrisk.records.closed_month import left_by_run
from creditrisk.records.format import open_store
from creditrisk.records.heartbeat import heartbeat
from creditrisk.records.lease import release
from creditrisk.records.month import CLOSED, Closing, MonthRun, read_month_run, write_month_run
from creditrisk.records.resolved import resolved_champion, resolved_period
from creditrisk.records.run import RunRecord, Status, killed, now, run_records
from creditrisk.records.store_check import held
from creditrisk.records.timestamp import stamp_month
from creditrisk.stages.decision.decide import decide
from creditrisk.storage import Store


def close(run_id: str) -> Period:
    """Record the end of a run, decide `blocked` where quality stopped it, free the lease.

    Beside the record lies the evidence of the month, and of the challengers it judged.

    Runs whatever happened before; a run that never knew its month is a `UserError`.
    """
    store = open_store()
    try:
        with heartbeat(store, run_id, now):
            return _close(store, run_id)
    finally:
        release(store, run_id)


def _close(store: Store, run_id: str) -> Period:
    records = [*run_records(store, run_id), *killed(store, run_id)]
    period = resolved_period(store, run_id)
    if period is None:
        errors = "; ".join(record.error for record in records if record.error)
        raise UserError(f"run {run_id} failed before its month was known: {errors or 'no record'}")
    if any(record.status == "blocked" and record.task == "etl" for record in records):
        decide(period, resolved_champion(store, run_id), at=now())
    run = _closed(read_month_run(store, period.as_of), run_id, records)
    write_month_run(store, period.as_of, run)
    _on_record(period, run)
    report_month(period)
    if fault := stamp_month(period.trail):
        sys.stderr.write(f"close_month: the audit trail's head has no timestamp: {fault}\n")
    _follow_commits(period)
    if fault := send_events(period, run):
        sys.stderr.write(f"close_month: OpenLineage events were not sent ({fault})\n")
    return period


def _on_record(period: Period, run: MonthRun) -> None:
    id = f"{run.run_id}:{run.status}"  # a run may fail at first and end well when retried
    ended = {"as_of": f"{period.as_of}", "status": run.status, "config": period.config}
    left = {"tables": left_by_run(period.store, period.as_of)} if run.status == "ok" else {}
    if period.trail.find(CLOSED, id) is None:  # else this task was cut off, or 0.1.0's was
        period.trail.append(CLOSED, "pipeline", now(), ended | left | held(period), id)


def _follow_commits(period: Period) -> None:
    """Write what the month committed into the Delta logs; a log that lags stops nothing."""
    try:
        found = follow_manifests(period.lake, all_contracts(period.portfolio))
    except UserError as error:  # the lake cannot be listed
        found = [Followed("lake", fault=str(error))]
    if behind := [table for table in found if table.fault]:
        first = behind[0]
        sys.stderr.write(
            f"close_month: {len(behind)} of {len(found)} tables are behind as Delta tables"
            f" ({first.table}: {first.fault}); creditrisk lake delta writes what they lack\n"
        )


def _closed(before: MonthRun | None, run_id: str, records: list[RunRecord]) -> MonthRun:
    """The run's record; the first closing and schedule stay, as the month was closed by it."""
    status = _status(records)
    closed = Closing(at=now(), run_id=run_id) if status == "ok" else None
    return MonthRun(
        run_id=run_id,
        status=status,
        tasks=tuple(records),
        closed=(before and before.closed) or closed,
        scheduled_at=(before and before.scheduled_at) or _scheduled_at(records),
    )


def _status(records: list[RunRecord]) -> Status:
    found = {record.status for record in records}
    return "failed" if "failed" in found else "blocked" if "blocked" in found else "ok"


def _scheduled_at(records: list[RunRecord]) -> str:
    """The time the schedule meant; empty for a month asked for by name."""
    asked = (record.as_of for record in records if record.task == "resolve_period")
    return next((text for text in asked if "T" in text), "")
