"""The system in ten lines."""

from creditrisk.audit import Trail, verify
from creditrisk.errors import UserError
from creditrisk.reporting.story import AXES, MonthStory, champion, champion_history, months, pending
from creditrisk.storage import Store, open_audit_store


def status_lines(store: Store) -> dict[str, str]:
    """What to know at a glance, by name; a `UserError` where no month was run yet."""
    told = months(store, last=1)
    if not told:
        raise UserError(f"{store.uri} holds no month yet; start with creditrisk run or make demo")
    story = told[-1]
    return {
        "store": store.uri,
        "month": f"{story.as_of:%Y-%m}, run {story.run.get('status', 'not recorded')}",
        "champion": _champion(store),
        "decision": f"{story.decision} (action {story.action})",
        "why": "; ".join(story.reasons) or "no reason recorded",
        "axes": ", ".join(f"{axis} {story.states[axis]}" for axis in AXES),
        "metrics": _metrics(story),
        "sources down": ", ".join(story.outages) or "none",
        "approvals": ", ".join(pending(store)) or "none pending",
        "audit": _audit(store),
    }


def _champion(store: Store) -> str:
    name = champion(store)
    if not name:
        return "none yet"
    since = champion_history(store)[-1]["since"][:7]
    return f"{name}, since {since}"


def _metrics(story: MonthStory) -> str:
    shown = ("auc", "oe", "score_psi", "applications")
    values = {name: story.values.get(name, {}).get("value") for name in shown}
    said = (f"{name} {value:.4g}" for name, value in values.items() if value is not None)
    return ", ".join(said) or "none yet"


def _audit(store: Store) -> str:
    trail = Trail(open_audit_store(store))
    faults = verify(trail)
    count = (trail.anchor() or (0, ""))[0]
    return f"{count} records, " + (f"BROKEN: {faults[0]}" if faults else "verified")
