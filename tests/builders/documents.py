"""Documents of a store, whole but for what a test says of them."""

from datetime import date

from creditrisk.records.champion import Tenure, change_champion
from creditrisk.records.decision import Axis, Decision, keep
from creditrisk.records.month import MonthRun, write_month_run
from creditrisk.records.run import RunRecord
from creditrisk.storage import Store

AT = "2024-03-03T06:00:00.000+00:00"


def decision(as_of: date, **facts) -> Decision:
    """A month in which nothing is wrong."""
    axes = {name: Axis("green") for name in ("discrimination", "stability", "calibration")}
    usual = {
        "as_of": f"{as_of}", "n": 1, "decision": "keep", "action": "none", "triggers": (),
        "reasons": ("all is well",), "axes": axes, "measured": {}, "thresholds": {}, "policy": "",
        "champion": "", "inputs": {}, "key": "", "supersedes": 0, "reason": "", "tried": (),
    }  # fmt: skip
    return Decision(**usual | facts)


def decided(store: Store, as_of: date, **facts) -> None:
    keep(store, decision(as_of, **facts))


def record(task: str, status: str = "ok", error: str = "", **facts) -> RunRecord:
    """A task that ran for a moment."""
    usual = {
        "run_id": "local-1", "task": task, "as_of": "2024-03-01", "status": status, "started": AT,
        "seconds": 1.5, "peak_mb": 200, "exit_code": 0 if status == "ok" else 1, "error": error,
    }  # fmt: skip
    return RunRecord(**usual | facts)


def ran(store: Store, as_of: date, *tasks: RunRecord, **facts) -> None:
    """The newest run of a month."""
    usual = {"run_id": "local-1", "status": "ok", "tasks": tasks}
    write_month_run(store, as_of, MonthRun(**usual | facts))


def made_champion(store: Store, version: str, since: date, by: str = "pipeline") -> None:
    """One more change of champion."""
    change_champion(store, lambda _: Tenure(version=version, since=since, by=by, at=AT))


def approval(decision: str) -> dict[str, str]:
    """What somebody decided on a challenger's request, as its document holds it."""
    act = {"by": "bob", "identity": "self-asserted", "reason": "read it", "at": AT}
    return {"decision": decision, "requested_by": "pipeline", "evidence": "", **act}
