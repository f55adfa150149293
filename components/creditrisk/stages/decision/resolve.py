"""Which month a run is about, under which policy and portfolio, with which champion."""

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from creditrisk.calendar_month import first, parse_month
from creditrisk.errors import UserError
from creditrisk.governance.policy_change import admit
from creditrisk.period import Period, freeze, thaw
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.records.champion_pointer import champion_at
from creditrisk.records.format import open_store
from creditrisk.records.identity import note_pipelines_accounts
from creditrisk.records.lease import acquire
from creditrisk.records.resolved import Resolved, write_resolved
from creditrisk.records.run import now, recorded
from creditrisk.records.store_check import require_bound
from creditrisk.stages.decision.basis import champion_since
from creditrisk.stages.decision.business_rules import check
from creditrisk.stages.decision.history import looks_back_to
from creditrisk.storage.location import local_path


def resolve(as_of: str, scheduled_at: str, config: str, run_id: str, lease: bool) -> Resolved:
    """Fix the month and freeze what is in force; with `lease`, refuse a second run at a time.

    A policy looser than the last month's may need approval first, and what the month acts on must
    be what the audit trail says: a `GateError` ends the run.

    `as_of` wins over the schedule, whose month is the one on its own clock. `config` names a
    frozen policy and portfolio; empty: the files `CREDITRISK_POLICY` and `CREDITRISK_PORTFOLIO`
    point to, else the package's.
    """
    store = open_store()
    with recorded(store, "resolve_period", as_of or scheduled_at, run_id):
        month = nominal_month(as_of, scheduled_at, _zone())
        name = config or freeze(
            store, load_policy(_file("POLICY")), load_portfolio(_file("PORTFOLIO"))
        )
        period = Period(month, *thaw(store, name), store, run_id)
        for rule in period.policy.rule.business:
            check(rule)
        champion = champion_at(store, month) or ""
        require_bound(period, looks_back_to(period, champion_since(store, champion)))
        admit(period, at=now())
        note_pipelines_accounts(store)
        if lease:
            acquire(store, run_id, now())
        resolved = Resolved(month.isoformat(), name, champion)
        write_resolved(store, run_id, resolved)
        return resolved


def nominal_month(as_of: str, scheduled_at: str, zone: str = "UTC") -> date:
    """The month asked for, else the one the schedule meant: of its nominal time, in its zone.

    `scheduled_at`: RFC 3339. The first hours of the 1st in Kolkata are in the month before in UTC.
    """
    if as_of:
        return parse_month(as_of)
    if not scheduled_at:
        raise UserError("no month: give as_of, e.g. 2024-09-01, or run on a schedule")
    moment = datetime.fromisoformat(scheduled_at)
    try:
        local = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
    except (KeyError, ValueError, OSError):  # no such zone, no name of one, a folder of them
        raise UserError(
            f"the schedule's time zone is {zone!r}, which is none; write one such as Asia/Kolkata"
        ) from None
    return first(local.date())


def _zone() -> str:
    """Of the schedule's clock: as the environment says, else the controller's of Kubeflow."""
    names = ("CREDITRISK_CRON_TIMEZONE", "CRON_SCHEDULE_TIMEZONE")
    given = next((zone for name in names if (zone := os.environ.get(name, "").strip())), "UTC")
    return "UTC" if given == "Local" else given  # Go's word for the zone of a container


def _file(name: str) -> Path | None:
    path = os.environ.get(f"CREDITRISK_{name}")
    return local_path(path) if path else None
