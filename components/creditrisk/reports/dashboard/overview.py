"""Is the model healthy, why, and what was decided?"""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from creditrisk.records.decision import AXES, Outcome
from creditrisk.records.identity import signed
from creditrisk.records.version_files import brief
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import (
    Badge,
    Cell,
    Chart,
    MonthLink,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.key_figures import key_figures
from creditrisk.reports.dashboard.month import month
from creditrisk.reports.dashboard.reading import Reading

_LANES = (
    "keep", "watch", "recalibrate", "retrain", "contain", "escalate", "wait", "blocked", "failed"
)  # fmt: skip
_MARGIN = 15  # days that the figure shows of the last month: a name beyond would be cut off
_DARK = ("green", "red", "critical")  # white letters stand out on them
_OUTCOMES: dict[Outcome, str] = {
    "": "circle",
    "insufficient": "circle-x",
    "refused": "x",
    "passed": "circle-open",
    "pending": "circle-open-dot",
    "promoted": "star",
}


def overview(reading: Reading) -> Page:
    """The newest month, and how it came to this."""
    page = month(reading, reading.newest)
    months = Section("Month by month", [_history(reading)], printed=False)
    champions = Section("Champions", [_champions(reading)], printed=False)
    top = 2 + len(key_figures(reading, reading.newest))  # lights, what happens next
    sections = [*page.sections[:top], months, *page.sections[top:], champions]
    return replace(page, name="overview", sections=sections)


def _history(reading: Reading) -> Chart:
    summaries = reading.summaries
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, row_heights=[0.38, 0.42, 0.2], vertical_spacing=0.04
    )
    figure.update_layout(figures.canvas(430, left=10).layout)
    figure.update_xaxes(showgrid=False, zeroline=False, linecolor="#cbd2d9")
    figure.update_yaxes(gridcolor=figures.GRID, zeroline=False, showline=False, ticks="")
    size = max(9.0, min(22.0, 560 / len(summaries)))
    for row, axis in enumerate(reversed(AXES)):
        _lamps(figure, reading, axis, row, size)
    _decisions(figure, reading)
    _bars(figure, reading)
    months = reading.months
    figures.calendar(figure, months)
    for row in (1, 2):
        figure.update_xaxes(row=row, ticks="", showline=False, showticklabels=False)
    figure.update_yaxes(side="right", automargin=True)
    return Chart(
        "history",
        "What was measured, what was decided, who was champion?",
        "Lights: G green, A amber, R red, C critical, ? not enough evidence. Decisions: a star is"
        " a challenger promoted, a cross one refused (in a circle: not enough evidence), a ring"
        " one that passed, with a dot if it waits for approval. Choose a month to open its page.",
        figure,
        _months_table(reading),
        wide=True,
        scrolls=True,
    )


def _lamps(figure: go.Figure, reading: Reading, axis: str, row: int, size: float) -> None:
    shown = [s for s in reading.summaries if s.states[axis] != "none"]
    states = [summary.states[axis] for summary in shown]
    figure.add_scatter(
        x=[summary.as_of for summary in shown],
        y=[row] * len(shown),
        mode="markers+text",
        marker={"size": size, "color": [figures.STATE_COLOURS[state] for state in states]},
        text=[figures.STATE_LETTERS[state] for state in states],
        textfont={
            "size": max(8, size * 0.5),
            "color": ["white" if s in _DARK else figures.INK for s in states],
        },
        customdata=states,
        hovertemplate=f"%{{x|%B %Y}}, {axis}: <b>%{{customdata}}</b><extra></extra>",
        row=1,
        col=1,
    )
    names = [name.capitalize() for name in reversed(AXES)]
    figure.update_yaxes(
        tickvals=[0, 1, 2], ticktext=names, range=[-0.7, 2.7], showgrid=False, row=1, col=1
    )


def _decisions(figure: go.Figure, reading: Reading) -> None:
    summaries = reading.summaries
    lanes = [lane for lane in _LANES if any(summary.decision == lane for summary in summaries)]
    lanes += sorted({s.decision for s in summaries} - set(lanes))
    figure.add_scatter(
        x=[summary.as_of for summary in summaries],
        y=[lanes.index(summary.decision) for summary in summaries],
        mode="lines+markers",
        line={"color": figures.PALE, "width": 1.5, "shape": "hvh"},
        marker={
            "size": [13 if summary.outcome else 8 for summary in summaries],
            "symbol": [_OUTCOMES[summary.outcome] for summary in summaries],
            "color": figures.ACCENT,
            "opacity": 1,
        },
        text=[f"{s.decision} {s.outcome}".strip() for s in summaries],
        hovertemplate="%{x|%B %Y}: <b>%{text}</b><extra></extra>",
        row=2,
        col=1,
    )
    ticks = list(range(len(lanes)))
    around = [-0.6, len(lanes) - 0.4]
    figure.update_yaxes(tickvals=ticks, ticktext=lanes, range=around, row=2, col=1)


def _bars(figure: go.Figure, reading: Reading) -> None:
    """A champion scores the months after the one that promoted it."""
    first, end = reading.months[0], reading.months[-1] + timedelta(days=_MARGIN)
    starts = [max(first, tenure.since) for tenure in reading.tenures]
    for n, (start, stop) in enumerate(pairwise([*starts, end])):
        if start >= stop:
            continue
        name = brief(reading.tenures[n].version)
        figure.add_bar(
            x=[(stop - start).days * 86_400_000],
            base=[f"{start}"],
            y=[0],
            orientation="h",
            width=0.62,
            text=[name],
            textposition="inside",
            insidetextanchor="start",
            textangle=0,
            textfont={"color": figures.INK, "size": 11},
            marker={"color": (figures.PALE, "#dbe5f3")[n % 2], "line": {"width": 0}},
            hovertemplate=f"{name}<br>since {start:%B %Y}<extra></extra>",
            row=3,
            col=1,
        )
    figure.update_layout(uniformtext={"minsize": 10, "mode": "hide"}, barmode="overlay")
    figure.update_yaxes(
        tickvals=[0], ticktext=["champion"], range=[-0.6, 0.6], showgrid=False, row=3, col=1
    )


def _months_table(reading: Reading) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            MonthLink(f"{summary.as_of:%Y-%m}", f"{summary.as_of}"),
            *(Badge(summary.states[axis]) for axis in AXES),
            summary.decision,
            summary.outcome,
            brief(summary.champion) or "none",
        )
        for summary in reversed(reading.summaries)
    ]
    columns = ("month", *AXES, "decision", "challenger", "model measured")
    return Table("Every month, the newest first", columns, rows)


def _champions(reading: Reading) -> Table:
    rows = [
        (
            brief(tenure.version),
            f"{tenure.since:%Y-%m}",
            "rollback" if tenure.rollback else "promotion",
            signed(tenure.by, tenure.identity),
            tenure.reason,
        )
        for tenure in reversed(reading.tenures)
    ]
    return Table(
        "Champions, the newest first", ("version", "since", "by way of", "by", "why"), rows
    )
