"""Which month a run is about, under which policy and portfolio, with which champion."""

import os
from datetime import date
from pathlib import Path

from creditrisk.calendar import first, parse_month
from creditrisk.errors import UserError
from creditrisk.governance.policy_change import admit
from creditrisk.period import Period, freeze, thaw
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.records.champion import champion_at
from creditrisk.records.format import open_store
from creditrisk.records.lease import acquire
from creditrisk.records.resolved import Resolved, write_resolved
from creditrisk.records.run import now, recorded
from creditrisk.stages.decision.business_rules import check


def resolve(as_of: str, scheduled_at: str, config: str, run_id: str, lease: bool) -> Resolved:
    """Fix the month and freeze what is in force; with `lease`, refuse a second run at a time.

    A policy looser than the last month's may need approval first: a `GateError` ends the run.

    `as_of` wins over the schedule. `config` names a frozen policy and portfolio; empty:
    the files `CREDITRISK_POLICY` and `CREDITRISK_PORTFOLIO` point to, else the package's.
    """
    store = open_store()
    with recorded(store, "resolve_period", as_of or scheduled_at, run_id):
        month = nominal_month(as_of, scheduled_at)
        name = config or freeze(
            store, load_policy(_file("POLICY")), load_portfolio(_file("PORTFOLIO"))
        )
        period = Period(month, *thaw(store, name), store, run_id)
        for rule in period.policy.rule.business:
            check(rule)
        admit(period, at=now())
        if lease:
            acquire(store, run_id, now())
        resolved = Resolved(month.isoformat(), name, champion_at(store, month) or "")
        write_resolved(store, run_id, resolved)
        return resolved


def nominal_month(as_of: str, scheduled_at: str) -> date:
    """The month asked for, else the month the schedule meant (RFC 3339, nominal time)."""
    if as_of:
        return parse_month(as_of)
    if scheduled_at:
        return first(date.fromisoformat(scheduled_at[:10]))
    raise UserError("no month: give as_of, e.g. 2024-09-01, or run on a schedule")


def _file(name: str) -> Path | None:
    path = os.environ.get(f"CREDITRISK_{name}")
    return Path(path) if path else None
