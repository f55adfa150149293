"""What every figure has in common: one canvas, one accent, states that colour is not needed for."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import get_args

import pandas as pd
import plotly.graph_objects as go

from creditrisk.contracts import FindingState
from creditrisk.number_text import percent

INK, SOFT, GRID, ACCENT, PALE = "#1f2933", "#52606d", "#e9ecef", "#2159a8", "#b9cbe6"
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
# distinct on light and on dark, where ACCENT alone is turned lighter
SERIES = ("#8a94a0", "#2b8cbe", "#5b6fd8", "#b0549c")
AGEING = [[0, "#939daa"], [1, "#2b74d9"]]  # the oldest is grey, the newest blue
RISING = [[0, "#cfdcf0"], [1, "#2f66b0"]]  # the more, the bluer
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
VERDICT_FILLS = {  # a cell that is well is seen through, on light and dark
    "green": "rgba(46,125,85,0.18)",
    "amber": STATE_COLOURS["amber"],
    "red": STATE_COLOURS["red"],
    "critical": STATE_COLOURS["critical"],
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
_ROOM = 40  # characters of a name beside or below a figure
_FEW = 6  # months, each of which has room for its label
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


def cut(labels: Iterable[str]) -> dict[str, str]:
    """Names that a figure has no room for, and what it writes instead; the table has the whole."""
    return {label: f"{label[:_ROOM]}…" for label in labels if len(label) > _ROOM}


def calendar(figure: go.Figure, months: Sequence[date]) -> go.Figure:
    """Months below, the year once; every figure over months shows the same ones."""
    # as many labels as the figure is wide for; of a few months Plotly would show weeks
    every = {"dtick": "M1"} if len(months) <= _FEW else {}
    figure.update_xaxes(type="date", tickformat="%b\n%Y", tickangle=0, **every)
    if months:
        before, after = pd.Timestamp(months[0]), pd.Timestamp(months[-1])
        margin = pd.Timedelta(days=16)
        figure.update_xaxes(range=[before - margin, after + margin])
    return figure


def line_by_month(
    points: pd.DataFrame,
    months: Sequence[date],
    limits: Iterable[Limit] = (),
    promotions: Iterable[date] = (),
    form: str = ".3f",
) -> go.Figure:
    """A metric and its 95% interval; limits dotted, promotions dashed, the line broken there.

    `points`: rows of the findings table, one per month, with `champion`, `light` (the verdict of
    the axis: the marker; hollow where another number drove it) and `remark`.
    """
    figure = canvas()
    tenures = (points.champion != points.champion.shift()).cumsum()
    for _, tenure in points.groupby(tenures, sort=False):
        _interval(figure, tenure)
        _line(figure, tenure, form)
    _limits(figure, list(limits), percent if form.endswith("%") else "{:.3g}".format)
    for month in promotions:
        figure.add_vline(x=f"{month}", line={"color": SOFT, "dash": "dash", "width": 1})
    # not ~g, to which the zero of an axis is -8.88178e-17
    figure.update_yaxes(tickformat=".2~%" if form.endswith("%") else ".6~f")
    return calendar(figure, months)


def _line(figure: go.Figure, points: pd.DataFrame, form: str) -> None:
    drove = (points.light == points.state) | (points.light == "none")
    symbols = points.light.map(_MARKERS).where(drove, points.light.map(_MARKERS) + "-open")
    figure.add_scatter(
        x=list(points.month),
        y=list(points.value),
        mode="lines+markers",
        line={"color": ACCENT, "width": 2},
        marker={
            "size": [9 if symbol.startswith("circle") else 12 for symbol in symbols],
            "symbol": list(symbols),
            "color": [ACCENT if s == "none" else STATE_COLOURS[s] for s in points.light],
            "opacity": 1,
            # a triangle is smaller than its box, and amber is pale: ink bounds what is judged
            "line": {"color": [INK if s == "amber" else "white" for s in points.light], "width": 1},
        },
        cliponaxis=False,
        text=[
            "<br>".join(filter(None, (light if light != "none" else "", remark)))
            for light, remark in zip(points.light, points.remark, strict=True)
        ],
        hovertemplate=f"%{{x|%B %Y}}: <b>%{{y:{form}}}</b><br>%{{text}}<extra></extra>",
    )


def verdict_map(values: pd.DataFrame, states: pd.DataFrame) -> go.Figure:
    """Rows of `values` by month (its columns), the first on top; colour and letter: the verdict.

    `states`: of the same rows and columns, empty where nothing was compared.
    """
    figure = canvas(height=70 + 20 * max(3, len(values)), left=10)
    judged = list(VERDICT_FILLS)
    steps = [
        [(n + end) / len(judged), VERDICT_FILLS[state]]
        for n, state in enumerate(judged)
        for end in (0, 1)
    ]
    letters = states.map(lambda state: STATE_LETTERS[state] if state in judged[1:] else "")
    figure.add_heatmap(
        z=states.map(lambda state: judged.index(state) if state in judged else None).to_numpy(),
        x=[f"{month}" for month in values.columns],
        y=list(values.index),
        zmin=-0.5,
        zmax=len(judged) - 0.5,
        colorscale=steps,
        showscale=False,
        text=letters.to_numpy(),
        texttemplate="%{text}",
        textfont={"size": 11},
        customdata=values.to_numpy(),
        xgap=1,
        ygap=1,
        hoverongaps=False,
        hovertemplate="%{y}, %{x|%B %Y}: <b>%{customdata:.3f}</b><extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, nticks=None, tickmode="linear")
    figure.update_yaxes(labelalias=cut(values.index))
    figure.update_xaxes(showline=False)
    return figure


def _limits(figure: go.Figure, limits: Sequence[Limit], text: Callable[[float], str]) -> None:
    """Dotted lines that say beside the figure which state begins there."""
    if limits:
        figure.update_layout(margin={"r": 84})
    for value, state in limits:
        near = min(
            (v for v, _ in limits if v != value), key=lambda v: abs(v - value), default=value
        )
        figure.add_hline(
            y=value,
            line={"color": STATE_COLOURS[state], "dash": "dot", "width": 1.5},
            annotation_text=f"{state} {text(value)}",
            annotation_position="right",
            annotation_yshift=6 if value > near else -6 if value < near else 0,
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
