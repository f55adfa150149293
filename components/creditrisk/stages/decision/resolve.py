"""Which month a run is about, under which policy and portfolio, with which champion."""

import json
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

from creditrisk.calendar import first, parse_month
from creditrisk.errors import UserError
from creditrisk.governance.policy_change import admit
from creditrisk.period import Period, freeze, thaw
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.records.champion import champion_at
from creditrisk.records.format import open_store
from creditrisk.records.lease import acquire
from creditrisk.records.run import now, recorded
from creditrisk.stages.decision.business_rules import check
from creditrisk.storage import Store


class Resolved(NamedTuple):
    """What every later task of the run is given; `champion` is empty while there is none."""

    month: str
    config: str
    champion: str


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
        store.write(f"periods/{run_id}.json", json.dumps(resolved._asdict()).encode())
        return resolved


def nominal_month(as_of: str, scheduled_at: str) -> date:
    """The month asked for, else the month the schedule meant (RFC 3339, nominal time)."""
    if as_of:
        return parse_month(as_of)
    if scheduled_at:
        return first(date.fromisoformat(scheduled_at[:10]))
    raise UserError("no month: give as_of, e.g. 2024-09-01, or run on a schedule")


def resolved_period(store: Store, run_id: str) -> Period | None:
    """The period a run resolved; None when it failed before that."""
    try:
        body = Resolved(**json.loads(store.read(f"periods/{run_id}.json")))
    except KeyError:
        return None
    policy, portfolio = thaw(store, body.config)
    return Period(parse_month(body.month), policy, portfolio, store, run_id)


def newest_period(store: Store) -> Period:
    """The newest month that was run, under the policy and portfolio it ran with.

    What a person does to the registry between two runs counts from the month after it.
    """
    closed = [key for key in store.keys("months/") if key.endswith("/run.json")]
    if not closed:
        raise UserError(f"{store.uri} holds no month yet; start with creditrisk run or make demo")
    return closed_period(store, date.fromisoformat(closed[-1].split("/")[1]))


def closed_period(store: Store, month: date) -> Period:
    """A month that was run, under the policy and portfolio it ran with last."""
    key = f"months/{month}/run.json"
    try:
        run_id = str(json.loads(store.read(key))["run_id"])
    except KeyError:
        raise UserError(f"{store.uri} holds no run of {month}; creditrisk run closes one") from None
    period = resolved_period(store, run_id)
    if period is None:
        raise UserError(f"{key} names run {run_id}, of which periods/ holds nothing")
    return period


def resolved_champion(store: Store, run_id: str) -> str:
    """The champion a run started with."""
    return str(json.loads(store.read(f"periods/{run_id}.json"))["champion"])


def _file(name: str) -> Path | None:
    path = os.environ.get(f"CREDITRISK_{name}")
    return Path(path) if path else None
