"""Months as they would have gone: `backtest`, on delivered files or on simulated worlds."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic_core import to_jsonable_python

from creditrisk.cli.app import (
    From,
    Json,
    PolicyOption,
    PortfolioOption,
    StoreOption,
    To,
    app,
    console,
    opened,
    progress,
    sound_policy,
    span,
    styled,
)
from creditrisk.errors import UserError
from creditrisk.policy import Policy
from creditrisk.records.format import open_store
from creditrisk.records.run import RunRecord
from creditrisk.storage import Store

if TYPE_CHECKING:
    from creditrisk.reports.month_summary import MonthSummary


@app.command()
def backtest(
    data: Annotated[str, typer.Option("--data", help="Folder of delivered files.")] = "",
    start: From = "",
    end: To = "",
    store: StoreOption = "",
    policy: PolicyOption = None,
    portfolio: PortfolioOption = None,
    beside: Annotated[
        str, typer.Option("--beside", help="Another store, whose decisions stand beside.")
    ] = "",
    monte_carlo: Annotated[
        bool, typer.Option("--monte-carlo", help="Simulated worlds instead of files.")
    ] = False,
    simulations: Annotated[int, typer.Option(min=1, help="Simulated lives of each world.")] = 400,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 1,
    as_json: Json = False,
) -> None:
    """Live a range of months in one process and one Spark session, as they would have gone."""
    if monte_carlo:
        simulate(sound_policy(policy), simulations, seed, as_json)
        return
    if not (data and start and end):
        raise UserError("a backtest needs --data, --from and --to, or --monte-carlo")
    first, last = span(start, end)
    opened_store, config = opened(store, policy, portfolio)
    other = open_store(beside) if beside else None
    replay_months(opened_store, data, config, first, last)
    summaries = _summaries(opened_store, first, last)
    if as_json:
        typer.echo(json.dumps(to_jsonable_python(summaries)))
        return
    from creditrisk.cli.tables import month_table, side_by_side

    console.print(month_table(summaries, f"{first:%Y-%m} to {last:%Y-%m}"))
    if other:
        console.print(side_by_side(_summaries(other, first, last), summaries, (other.uri, store)))
    acted = sum(summary.action != "none" for summary in summaries)
    waited = sum(summary.decision == "wait" for summary in summaries)
    console.print(f"{len(summaries)} months, {acted} acted, {waited} waited")


def replay_months(store: Store, data: str, config: str, first: date, last: date) -> None:
    """Months in this process, with a line each."""
    from pipelines.local.in_process import replay

    before = monotonic()

    def on_month(month: date, records: list[RunRecord]) -> None:
        nonlocal before
        seconds, before = monotonic() - before, monotonic()
        failed = next((r for r in records if r.status != "ok"), None)
        end = styled(f"{failed.task}: {failed.error}", "red") if failed else styled("done", "green")
        progress.print(f"{month:%Y-%m} {seconds:6.1f} s ", end)

    replay(store, data, config, first, last, on_month)


def simulate(policy: Policy, simulations: int, seed: int, as_json: bool) -> None:
    """How often, and how soon, the policy and its parts act in worlds that are known."""
    from rich.progress import track

    from creditrisk.cli.tables import characteristics_table
    from pipelines.scenarios import PORTFOLIOS, SCENARIOS
    from pipelines.simulation import characteristics, variants

    count = len(SCENARIOS) * len(PORTFOLIOS) * len(variants(policy.rule))
    found = list(
        track(
            characteristics(policy, SCENARIOS, PORTFOLIOS, simulations, seed),
            "lives", total=count, console=progress,
        )
    )  # fmt: skip
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found]))
        return
    console.print(characteristics_table(found))


def _summaries(store: Store, first: date, last: date) -> "Sequence[MonthSummary]":
    from creditrisk.reports.month_summary import months

    return [summary for summary in months(store, upto=last, last=600) if summary.as_of >= first]
