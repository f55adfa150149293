"""Tables of many months at once: `backfill`."""

from datetime import date
from itertools import count
from typing import TYPE_CHECKING

import typer

from creditrisk.calendar_month import month_range
from creditrisk.cli import options
from creditrisk.cli.app import app, console, opened, span
from creditrisk.cli.places import deliveries
from creditrisk.cli.progress_line import waiting
from creditrisk.cli.remote import On, frozen
from creditrisk.storage import Store

if TYPE_CHECKING:
    from creditrisk.portfolio import Portfolio


@app.command()
def backfill(
    start: options.From,
    end: options.To,
    data: options.Data = "",
    store: options.Store = "",
    policy: options.Policy = None,
    portfolio: options.Portfolio = None,
    remote: options.Remote = False,
    version: options.Version = "",
    wait: options.Wait = True,
    host: options.Host = "",
    namespace: options.Namespace = "",
    as_json: options.Json = False,
) -> None:
    """Build bronze, silver and gold of a range of months.

    A committed month whose inputs are unchanged is skipped.
    """
    first, last = span(start, end)
    if remote:
        given = {"landing": data, "config": frozen(store, policy, portfolio)}
        there = On(version, host, namespace, wait, store, as_json)
        parameters = {"start": f"{first}", "end": f"{last}"} | given
        raise typer.Exit(there.run("backfill", f"{first:%Y-%m} to {last:%Y-%m}", parameters))
    deliveries(data)
    opened_store, config = opened(store, policy, portfolio)
    build(opened_store, config, data, first, last)
    console.print(f"{len(list(month_range(first, last)))} months in {store or 'the store'}")


def build(store: Store, config: str, data: str, first: date, last: date, then: str = "") -> None:
    """Bronze, silver and gold of a range, with a count of the tables that are being written."""
    from creditrisk.stages.etl.month import build_range
    from creditrisk.stages.task import task
    from pipelines.local.interrupt import freed_on_interrupt

    run_id = f"backfill-{first}-{last}"
    now = f"backfill {first:%Y-%m} to {last:%Y-%m}"
    with (
        waiting(f"{now}: starting", then) as line,
        freed_on_interrupt(store, run_id),
        task("backfill", f"{last}", config, run_id) as period,
    ):
        tables = _tables(period.portfolio)
        written = count(1)

        def on_table(_: str) -> None:
            line.at(f"{now}: {next(written)} of {tables} tables", then)

        build_range(period, data, first, last, on_table)


def _tables(portfolio: "Portfolio") -> int:
    """How many tables the ETL writes of every month."""
    from creditrisk import contracts

    built = [
        one
        for one in contracts.all_contracts(portfolio)
        if one.layer in ("bronze", "silver", "gold")
    ]
    return len(built) - built.count(contracts.CHAMPION_LABELS)
