"""What people look at in a terminal."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from creditrisk.reporting.story import AXES, MonthStory

STATE_STYLES = {
    "green": "green",
    "amber": "yellow",
    "red": "red",
    "critical": "bold white on red",
    "insufficient": "dim",
    "none": "dim",
}


def month_table(stories: Sequence[MonthStory], title: str) -> Table:
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
    outages = any(story.outages for story in stories)
    for heading in (*headings, "source down") if outages else headings:
        table.add_column(heading, no_wrap=True)
    for story in stories:
        table.add_row(
            f"{story.as_of:%Y-%m}",
            *(_light(story.states[axis]) for axis in AXES),
            Text(story.decision, style="bold"),
            story.outcome,
            after(story),
            " ".join(f"{auc:.3f}" for auc in story.challenge.aucs) if story.challenge else "",
            how_run(story),
            *([", ".join(story.outages)] if outages else []),
        )
    return table


def after(story: MonthStory) -> str:
    """The champion a month ended with."""
    if story.challenge and story.outcome == "promoted":
        return story.challenge.version
    return story.champion


def how_run(story: MonthStory) -> str:
    """kfp.local or one process, as the run's id tells."""
    kind = str(story.run.get("run_id", "")).split("-", maxsplit=1)[0]
    return {"local": "kfp.local", "replay": "backtest"}.get(kind, kind)


def _light(state: str) -> Text:
    return Text("" if state == "none" else state, style=STATE_STYLES[state])
