"""What a run fixed before anything else: `periods/<run>.json`; and months by their run."""

import json
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import Field

from creditrisk.calendar_month import parse_month
from creditrisk.errors import GateError, UserError
from creditrisk.period import Period, thaw
from creditrisk.records import layout
from creditrisk.records.document import Day, Line
from creditrisk.records.month import read_month_run
from creditrisk.storage import Store

_NAME = r"^[\w.-]*$"


class Resolved(NamedTuple):
    """What every later task of the run is given; `champion` is empty while there is none.

    A tuple, because kfp takes a component's outputs from one.
    """

    month: str
    config: str
    champion: str


class _Stored(Line):
    """The same as it is stored; names lead to files, and are no paths."""

    month: Day
    config: Annotated[str, Field(pattern=_NAME, max_length=200)]
    champion: Annotated[str, Field(pattern=_NAME, max_length=200)]


def write_resolved(store: Store, run_id: str, resolved: Resolved) -> None:
    """Keep what a run resolved."""
    store.write(layout.period(run_id), json.dumps(resolved._asdict()).encode())


def read_resolved(store: Store, run_id: str) -> Resolved | None:
    """What a run resolved; None when it failed before that."""
    key = layout.period(run_id)
    found = _Stored.read(store, key)
    return Resolved(found.month, found.config, found.champion) if found else None


def resolved_period(store: Store, run_id: str) -> Period | None:
    """The period a run resolved; None when it failed before that."""
    found = read_resolved(store, run_id)
    if found is None:
        return None
    return Period(parse_month(found.month), *thaw(store, found.config), store, run_id)


def resolved_champion(store: Store, run_id: str) -> str:
    """The champion a run started with; empty while there is none."""
    found = read_resolved(store, run_id)
    return found.champion if found else ""


def newest_period(store: Store) -> Period:
    """The newest month that was run, under the policy and portfolio it ran with.

    What a person does to the registry between two runs counts from the month after it.
    """
    closed = layout.run_months(store.keys(layout.MONTHS))
    if not closed:
        raise UserError(f"{store.uri} holds no month yet; start with creditrisk run or make demo")
    return closed_period(store, closed[-1])


def closed_period(store: Store, month: date) -> Period:
    """A month that was run, under the policy and portfolio it ran with last."""
    run = read_month_run(store, month)
    if run is None:
        raise UserError(f"{store.uri} holds no run of {month}; creditrisk run closes one")
    period = resolved_period(store, run.run_id)
    if period is None:
        raise GateError(
            f"{layout.month(month, 'run.json')} names run {run.run_id}, of which"
            f" {layout.period(run.run_id)} says nothing"
        )
    return period
