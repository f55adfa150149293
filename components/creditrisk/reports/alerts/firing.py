"""What of a closed month deserves an alert, in numbers."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from creditrisk.period import Period
from creditrisk.policy.governance import Alerts, Urgency
from creditrisk.records import layout
from creditrisk.records.alerts import Alert
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.damage import Damage
from creditrisk.records.decision import AXES
from creditrisk.reports.metric_form import headline
from creditrisk.reports.month_summary import MonthSummary, month_summary

DASHBOARD = "CREDITRISK_DASHBOARD_URL"
_ESCALATED = "insufficient_evidence"  # the rule's own name for months without evidence


def firing(period: Period, at: str) -> list[Alert]:
    """The alerts of `as_of`, and one for each request that waits for approval `at` a time."""
    summary = month_summary(period.store, period.as_of)
    damage = Damage()
    found = [*_of_decision(period, summary), *_of_run(period, summary)]
    found += _waiting(period, at, damage)
    found += _of_damage(period, (*summary.unread, *damage.sentences))
    return [alert for alert in found if alert.urgency != "none"]


def urgency(policy: Alerts, event: str) -> Urgency:
    """How urgent the policy makes an event; one it does not name gives no alert."""
    found: Urgency = getattr(policy, event, "none")
    return found


def link(period: Period) -> str:
    """The dashboard, where there is one, else the month's page."""
    dashboard = os.environ.get(DASHBOARD, "").rstrip("/")
    return dashboard or f"{period.store.uri}/{layout.month(period.as_of, 'report.html')}"


def _of_decision(period: Period, summary: MonthSummary) -> Iterator[Alert]:
    events = [summary.decision] if summary.decision in Alerts.model_fields else []
    events += ["insufficient"] if _ESCALATED in summary.triggers else []
    for event in events:
        title = f"{period.portfolio.name} {summary.as_of:%Y-%m}: {_WORDS.get(event, event)}"
        yield _alert(period, event, title, tuple(_lines(summary)))


def _lines(summary: MonthSummary) -> Iterator[str]:
    yield from summary.reasons
    for axis in AXES:
        if summary.states[axis] != "none":
            yield f"{axis} {summary.states[axis]}: {summary.texts[axis]}"
    if numbers := headline({name: found.value for name, found in summary.values.items()}):
        yield numbers
    yield f"champion {summary.champion or 'none'}"
    if summary.challenge:
        yield f"challenger {summary.challenge.version}: {summary.outcome}"


def _of_run(period: Period, summary: MonthSummary) -> Iterator[Alert]:
    if summary.run and summary.run.status == "failed":
        title = f"{period.portfolio.name} {summary.as_of:%Y-%m}: the run failed"
        failed = (task for task in summary.tasks if task.status != "ok")
        lines = tuple(f"{task.task}: {task.error}" for task in failed)
        yield _alert(period, "failed", title, lines)


def _of_damage(period: Period, texts: Sequence[str]) -> Iterator[Alert]:
    """One of all documents that cannot be read, as urgent as a run that failed."""
    if texts:
        title = f"{period.portfolio.name} {period.as_of:%Y-%m}: documents cannot be read"
        yield replace(_alert(period, "failed", title, tuple(texts)), subject="damaged")


def _waiting(period: Period, at: str, damage: Damage) -> Iterator[Alert]:
    days = period.policy.promotion.approval_days
    for request in read_requests(period.store, damage):
        if request.expired(at, days):
            continue
        yield Alert(
            event="pending",
            month=request.as_of or period.as_of.isoformat(),
            subject=request.id,
            urgency=period.policy.alerts.pending,
            portfolio=period.portfolio.name,
            title=f"{period.portfolio.name}: {request.id} waits for approval",
            lines=(
                f"asked for by {request.requester} at {request.requested_at[:16]},"
                f" expires after {days} days; someone else decides:",
                request.command,
                *(f"looser: {change}" for change in request.looser),
            ),
            link=link(period),
        )


def _alert(period: Period, event: str, title: str, lines: tuple[str, ...]) -> Alert:
    return Alert(
        event=event,
        month=period.as_of.isoformat(),
        urgency=urgency(period.policy.alerts, event),
        portfolio=period.portfolio.name,
        title=title,
        lines=lines,
        link=link(period),
    )


_WORDS = {"blocked": "blocked by data quality", "insufficient": "the model runs unobserved"}
