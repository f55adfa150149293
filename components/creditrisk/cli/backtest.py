"""Months as they would have gone, on delivered files: `backtest`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.calendar_month import add_months
from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, opened, progress, span, styled
from creditrisk.cli.places import deliveries, store_there
from creditrisk.cli.progress_line import waiting
from creditrisk.errors import GateError, UserError, printable
from creditrisk.records.run import RunRecord
from creditrisk.storage import Store

if TYPE_CHECKING:
    from creditrisk.reports.month_summary import MonthSummary

Stopped = Mapping[date, RunRecord]  # by month, the task that failed or was blocked


@app.command()
def backtest(
    data: options.Data = "",
    start: options.From = "",
    end: options.To = "",
    store: options.Store = "",
    policy: options.Policy = None,
    portfolio: options.Portfolio = None,
    beside: Annotated[
        str, typer.Option("--beside", help="Another store, whose decisions stand beside.")
    ] = "",
    supersede: Annotated[str, typer.Option(help="Why decided months are decided again.")] = "",
    as_json: options.Json = False,
) -> None:
    """Replay past months in one process and one Spark session.

    Exit code 1 when a month failed, 3 when the worst was a month that a gate blocked.
    """
    if not (data and start and end):
        raise UserError("a backtest needs --data, --from and --to")
    first, last = span(start, end)
    other = store_there(beside) if beside else None
    deliveries(data)
    opened_store, config = opened(store, policy, portfolio)
    stopped = replay_months(opened_store, data, config, first, last, supersede)
    summaries = _summaries(opened_store, first, last)
    if as_json:
        answer(summaries)
    else:
        from creditrisk.cli.tables import month_table, side_by_side

        console.print(month_table(summaries, f"{first:%Y-%m} to {last:%Y-%m}", console.width))
        if other:
            console.print(
                side_by_side(_summaries(other, first, last), summaries, (other.uri, store))
            )
        for line in _waiting(summaries):
            console.print(line, soft_wrap=True)
        console.print(_counted(summaries, stopped))
    if stopped:
        raise typer.Exit(_report(stopped))


def _waiting(summaries: "Sequence[MonthSummary]") -> Iterator[str]:
    for summary in summaries:
        if summary.decision == "wait":
            yield f"{summary.as_of:%Y-%m} waits: {'; '.join(summary.reasons) or 'no reason given'}"


def _counted(summaries: "Sequence[MonthSummary]", stopped: Stopped) -> str:
    acted = sum(summary.outcome in ("promoted", "pending") for summary in summaries)
    refused = sum(summary.outcome == "refused" for summary in summaries)
    waited = sum(summary.decision == "wait" for summary in summaries)
    text = f"{len(summaries)} months, {acted} acted, {waited} waited"
    more = {"refused a challenger": refused, "did not end": len(stopped)}
    return ", ".join([text, *(f"{count} {what}" for what, count in more.items() if count)])


def _report(stopped: Stopped) -> int:
    """One line on the months that did not end; the exit code to leave with."""
    named = ", ".join(f"{month:%Y-%m} ({one.task} {one.status})" for month, one in stopped.items())
    typer.echo(printable(f"creditrisk: months that did not end: {named}"), err=True)
    return 1 if any(one.status == "failed" for one in stopped.values()) else GateError.exit_code


def replay_months(
    store: Store,
    data: str,
    config: str,
    first: date,
    last: date,
    supersede: str = "",
    then: str = "the table",
) -> Stopped:
    """Months in this process, with a line each; what stopped those that did not end."""
    from pipelines.local.in_process import replay

    before, stopped = monotonic(), dict[date, RunRecord]()

    def on_month(month: date, records: list[RunRecord]) -> None:
        nonlocal before
        seconds, before = monotonic() - before, monotonic()
        failed = next((r for r in records if r.status != "ok"), None)
        end = styled(f"{failed.task}: {failed.error}", "red") if failed else styled("done", "green")
        progress.print(f"{month:%Y-%m} {seconds:6.1f} s ", end)
        if failed:
            stopped[month] = failed
        line.on(*_now(add_months(month, 1), last, then))

    with waiting(*_now(first, last, then)) as line:
        replay(store, data, config, first, last, on_month, supersede)
    return stopped


def _now(month: date, last: date, then: str) -> tuple[str, str]:
    """The month that this process runs, and what comes next."""
    if month > last:
        return then, ""
    after = add_months(month, 1)
    return f"{month:%Y-%m} in this process", f"{after:%Y-%m}" if after <= last else then


def _summaries(store: Store, first: date, last: date) -> "Sequence[MonthSummary]":
    from creditrisk.reports.month_summary import months

    return [summary for summary in months(store, upto=last, last=600) if summary.as_of >= first]
