"""`creditrisk demo`: two years of a model's life in minutes, on simulated data."""

import shlex
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.calendar_month import add_months
from creditrisk.cli import options
from creditrisk.cli.app import app, console, opened, progress
from creditrisk.cli.backfill import build
from creditrisk.cli.backtest import replay_months
from creditrisk.cli.places import folder_to_fill
from creditrisk.cli.progress_line import waiting
from creditrisk.cli.run import report_failure, run_month
from creditrisk.records import layout
from creditrisk.storage import Store
from creditrisk.storage.location import local_path
from creditrisk.synthetic.stored_run import SEED, unpack

if TYPE_CHECKING:
    from creditrisk.reports.month_summary import MonthSummary

START = date(2024, 1, 1)
BACKFILLED, LAST = 13, 22  # months 1 to 13 are history; the story runs from 14 to 22
UNDER_KFP = (14, 20)  # the first model and the next: every task; the rest in one process


class Story(StrEnum):
    """What the simulated portfolio goes through."""

    PROMOTED = "promoted"
    REFUSED = "refused"


@app.command()
def demo(
    scenario: Annotated[Story, typer.Option(help="How the challenger fares.")] = Story.PROMOTED,
    folder: Annotated[
        Path, typer.Option(parser=options.path_here, metavar="DIR", help="Emptied first.")
    ] = Path("build/demo"),
    seed: Annotated[int, typer.Option(help="Of the simulated portfolio.")] = 1,
) -> None:
    """Simulate a lender whose new channel breaks the model.

    The model is replaced before your eyes: 22 months, without a cluster.
    """
    place = folder_to_fill(folder / scenario)
    shutil.rmtree(place, ignore_errors=True)
    stored = _stored(place / "stored") if (scenario, seed) == (Story.PROMOTED, SEED) else ()
    landing = place / "landing"
    _deliver(scenario, landing, seed)
    store, config = opened((place / "store").absolute().as_uri(), demo_policy(), None)
    _backfill(store, config, landing)
    for number in range(BACKFILLED + 1, LAST + 1):
        _run_month(store, config, landing, number)
    _show(store, place, stored)


def demo_policy() -> Path:
    """Outcomes that mature in three months, so that the story fits in twenty-two."""
    return Path(str(resources.files("creditrisk").joinpath("synthetic/demo_policy.yaml")))


def _stored(place: Path) -> "Sequence[MonthSummary]":
    """Show the run that came with the package: what the next minutes are about."""
    from creditrisk.cli.tables import month_table
    from creditrisk.reports.month_summary import months

    store = unpack(place)
    summaries = months(store)
    console.print(month_table(summaries, "Stored: this demo as it was run before", console.width))
    for line in (
        "This run came with the package and was not made here. To look at it:",
        f"  {_command()} dashboard --store {_path(store)}",
        "Now the same months are run on this machine; it takes a few minutes.",
        "",
    ):
        console.print(line, soft_wrap=True)
    return summaries


def _deliver(scenario: Story, landing: Path, seed: int) -> None:
    from creditrisk.synthetic.delivery import deliver
    from creditrisk.synthetic.scenario import demo_scenario, refused_scenario

    summary = demo_scenario() if scenario == Story.PROMOTED else refused_scenario()
    with waiting(f"simulating {LAST} monthly deliveries", "their backfill"):
        deliver(summary, START, LAST, seed, landing)
    progress.print(f"{LAST} monthly deliveries in {landing}")


def _backfill(store: Store, config: str, landing: Path) -> None:
    """The tables of all months, as one: Spark starts once, and no month looks past itself."""
    end, first = add_months(START, LAST - 1), add_months(START, BACKFILLED)
    build(store, config, f"{landing}", START, end, f"{first:%Y-%m}")
    progress.print(f"months 1 to {LAST} in the lake")


def _run_month(store: Store, config: str, landing: Path, number: int) -> None:
    month = add_months(START, number - 1)
    if number not in UNDER_KFP:
        after = f"{add_months(month, 1):%Y-%m}" if number < LAST else "the table"
        replay_months(store, str(landing), config, month, month, then=after)
        return
    done = run_month(store, str(landing), config, month)
    if done.failure:
        raise typer.Exit(report_failure(done))


def _show(store: Store, place: Path, stored: "Sequence[MonthSummary]") -> None:
    from creditrisk.cli.tables import month_table
    from creditrisk.reports.gate_title import gate_title
    from creditrisk.reports.month_summary import months

    summaries = months(store)
    page = place / "page.html"
    page.write_bytes(store.read(layout.month(summaries[-1].as_of, "report.html")))
    console.print(month_table(summaries, "What happened", console.width))
    for summary in summaries:
        if summary.challenge and summary.challenge.failed:
            gates = "; ".join(
                f"{gate_title(gate.gate)}: {gate.reason}" for gate in summary.challenge.failed
            )
            console.print(f"{summary.as_of:%Y-%m} challenger refused. {gates}")
    console.print(f"page: {page}", soft_wrap=True)
    if stored:
        same = sum(
            one.decision == other.decision for one, other in zip(summaries, stored, strict=False)
        )
        console.print(f"{same} of {len(stored)} months decided as in the stored run")
    for line in next_steps(store):
        console.print(line, soft_wrap=True)


def next_steps(store: Store) -> tuple[str, ...]:
    """Three commands, as this one was called."""
    return (
        "",
        "Next",
        f"  {_command()} dashboard --store {_path(store)}",
        f"  {_command()} status --store {_path(store)}",
        f"  {_command()} init DIR --portfolio mine.yaml   # DIR: files of your own",
    )


def _command() -> str:
    """How this command was called."""
    called = Path(sys.argv[0])
    return _near(called) if called.is_file() else "creditrisk"


def _path(store: Store) -> str:
    return shlex.quote(_near(local_path(store.uri)))


def _near(path: Path) -> str:
    """As it is written from here, where that is shorter."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
