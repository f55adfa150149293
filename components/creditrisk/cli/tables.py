"""What people look at in a terminal."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from creditrisk.cli.app import styled
from creditrisk.cli.headed_table import headed_table
from creditrisk.records.decision import AXES
from creditrisk.records.version_files import brief
from creditrisk.reports.month_summary import MonthSummary

if TYPE_CHECKING:
    from pipelines.characteristics import Characteristic

_WITHOUT_HASH = re.compile(r"-[0-9a-f]{8}([0-9a-f]{24})?$")
STATE_STYLES = {
    "green": "green",
    "amber": "yellow",
    "red": "red",
    "critical": "bold white on red",
    "insufficient": "dim",
    "none": "dim",
}


WIDE = 136  # columns that the whole table takes


def month_table(summaries: Sequence[MonthSummary], title: str, width: int = WIDE) -> RenderableType:
    """One row per month, as far as a terminal has room for it."""
    if width >= WIDE:
        return _whole(summaries, title)
    return Group(_narrow(summaries, title), *map(styled, _beside(summaries)))


def _narrow(summaries: Sequence[MonthSummary], title: str) -> Table:
    """Each axis under what it is measured by; a version without its hash."""
    headings = ("month", "AUC", "PSI", "O/E", "decision", "challenger", "champion")
    table = headed_table(*headings, title=title)
    for summary in summaries:
        table.add_row(
            f"{summary.as_of:%Y-%m}",
            *(_light(summary.states[axis]) for axis in AXES),
            styled(summary.decision, "bold"),
            summary.outcome,
            _WITHOUT_HASH.sub("", summary.after),
        )
    return table


def _beside(summaries: Sequence[MonthSummary]) -> Iterator[str]:
    """What the narrow table has no column for."""
    yield " AUC: discrimination, PSI: stability, O/E: calibration"
    for summary in summaries:
        if summary.challenge and summary.challenge.aucs:
            aucs = " ".join(f"{auc:.3f}" for auc in summary.challenge.aucs)
            yield f" {summary.as_of:%Y-%m}  AUC on the challenger's windows: {aucs}"
        if summary.outages:
            yield f" {summary.as_of:%Y-%m}  source down: {', '.join(summary.outages)}"
    for how in dict.fromkeys(map(how_run, summaries)):
        months = (f"{summary.as_of:%Y-%m}" for summary in summaries if how_run(summary) == how)
        yield f" run by {how}: {', '.join(months)}" if how else ""


def _whole(summaries: Sequence[MonthSummary], title: str) -> Table:
    """Three states, decision, champion, AUC per OOT window, how it was run."""
    headings = [
        "month",
        *AXES,
        "decision",
        "challenger",
        "champion",
        "AUC per OOT window",
        "run by",
    ]
    outages = any(summary.outages for summary in summaries)
    headings += ["source down"] if outages else []
    table = headed_table(*headings, title=title)
    for summary in summaries:
        table.add_row(
            f"{summary.as_of:%Y-%m}",
            *(_light(summary.states[axis]) for axis in AXES),
            styled(summary.decision, "bold"),
            summary.outcome,
            brief(summary.after),
            " ".join(f"{auc:.3f}" for auc in summary.challenge.aucs) if summary.challenge else "",
            how_run(summary),
            *([", ".join(summary.outages)] if outages else []),
        )
    return table


def side_by_side(
    ours: Sequence[MonthSummary], theirs: Sequence[MonthSummary], names: tuple[str, str]
) -> Table:
    """What was decided under two policies, month by month; months that differ are marked."""
    table = headed_table("month", *(name or "this run" for name in names), "")
    found = {summary.as_of: summary for summary in ours}
    for other in theirs:
        own = found.get(other.as_of)
        decided = [_why(summary) if summary else "" for summary in (own, other)]
        differs = own is not None and own.decision != other.decision
        table.add_row(f"{other.as_of:%Y-%m}", *decided, "differs" if differs else "")
    return table


def _why(summary: MonthSummary) -> str:
    return (
        f"{summary.decision} ({', '.join(summary.triggers)})"
        if summary.triggers
        else summary.decision
    )


def characteristics_table(found: "Sequence[Characteristic]") -> Table:
    """How often and how soon the policy acts, scenario by scenario."""
    shares = ("a month", "in 3", "in 6", "in 12", "O/E refuses")
    left = ("scenario", "book", "cohorts known", "judged by")
    table = headed_table(*left, *shares, right=shares)
    before = ""
    for row in found:
        if before and row.scenario != before:
            table.add_section()
        table.add_row(
            "" if row.scenario == before else row.scenario,
            row.portfolio,
            str(row.known),
            row.judge,
            f"{row.a_month:.2%}",
            *(f"{share:.0%}" for share in row.within.values()),
            f"{row.refused:.1%}",
        )
        before = row.scenario
    return table


def how_run(summary: MonthSummary) -> str:
    """kfp.local or one process, as the run's id shows."""
    kind = summary.run.run_id.partition("-")[0] if summary.run else ""
    return {"local": "kfp.local", "replay": "backtest"}.get(kind, kind)


def _light(state: str) -> Text:
    return styled("" if state == "none" else state, STATE_STYLES[state])
