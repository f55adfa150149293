"""What people look at in a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from creditrisk.cli.app import styled
from creditrisk.records.decision import AXES
from creditrisk.reports.month_summary import MonthSummary, brief

if TYPE_CHECKING:
    from pipelines.characteristics import Characteristic

STATE_STYLES = {
    "green": "green",
    "amber": "yellow",
    "red": "red",
    "critical": "bold white on red",
    "insufficient": "dim",
    "none": "dim",
}


def month_table(summaries: Sequence[MonthSummary], title: str) -> Table:
    """One row per month: three states, decision, champion, AUC per OOT window, how it was run."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
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
    for heading in (*headings, "source down") if outages else headings:
        table.add_column(heading, no_wrap=True)
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
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("month", *(name or "this run" for name in names), ""):
        table.add_column(heading)
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
    """How often and how soon the policy acts, world by world."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    left = ("world", "book", "cohorts known", "judged by")
    for heading in (*left, "a month", "in 3", "in 6", "in 12", "O/E refuses"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in left else "right")
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
    """kfp.local or one process, as the run's id tells."""
    kind = summary.run.run_id.partition("-")[0] if summary.run else ""
    return {"local": "kfp.local", "replay": "backtest"}.get(kind, kind)


def _light(state: str) -> Text:
    return styled("" if state == "none" else state, STATE_STYLES[state])
