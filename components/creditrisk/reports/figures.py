"""What every figure has in common: one canvas, one accent, states that colour is not needed for."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import get_args

import pandas as pd
import plotly.graph_objects as go

from creditrisk.contracts import FindingState

INK, SOFT, GRID, ACCENT, PALE = "#1f2933", "#52606d", "#e9ecef", "#2159a8", "#b9cbe6"
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
STATES = get_args(FindingState)
STATE_COLOURS = {
    "green": "#2e7d55",
    "amber": "#e5a823",
    "red": "#c8423c",
    "critical": "#7a1738",
    "insufficient": "#9aa5b1",
    "none": "#e4e7eb",
}
STATE_LETTERS = {
    "green": "G",
    "amber": "A",
    "red": "R",
    "critical": "C",
    "insufficient": "?",
    "none": "-",
}
_MARKERS = {
    "green": "circle",
    "amber": "triangle-up",
    "red": "square",
    "critical": "diamond",
    "insufficient": "x-thin-open",
    "none": "circle",
}
Limit = tuple[float, str]  # where a state begins, and which
BAR = 20 * 86_400_000.0  # ms, of a month; Plotly takes a month alone for an instant


def canvas(height: int = 280, left: int = 56) -> go.Figure:
    """An empty figure in the house's style."""
    axis = {"gridcolor": GRID, "linecolor": "#cbd2d9", "zeroline": False, "automargin": True}
    ticks = {"showgrid": False, "ticks": "outside", "tickcolor": "#cbd2d9", "ticklen": 4}
    return go.Figure(
        layout={
            "template": "none",
            "font": {"family": FONT, "color": INK, "size": 12},
            "margin": {"l": left, "r": 20, "t": 12, "b": 40},
            "height": height,
            "showlegend": False,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "dragmode": False,
            "xaxis": axis | ticks,
            "yaxis": axis | {"showline": False, "nticks": 6, "ticks": ""},
        }
    )


def calendar(figure: go.Figure, months: Sequence[date]) -> go.Figure:
    """Months below, the year once; every figure over months shows the same ones."""
    count = len(months)
    every = next(step for step in (1, 2, 3, 6, 12, 24) if count <= 12 * step or step == 24)
    figure.update_xaxes(type="date", tickformat="%b\n%Y", dtick=f"M{every}")
    if months:
        before, after = pd.Timestamp(months[0]), pd.Timestamp(months[-1])
        margin = pd.Timedelta(days=16)
        figure.update_xaxes(range=[before - margin, after + margin], tick0=f"{months[0]}")
    return figure


def line_by_month(
    points: pd.DataFrame,
    months: Sequence[date],
    limits: Iterable[Limit] = (),
    promotions: Iterable[date] = (),
    form: str = ".3f",
) -> go.Figure:
    """A metric and its 95 % interval; markers by state, limits dotted, promotions dashed.

    `points`: rows of the findings table, one per month.
    """
    figure = canvas()
    _interval(figure, points)
    figure.add_scatter(
        x=list(points.month),
        y=list(points.value),
        mode="lines+markers",
        line={"color": ACCENT, "width": 2},
        marker={
            "size": 8,
            "symbol": [_MARKERS[state] for state in points.state],
            "color": [ACCENT if s == "none" else STATE_COLOURS[s] for s in points.state],
            "opacity": 1,
            "line": {"color": "white", "width": 1},
        },
        cliponaxis=False,
        text=[f"{state}<br>" if state != "none" else "" for state in points.state],
        hovertemplate=f"%{{x|%B %Y}}: <b>%{{y:{form}}}</b><br>%{{text}}<extra></extra>",
    )
    _limits(figure, list(limits))
    for month in promotions:
        figure.add_vline(x=f"{month}", line={"color": SOFT, "dash": "dash", "width": 1})
    # not ~g, to which the zero of an axis is -8.88178e-17
    figure.update_yaxes(tickformat=".2~%" if form.endswith("%") else ".6~f")
    return calendar(figure, months)


def heat_map(
    values: pd.DataFrame,
    letters: pd.DataFrame,
    scale: Sequence[tuple[float, str]],
    top: float,
    row_height: int = 18,
) -> go.Figure:
    """Rows of `values` by month (its columns); the first row on top. `scale`: share of `top`.

    `letters`: what stands in the cells, of the same rows and columns.
    """
    figure = canvas(height=90 + row_height * max(3, len(values)), left=10)
    figure.add_heatmap(
        z=values.to_numpy(),
        x=[f"{month}" for month in values.columns],
        y=list(values.index),
        zmin=0,
        zmax=top,
        colorscale=[[share, colour] for share, colour in scale],
        text=letters.to_numpy(),
        texttemplate="%{text}",
        textfont={"size": 10},
        xgap=1,
        ygap=1,
        colorbar={"thickness": 10, "outlinewidth": 0, "len": 1.0, "tickfont": {"size": 11}},
        hovertemplate="%{y}, %{x|%B %Y}: <b>%{z:.3f}</b><extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, nticks=None, tickmode="linear")
    figure.update_xaxes(showline=False)
    return figure


def _limits(figure: go.Figure, limits: Sequence[Limit]) -> None:
    """Dotted lines that say which state begins there, each on the side away from the others."""
    middle = sum(value for value, _ in limits) / max(1, len(limits))
    for value, state in limits:
        figure.add_hline(
            y=value,
            line={"color": STATE_COLOURS[state], "dash": "dot", "width": 1.5},
            annotation_text=f"{state} {value:g}",
            annotation_position="top right" if value >= middle else "bottom right",
            annotation_font={"size": 11, "color": SOFT},
        )


def _interval(figure: go.Figure, points: pd.DataFrame) -> None:
    known = points[points.lower.notna() & points.upper.notna()]
    if known.empty:
        return
    figure.add_scatter(
        x=[*known.month, *known.month[::-1]],
        y=[*known.upper, *known.lower[::-1]],
        mode="lines",
        fill="toself",
        fillcolor="rgba(33,89,168,0.13)",
        line={"width": 0},
        hoverinfo="skip",
    )
