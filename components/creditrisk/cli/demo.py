"""`creditrisk demo`: two years of a model's life in minutes, on simulated data."""

import os
import shutil
import sys
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from creditrisk.calendar import add_months
from creditrisk.cli.app import app, console, opened, path_here, progress
from creditrisk.cli.backfill import build
from creditrisk.cli.backtest import replay_months
from creditrisk.cli.places import folder_to_fill
from creditrisk.cli.run import report_failure, run_month
from creditrisk.cli.waiting import waiting
from creditrisk.records import layout
from creditrisk.storage import Store

START = date(2024, 1, 1)
BACKFILLED, LAST = 13, 22  # months 1 to 13 are history; the story runs from 14 to 22
UNDER_KFP = (14, 17, 20, 22)  # the rest in one process: the table says which


class Story(StrEnum):
    """What the simulated portfolio goes through."""

    PROMOTED = "promoted"
    REFUSED = "refused"


@app.command()
def demo(
    scenario: Annotated[Story, typer.Option(help="How the challenger fares.")] = Story.PROMOTED,
    folder: Annotated[
        Path, typer.Option(parser=path_here, metavar="DIR", help="Emptied first.")
    ] = Path("build/demo"),
    seed: Annotated[int, typer.Option(help="Of the simulated portfolio.")] = 1,
) -> None:
    """Simulate a lender whose new channel breaks the model.

    The model is replaced before your eyes: 22 months, without a cluster.
    """
    place = folder_to_fill(folder / scenario)
    shutil.rmtree(place, ignore_errors=True)
    landing = place / "landing"
    _deliver(scenario, landing, seed)
    store, config = opened((place / "store").absolute().as_uri(), demo_policy(), None)
    _backfill(store, config, landing)
    for number in range(BACKFILLED + 1, LAST + 1):
        _run_month(store, config, landing, number)
    _show(store, place)


def demo_policy() -> Path:
    """Outcomes that mature in three months, so that the story fits in twenty-two."""
    return Path(str(resources.files("creditrisk").joinpath("synthetic/demo_policy.yaml")))


def _deliver(scenario: Story, landing: Path, seed: int) -> None:
    from creditrisk.synthetic.delivery import deliver
    from creditrisk.synthetic.demo_scenarios import demo_scenario, refused_scenario

    summary = demo_scenario() if scenario == Story.PROMOTED else refused_scenario()
    with waiting(f"simulating {LAST} monthly deliveries", "their backfill"):
        deliver(summary, START, LAST, seed, landing)
    progress.print(f"{LAST} monthly deliveries in {landing}")


def _backfill(store: Store, config: str, landing: Path) -> None:
    end = add_months(START, BACKFILLED - 1)
    build(store, config, f"{landing}", START, end, f"{add_months(end, 1):%Y-%m} under kfp.local")
    progress.print(f"months 1 to {BACKFILLED} in the lake")


def _run_month(store: Store, config: str, landing: Path, number: int) -> None:
    month = add_months(START, number - 1)
    if number not in UNDER_KFP:
        replay_months(store, str(landing), config, month, month)
        return
    done = run_month(store, str(landing), config, month)
    if done.failure:
        raise typer.Exit(report_failure(done))


def _show(store: Store, place: Path) -> None:
    from creditrisk.cli.tables import month_table
    from creditrisk.reports.month_summary import months

    summaries = months(store)
    page = place / "page.html"
    page.write_bytes(store.read(layout.month(summaries[-1].as_of, "report.html")))
    console.print(month_table(summaries, "What happened", console.width))
    for summary in summaries:
        if summary.challenge and summary.challenge.failed:
            gates = "; ".join(f"{gate.gate}: {gate.reason}" for gate in summary.challenge.failed)
            console.print(f"{summary.as_of:%Y-%m} challenger refused. {gates}")
    console.print(f"page: {page}", soft_wrap=True)
    for line in _next_steps(store):
        console.print(line, soft_wrap=True)


def _next_steps(store: Store) -> tuple[str, ...]:
    """Three commands, as this one was called."""
    command = os.path.relpath(sys.argv[0]) if Path(sys.argv[0]).is_file() else "creditrisk"
    place = os.path.relpath(store.uri.removeprefix("file://"))
    return (
        "",
        "Next",
        f"  {command} dashboard --store {place}   # the same as pages",
        f"  {command} status --store {place}",
        f"  {command} init DIR --portfolio mine.yaml   # DIR: your own files",
    )
