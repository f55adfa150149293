"""Tables of many months at once: `backfill`."""

import typer

from creditrisk.calendar import month_range
from creditrisk.cli.app import (
    Data,
    From,
    Json,
    PolicyOption,
    PortfolioOption,
    StoreOption,
    To,
    app,
    console,
    opened,
    span,
)
from creditrisk.cli.places import deliveries
from creditrisk.cli.remote import (
    Host,
    Namespace,
    On,
    Remote,
    VersionOption,
    Wait,
    frozen,
)


@app.command()
def backfill(
    start: From,
    end: To,
    data: Data = "",
    store: StoreOption = "",
    policy: PolicyOption = None,
    portfolio: PortfolioOption = None,
    remote: Remote = False,
    version: VersionOption = "",
    wait: Wait = True,
    host: Host = "",
    namespace: Namespace = "",
    as_json: Json = False,
) -> None:
    """Build bronze, silver and gold of a range of months.

    A committed month whose inputs are unchanged is skipped.
    """
    from creditrisk.stages.etl.month import build_range
    from creditrisk.stages.task import task

    first, last = span(start, end)
    if remote:
        given = {"landing": data, "config": frozen(store, policy, portfolio)}
        there = On(version, host, namespace, wait, store, as_json)
        parameters = {"start": f"{first}", "end": f"{last}"} | given
        raise typer.Exit(there.run("backfill", f"{first:%Y-%m} to {last:%Y-%m}", parameters))
    data = deliveries(data)
    _, config = opened(store, policy, portfolio)
    with task("backfill", f"{last}", config, f"backfill-{first}-{last}") as period:
        build_range(period, data, first, last)
    console.print(f"{len(list(month_range(first, last)))} months in {store or 'the store'}")
