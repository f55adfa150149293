"""Documents of a store, whole but for what a test says of them."""

from datetime import date

from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.champion_pointer import Tenure, champion_history, change_champion
from creditrisk.records.decision import Axis, Decision, keep
from creditrisk.records.month import MonthRun, write_month_run
from creditrisk.records.oot_ledger import VALIDATED, WindowReading, record_verdict
from creditrisk.records.promotions import PROMOTED
from creditrisk.records.run import RunRecord
from creditrisk.records.validation import validation_key, validation_sha256
from creditrisk.records.version_files import sums_sha256
from creditrisk.storage import Store
from tests.builders.evidence import validation

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


def recorded_champion(
    period: Period, version: str, since: date, by: str = "pipeline", mode: str = "automatic"
) -> None:
    """One more change of champion, with the records a promotion leaves: it passed, it was made."""
    policy = period.policy.model_copy(
        update={"promotion": period.policy.promotion.model_copy(update={"mode": mode})}
    )
    period.store.write(layout.policy(policy.sha), policy.canonical())
    made_champion(period.store, version, since, by)
    if period.trail.find(VALIDATED, version) is None:
        reading = WindowReading(
            version=version, kind="initial", champion="", windows=(), as_of=since, policy=policy.sha
        )
        if period.store.tag(validation_key(version)) is None:
            period.store.write(validation_key(version), validation(version).encode())
        found, sums = (of(period.store, version) for of in (validation_sha256, sums_sha256))
        record_verdict(period.trail, reading, "pass", found, sums, AT)
    sequence = len(champion_history(period.store))
    body = {
        "version": version, "as_of": f"{since}", "validated": version,
        "evidence": period.trail.find(VALIDATED, version).body["sha256"],
        "sums": sums_sha256(period.store, version), "policy": policy.sha, "reason": "",
        "sequence": sequence,
    }  # fmt: skip
    period.trail.append(PROMOTED, by, AT, body, str(sequence))


def recorded_decision(period: Period, **facts) -> None:
    """What was decided on a month, and its record."""
    made = decision(period.as_of, **facts)
    keep(period.store, made)
    period.trail.append("decided", "pipeline", AT, made.record(), made.id)


def approval(decision: str) -> dict[str, str]:
    """What somebody decided on a challenger's request, as its document holds it."""
    act = {"by": "bob", "identity": "self-asserted", "reason": "read it", "at": AT}
    return {"decision": decision, "requested_by": "pipeline", "evidence": "", **act}
