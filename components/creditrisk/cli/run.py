"""One month on this machine or on a cluster: `run`."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.calendar_month import parse_month
from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, opened, progress, styled
from creditrisk.cli.places import deliveries
from creditrisk.cli.progress_line import waiting
from creditrisk.cli.remote import On, frozen
from creditrisk.errors import printable
from creditrisk.records import layout
from creditrisk.records.run import RunRecord
from creditrisk.storage import Store
from creditrisk.storage.location import url_of

if TYPE_CHECKING:
    from pipelines.local.kfp import LocalRun  # kfp takes a second: only where a run is asked for

_TASKS = ("resolve_period", "etl", "score", "monitor", "decide")  # of every month, in order
_CHALLENGE = ("train", "validate", "refit", "promote", "rescore")  # of some


@app.command()
def run(
    as_of: options.AsOf,
    data: options.Data = "",
    store: options.Store = "",
    policy: options.Policy = None,
    portfolio: options.Portfolio = None,
    supersede: Annotated[str, typer.Option(help="Why a decided month is decided again.")] = "",
    remote: options.Remote = False,
    version: options.Version = "",
    wait: options.Wait = True,
    host: options.Host = "",
    namespace: options.Namespace = "",
    as_json: options.Json = False,
) -> None:
    """Run one month here under kfp.local, or --remote on a cluster.

    Both run the same pipeline.
    """
    from creditrisk.cli.tables import month_table
    from creditrisk.reports.month_summary import months

    month = parse_month(as_of)
    if remote:
        given = {"landing": data, "config": frozen(store, policy, portfolio)}
        there = On(version, host, namespace, wait, store, as_json)
        parameters = {"as_of": f"{month}", "supersede": supersede} | given
        raise typer.Exit(there.run("monthly-lifecycle", f"{month:%Y-%m}", parameters))
    deliveries(data)
    opened_store, config = opened(store, policy, portfolio)
    done = run_month(opened_store, data, config, month, supersede)
    summaries = months(opened_store, upto=month, last=1)
    if as_json:
        answer(done.records)
    elif summaries and summaries[-1].as_of == month:
        console.print(month_table(summaries, f"{month:%B %Y}", console.width))
        for reason in (*summaries[-1].reasons, *summaries[-1].unread):
            console.print(f"  {reason}")
        page = layout.month(month, "report.html")
        console.print(f"page: {opened_store.uri}/{page}", soft_wrap=True)
    if done.failure:
        raise typer.Exit(report_failure(done))


def run_month(store: Store, data: str, config: str, month: date, supersede: str = "") -> "LocalRun":
    """One month under kfp.local, with a line per finished task."""
    from pipelines.local.kfp import Listener, run_locally
    from pipelines.monthly import build

    progress.print(f"{month:%Y-%m} under kfp.local", style="bold")
    first = f"starting {_TASKS[0]}"
    arguments = {"as_of": f"{month}", "config": config, "supersede": supersede}
    landing = {"landing": url_of(data)}  # kfp looks for placeholders in what it is given
    with waiting(first, task_then(_TASKS[0])) as line:

        def ended(record: RunRecord) -> None:
            task_line(record)
            line.on(f"after {record.task}", task_then(record.task))

        def begun(task: str) -> None:
            line.on(task, task_then(task))

        return run_locally(build, store, arguments | landing, Listener(begun, ended))


def task_then(task: str) -> str:
    """What follows a task of a month, as far as that is known."""
    for order in (_TASKS, _CHALLENGE):
        if task in order[:-1]:
            return ", ".join(order[order.index(task) + 1 :])
    return "what it decides, report and pages" if task == _TASKS[-1] else "report and pages"


def task_line(record: RunRecord) -> None:
    """Say that a task ended."""
    word, style = {"ok": ("done", "green"), "blocked": ("blocked", "yellow")}.get(
        record.status, ("failed", "red")
    )
    spent = f"{record.seconds:6.1f} s  {record.peak_mb:5d} MB"
    progress.print(f"  {record.task:<15}", styled(word, style), spent)


def report_failure(done: "LocalRun") -> int:
    """One line on what failed; the exit code to leave with."""
    assert done.failure is not None  # noqa: S101 - the caller looked
    text = f"creditrisk: {done.failure.task}: {done.failure.error}"
    typer.echo(printable(text), err=True)
    return done.failure.exit_code
