"""The newest month for Prometheus, computed from the reading when it is asked for."""

from calendar import timegm
from collections import Counter
from typing import get_args

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Enum, Gauge, generate_latest

from creditrisk.calendar_month import months_between
from creditrisk.records.decision import AXES, UNREADABLE, DecisionKind
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.figures import STATES

__all__ = ["CONTENT_TYPE", "exposition"]
_DECISIONS = (*get_args(DecisionKind), "failed", "unknown", UNREADABLE)


def exposition(reading: Reading) -> bytes:
    """Every metric in the text format; without a month only those of the store."""
    registry = CollectorRegistry()
    _gauge(registry, "store_up", "1 while the store can be read", not reading.fault)
    _gauge(registry, "months_damaged", "documents that cannot be read", len(reading.damaged))
    _gauge(registry, "audit_verified", "1 while the trail is whole", not reading.audit.faults)
    _gauge(registry, "audit_records", "records of the trail", reading.audit.count)
    _gauge(registry, "pending_approvals", "requests that wait", len(reading.waiting))
    run = reading.newest.run if reading.summaries else None
    failed = bool(reading.failed_run) or (run is not None and run.status == "failed")
    _gauge(registry, "run_failed", "1 while the newest run, or the newest month's, failed", failed)
    if reading.summaries:
        _month(registry, reading)
        _measured(registry, reading)
        _run(registry, reading)
    return generate_latest(registry)


def _month(registry: CollectorRegistry, reading: Reading) -> None:
    summary = reading.newest
    _gauge(
        registry,
        "last_month_timestamp_seconds",
        "first day of the newest month",
        timegm(summary.as_of.timetuple()),
    )
    axis = Enum(
        "creditrisk_axis_state", "state of each axis", ["axis"], states=STATES, registry=registry
    )
    for name in AXES:
        axis.labels(name).state(summary.states[name])
    decisions = tuple(dict.fromkeys((*_DECISIONS, summary.decision)))
    Enum("creditrisk_decision", "the newest decision", states=decisions, registry=registry).state(
        summary.decision
    )
    trigger = Gauge(
        "creditrisk_trigger", "what triggered the newest decision", ["trigger"], registry=registry
    )
    for name in summary.triggers:
        trigger.labels(name).set(1)
    closed = Gauge(
        "creditrisk_months_closed", "months by how their run ended", ["status"], registry=registry
    )
    ends = Counter(s.run.status if s.run else "open" for s in reading.summaries)
    for status, count in ends.items():
        closed.labels(status).set(count)
    if reading.tenures:
        _gauge(
            registry,
            "champion_age_months",
            "months since the newest promotion",
            months_between(reading.tenures[-1].since, summary.as_of),
        )


def _measured(registry: CollectorRegistry, reading: Reading) -> None:
    """Headline findings of the newest month: of no feature, bucket or segment."""
    found = reading.findings
    rows = found[(found.month == reading.newest.as_of) & (found.segment == "all")]
    rows = rows[(rows.family == "") & rows.value.notna()]
    gauge = Gauge(
        "creditrisk_finding", "headline findings of the newest month", ["metric"], registry=registry
    )
    for metric, value in zip(rows.metric, rows.value, strict=True):
        gauge.labels(metric).set(value)


def _run(registry: CollectorRegistry, reading: Reading) -> None:
    seconds = Gauge(
        "creditrisk_task_seconds", "wall time in the newest run", ["task"], registry=registry
    )
    memory = Gauge(
        "creditrisk_task_peak_bytes", "peak memory in the newest run", ["task"], registry=registry
    )
    for record in reading.newest.tasks:
        seconds.labels(record.task).set(record.seconds)
        memory.labels(record.task).set(record.peak_mb * 1024 * 1024)


def _gauge(registry: CollectorRegistry, name: str, text: str, value: float) -> None:
    Gauge(f"creditrisk_{name}", text, registry=registry).set(value)
