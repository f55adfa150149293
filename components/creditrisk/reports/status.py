"""The system at a glance: as data, and in ten lines."""

from collections.abc import Mapping
from datetime import date

from creditrisk.calendar_month import add_months
from creditrisk.errors import UserError
from creditrisk.policy import Policy, load_policy
from creditrisk.records import layout
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.champion_pointer import champion_history
from creditrisk.records.config import read_policy
from creditrisk.records.containment import in_force
from creditrisk.records.damage import STRICT, Damage, Strict
from creditrisk.records.decision import AXES, UNREADABLE, last_decision, newest_decision
from creditrisk.records.document import Part
from creditrisk.records.findings import read_validation_findings
from creditrisk.records.month import RUN, months_run, read_month_run
from creditrisk.records.quality import QualityReport, report_key
from creditrisk.records.run import now
from creditrisk.records.store_check import check_newest
from creditrisk.records.version_files import brief
from creditrisk.reports.metric_form import headline
from creditrisk.storage import Store
from creditrisk.storage.cached_store import CachedStore


class Waiting(Part):
    """A request that nobody has decided on; `expired` by the policy of the last decided month."""

    id: str
    expired: bool


class OpenFindings(Part):
    """Validation findings that are not closed; `overdue`: those of high severity, by id."""

    open: int
    overdue: tuple[str, ...]


class AuditState(Part):
    """Records of the trail, and what contradicts them, the worst first."""

    records: int
    faults: tuple[str, ...]


class Status(Part):
    """The newest month, and what holds now.

    `run`: how its newest run ended, None where no run is recorded. `decision` is `failed` for a
    month that was run and not decided, `unknown` where neither is recorded. `measured`: the
    version that `axes` and `metrics` speak of, None before there is one; after a promotion
    another one is `champion`, `since` a month. `contained`: what gets no PD. `damaged`: what is
    said of documents that cannot be read; what they hold is missing.
    """

    store: str
    month: date
    run: str | None
    champion: str | None
    since: date | None
    decision: str
    action: str
    reasons: tuple[str, ...]
    contained: tuple[str, ...]
    measured: str | None
    axes: Mapping[str, str]
    metrics: Mapping[str, float]
    sources_down: tuple[str, ...]
    approvals: tuple[Waiting, ...]
    findings: OpenFindings
    audit: AuditState
    damaged: tuple[str, ...] = ()


def status(store: Store) -> Status:
    """What to know at a glance; a `UserError` where no month was run yet."""
    return _status(CachedStore(store))


def status_lines(found: Status) -> dict[str, str]:
    """The same in ten lines, by name."""
    broken = f"BROKEN: {found.audit.faults[0]}" if found.audit.faults else "verified"
    return {
        "store": found.store,
        "month": f"{found.month:%Y-%m}, run {found.run or 'not recorded'}",
        "champion": _tenure(found),
        "decision": "; ".join((f"{found.decision} (action {found.action})", *found.contained)),
        "why": "; ".join(found.reasons) or "no reason recorded",
        "axes": _axes(found),
        "metrics": headline(found.metrics) or "none yet",
        "sources down": ", ".join(found.sources_down) or "none",
        "approvals": f"{_approvals(found)}; findings {_findings(found.findings)}",
        "audit": f"{found.audit.records:,} records, {broken}",
    }


def _status(store: Store) -> Status:
    trail = check_newest(store)  # first: what it lists, with versions, is not listed again
    months = months_run(store)
    if not months:
        raise UserError(f"{store.uri} holds no month yet; start with creditrisk run or make demo")
    month, damage = months[-1], Damage()
    key = report_key(month)
    decision = damage.read(layout.decisions(month), lambda: newest_decision(store, month), None)
    undecided = UNREADABLE if damage.found else ""
    run = damage.read(layout.month(month, RUN), lambda: read_month_run(store, month), None)
    tenures = damage.read(layout.CHAMPION, lambda: champion_history(store), [])
    quality = damage.read(key, lambda: QualityReport.read(store, key), None)
    axes = decision.axes if decision else {}
    contained, approvals = in_force(store, damage), _waiting(store, damage)
    findings = _open_findings(store, damage)
    return Status(
        store=store.uri,
        month=month,
        run=run.status if run else None,
        champion=tenures[-1].version if tenures else None,
        since=tenures[-1].since if tenures else None,
        decision=decision.decision if decision else undecided or ("failed" if run else "unknown"),
        action=decision.action if decision else "none",
        reasons=decision.reasons if decision else (),
        contained=tuple(one.shown for one in contained),
        measured=(decision.champion or None) if decision else None,
        axes={axis: axes[axis].state if axis in axes else "none" for axis in AXES},
        metrics=decision.measured if decision else {},
        sources_down=quality.outages if quality else (),
        approvals=approvals,
        findings=findings,
        audit=AuditState(records=trail.count, faults=tuple(trail.faults)),
        damaged=damage.sentences,
    )


def _waiting(store: Store, damage: Strict = STRICT) -> tuple[Waiting, ...]:
    requests = read_requests(store, damage)
    if not requests:
        return ()
    policy = damage.read(layout.POLICIES, lambda: _policy(store), None) or load_policy()
    days, at = policy.promotion.approval_days, now()
    return tuple(Waiting(id=one.id, expired=one.expired(at, days)) for one in requests)


def _policy(store: Store) -> Policy | None:
    """The policy of the last decision."""
    decided = last_decision(store)
    return read_policy(store, decided.policy) if decided else None


def _open_findings(store: Store, damage: Strict = STRICT) -> OpenFindings:
    today = date.fromisoformat(now()[:10])
    found = [one for one in read_validation_findings(store, damage) if not one.closed]
    late = tuple(one.id for one in found if one.severity == "high" and one.overdue(today))
    return OpenFindings(open=len(found), overdue=late)


def _tenure(found: Status) -> str:
    """A promotion in the run of a month counts from the next one on (`champion_at`)."""
    if found.champion is None or found.since is None:
        return "none yet"
    start = add_months(found.since, 1)
    return f"{brief(found.champion)}, promoted in {found.since:%Y-%m}, in force from {start:%Y-%m}"


def _axes(found: Status) -> str:
    """The lights, and whose they are where that is not the champion."""
    lights = ", ".join(f"{axis} {state}" for axis, state in found.axes.items())
    if not found.measured or found.measured == found.champion:
        return lights
    now = f"; {brief(found.champion)} is not measured yet" if found.champion else ""
    return f"{lights} (of {brief(found.measured)}, champion no longer{now})"


def _approvals(found: Status) -> str:
    waiting = (brief(one.id) + " (expired)" * one.expired for one in found.approvals)
    return ", ".join(waiting) or "none pending"


def _findings(found: OpenFindings) -> str:
    late = f", high and overdue: {', '.join(found.overdue)}" if found.overdue else ""
    return f"{found.open or 'none'} open{late}"
