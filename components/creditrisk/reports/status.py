"""The system in ten lines."""

from datetime import date

from creditrisk.errors import UserError
from creditrisk.period import frozen_policy
from creditrisk.policy import load_policy
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.champion import champion_history
from creditrisk.records.containment import in_force
from creditrisk.records.decision import AXES, last_decision
from creditrisk.records.findings import read_validation_findings
from creditrisk.records.run import now
from creditrisk.records.store_check import check_newest
from creditrisk.reports.month_summary import (
    MonthSummary,
    months,
)
from creditrisk.storage import Store
from creditrisk.storage.remembering import Remembering


def status_lines(store: Store) -> dict[str, str]:
    """What to know at a glance, by name; a `UserError` where no month was run yet."""
    return _lines(Remembering(store))


def _lines(store: Store) -> dict[str, str]:
    newest = months(store, last=1)
    if not newest:
        raise UserError(f"{store.uri} holds no month yet; start with creditrisk run or make demo")
    summary = newest[-1]
    run = summary.run.status if summary.run else "not recorded"
    return {
        "store": store.uri,
        "month": f"{summary.as_of:%Y-%m}, run {run}",
        "champion": _champion(store),
        "decision": f"{summary.decision} (action {summary.action}){_contained(store)}",
        "why": "; ".join(summary.reasons) or "no reason recorded",
        "axes": ", ".join(f"{axis} {summary.states[axis]}" for axis in AXES),
        "metrics": _metrics(summary),
        "sources down": ", ".join(summary.outages) or "none",
        "approvals": f"{_approvals(store)}; findings {_findings(store)}",
        "audit": _audit(store),
    }


def _champion(store: Store) -> str:
    tenures = champion_history(store)
    return f"{tenures[-1].version}, since {tenures[-1].since:%Y-%m}" if tenures else "none yet"


def _metrics(summary: MonthSummary) -> str:
    shown = ("auc", "oe", "score_psi", "applications")
    values = {name: summary.values.get(name, {}).get("value") for name in shown}
    numbers = (f"{name} {value:.4g}" for name, value in values.items() if value is not None)
    return ", ".join(numbers) or "none yet"


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
