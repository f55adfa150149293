"""The system in ten lines."""

from datetime import date

from creditrisk.errors import UserError
from creditrisk.period import frozen_policy
from creditrisk.policy import load_policy
from creditrisk.records import layout
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.champion import champion_history, current_champion
from creditrisk.records.containment import in_force
from creditrisk.records.decision import AXES, Decision, last_decision, newest_decision
from creditrisk.records.findings import read_validation_findings
from creditrisk.records.month import read_month_run
from creditrisk.records.quality import load_report
from creditrisk.records.run import now
from creditrisk.records.store_check import check_newest
from creditrisk.storage import Store
from creditrisk.storage.remembering import Remembering


def status_lines(store: Store) -> dict[str, str]:
    """What to know at a glance, by name; a `UserError` where no month was run yet."""
    return _lines(Remembering(store))


def _lines(store: Store) -> dict[str, str]:
    run_months = layout.run_months([*store.keys(layout.DECISIONS), *store.keys(layout.MONTHS)])
    if not run_months:
        raise UserError(f"{store.uri} holds no month yet; start with creditrisk run or make demo")
    month = run_months[-1]
    run, decision = read_month_run(store, month), newest_decision(store, month)
    return {
        "store": store.uri,
        "month": f"{month:%Y-%m}, run {run.status if run else 'not recorded'}",
        "champion": _champion(store),
        "decision": f"{_decision(decision, ran=run is not None)}{_contained(store)}",
        "why": "; ".join(decision.reasons if decision else ()) or "no reason recorded",
        "axes": _axes(store, decision),
        "metrics": _metrics(decision),
        "sources down": _outages(store, month),
        "approvals": f"{_approvals(store)}; findings {_findings(store)}",
        "audit": _audit(store),
    }


def _decision(decision: Decision | None, *, ran: bool) -> str:
    if decision is None:
        return f"{'failed' if ran else 'unknown'} (action none)"
    return f"{decision.decision} (action {decision.action})"


def _state(decision: Decision | None, axis: str) -> str:
    found = decision.axes.get(axis) if decision else None
    return found.state if found else "none"


def _axes(store: Store, decision: Decision | None) -> str:
    """The lights, and whose they are where that is champion no longer."""
    lights = ", ".join(f"{axis} {_state(decision, axis)}" for axis in AXES)
    measured, champion = decision.champion if decision else "", current_champion(store)
    if not measured or champion == measured:
        return lights
    return f"{lights} (of {measured}, champion no longer; {champion} is not measured yet)"


def _champion(store: Store) -> str:
    tenures = champion_history(store)
    return f"{tenures[-1].version}, since {tenures[-1].since:%Y-%m}" if tenures else "none yet"


def _metrics(decision: Decision | None) -> str:
    """The month's, as its decision has them."""
    measured = decision.measured if decision else {}
    shown = ("auc", "oe", "score_psi", "applications")
    return ", ".join(f"{name} {measured[name]:.4g}" for name in shown if name in measured) or (
        "none yet"
    )


def _outages(store: Store, month: date) -> str:
    report = load_report(store, month)
    return ", ".join(report.outages if report else ()) or "none"


def _contained(store: Store) -> str:
    return "".join(f"; {one}" for one in in_force(store))


def _approvals(store: Store) -> str:
    """What nobody has decided on, by the policy of the last decided month."""
    requests = read_requests(store)
    if not requests:
        return "none pending"
    decided = last_decision(store)
    policy = frozen_policy(store, decided.policy) if decided else load_policy()
    days, at = policy.promotion.approval_days, now()
    return ", ".join(f"{r.id} (expired)" if r.expired(at, days) else r.id for r in requests)


def _findings(store: Store) -> str:
    """Open validation findings; the high ones that are overdue by name."""
    today = date.fromisoformat(now()[:10])
    unresolved = [one for one in read_validation_findings(store) if not one.closed]
    late = [one.id for one in unresolved if one.severity == "high" and one.overdue(today)]
    text = f"{len(unresolved)} open" if unresolved else "none open"
    return text + (f", high and overdue: {', '.join(late)}" if late else "")


def _audit(store: Store) -> str:
    found = check_newest(store)
    broken = f"BROKEN: {found.faults[0]}" if found.faults else ""
    return f"{found.count} records, {broken or 'verified'}"
