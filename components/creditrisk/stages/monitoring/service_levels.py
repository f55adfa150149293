"""The system measured by its own promises: months closed on time, promotions, throughput.

Clock times come from records that are never changed once they are there (first closing of a
month, audit trail), of months before `as_of`: run again, a month says the same.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

from creditrisk.calendar_month import add_months, month_range, parse_month
from creditrisk.contracts import FINDINGS, features
from creditrisk.errors import UserError
from creditrisk.number_text import duration
from creditrisk.period import Period
from creditrisk.records.champion_pointer import Tenure, champion_history
from creditrisk.records.decision import decisions
from creditrisk.records.month import MonthRun, read_month_run
from creditrisk.records.promotions import record_of
from creditrisk.records.run import run_records
from creditrisk.records.version_files import brief
from creditrisk.stages.monitoring.finding import Finding

_HOUR = 3600.0
Runs = Mapping[date, MonthRun | None]  # by month, oldest first; None: there was none


def service(period: Period) -> list[Finding]:
    """The three figures; without a value, and saying why, where nothing is recorded.

    A month measured again keeps what it first measured: an earlier month that was closed since
    must not make it another month to decide on.
    """
    return _measured_before(period) or _measured(period)


def _measured_before(period: Period) -> list[Finding]:
    before = period.lake.commit(FINDINGS.table, period.as_of)
    if before is None or before.inputs.get("policy") != period.policy.sha:
        return []
    try:
        rows = period.lake.read_commits(FINDINGS, [before]).to_pylist()
    except UserError:  # damaged: measuring again is what mends it
        return []
    names = [field.name for field in fields(Finding)]
    return [Finding(**{n: row[n] for n in names}) for row in rows if row["axis"] == "system"]


def _measured(period: Period) -> list[Finding]:
    limits = period.policy.monitoring
    start = add_months(period.as_of, -limits.service_months)
    runs = {
        month: read_month_run(period.store, month)
        for month in month_range(start, add_months(period.as_of, -1))
    }
    return [months_on_time(runs, limits.close_days), throughput(period, runs), promotion(period)]


def months_on_time(runs: Runs, close_days: int) -> Finding:
    """Share of months closed within `close_days` of their schedule, from the first scheduled on.

    A month the schedule missed is due from its first day on.
    """
    base = Finding("months_on_time", "system")
    scheduled = [month for month, run in runs.items() if run and run.scheduled_at]
    if not scheduled:
        return base.lacking("no earlier month was run by a schedule")
    due = {month: run for month, run in runs.items() if month >= scheduled[0]}
    late = [month for month, run in due.items() if not _in_time(month, run, close_days)]
    text = f"{len(due) - len(late)} of {len(due)} months closed within {close_days} days"
    if late:
        text += f"; not {', '.join(f'{month:%Y-%m}' for month in late)}"
    share = 1 - len(late) / len(due)
    return replace(base, value=share, rows=len(due), text=text)


def throughput(period: Period, runs: Runs) -> Finding:
    """Applications scored per second in the newest earlier month that was closed."""
    base = Finding("throughput", "system")
    for month in sorted(runs, reverse=True):
        run = runs[month]
        if run is None or run.closed is None:
            continue
        records = run_records(period.store, run.closed.run_id)
        seconds = sum(r.seconds for r in records if r.task == "score" and r.status == "ok")
        gold = period.lake.commit(features(period.portfolio).table, month)
        if gold and seconds:
            text = f"{gold.rows:,} applications in {seconds:.1f} s"
            return replace(
                base, value=gold.rows / seconds, rows=gold.rows, text=text, cohort=f"{month:%Y-%m}"
            )
    return base.lacking("no earlier month was scored and closed")


def promotion(period: Period) -> Finding:
    """Hours from a decision to the promotion of the version it called for: the newest before now.

    Rollbacks and versions nobody decided on are no promotions in this sense.
    """
    base = Finding("trigger_to_promotion", "system")
    earlier = [tenure for tenure in champion_history(period.store) if tenure.since < period.as_of]
    for tenure in reversed(earlier):
        promoted = None if tenure.rollback else record_of(period.trail.find, tenure)
        decided = _decided(period, tenure)
        if promoted and decided:
            hours = (_time(promoted.at) - _time(decided)).total_seconds() / _HOUR
            text = f"{brief(tenure.version)} promoted {duration(hours)} after it was decided on"
            cohort = f"{tenure.since:%Y-%m}"
            return replace(base, value=hours, rows=1, text=text, cohort=cohort)
    return base.lacking("no earlier promotion followed a decision")


def _decided(period: Period, tenure: Tenure) -> str:
    """When the first decision to act in the month of the version's name was taken."""
    month = parse_month(tenure.version[:7])
    acted = next((one for one in decisions(period.store, month) if one.action != "none"), None)
    found = period.trail.find("decided", acted.id) if acted else None
    return found.at if found else ""


def _in_time(month: date, run: MonthRun | None, close_days: int) -> bool:
    if run is None or run.closed is None:
        return False
    asked = run.scheduled_at or f"{month}T00:00:00+00:00"
    return _time(run.closed.at) <= _time(asked) + timedelta(days=close_days)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
