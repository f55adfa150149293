"""The figures of the monthly page: each takes stories and draws one question."""

from collections.abc import Sequence

import plotly.graph_objects as go

from creditrisk.model.version import ModelVersion
from creditrisk.policy import Monitoring
from creditrisk.reporting.story import MonthStory

INK, GRID, BLUE, ORANGE = "#1f2933", "#e4e7eb", "#2266bb", "#d9730d"
STATE_COLOURS = {
    "green": "#2f9e62",
    "amber": "#e3a008",
    "red": "#d64545",
    "critical": "#8b1e3f",
    "insufficient": "#9aa5b1",
    "none": "#e4e7eb",
}


def auc_by_month(stories: Sequence[MonthStory], limits: Monitoring) -> go.Figure:
    """Does the model still rank? AUC on matured cohorts, its 95 % interval, promotions dashed."""
    figure = _by_month(stories, "auc", "AUC, matured cohorts (dashed: a promotion)")
    _line(figure, limits.auc_amber, "amber")
    _line(figure, limits.auc_red, "red")
    return figure


def oe_by_month(stories: Sequence[MonthStory], limits: Monitoring) -> go.Figure:
    """Are its PDs right? Observed over expected defaults, with its exact 95 % interval."""
    figure = _by_month(stories, "oe", "observed / expected")
    for bound in limits.oe_amber:
        _line(figure, bound, "amber")
    for bound in limits.oe_red:
        _line(figure, bound, "red")
    return figure


def psi_by_month(stories: Sequence[MonthStory], limits: Monitoring) -> go.Figure:
    """Are today's applicants the ones it was built for? PSI of the score."""
    figure = _by_month(stories, "score_psi", "score PSI, current applications")
    _line(figure, limits.psi_amber, "amber")
    _line(figure, limits.psi_red, "red")
    figure.update_yaxes(rangemode="tozero")
    return figure


def volumes_by_month(stories: Sequence[MonthStory]) -> go.Figure:
    """How many applied?"""
    figure = _empty("applications")
    figure.add_bar(
        x=[story.as_of for story in stories],
        y=[_value(story, "applications") for story in stories],
        marker_color=BLUE,
    )
    return figure


def score_distribution(version: ModelVersion, current: Sequence[int]) -> go.Figure:
    """How have the scores moved against the frozen reference profile?"""
    figure = _empty("share of applications by score decile")
    reference = version.profile["score"]["counts"]
    names = [str(i + 1) for i in range(len(reference) - 1)] + ["missing"]
    for label, counts, colour in (("reference", reference, GRID), ("this month", current, BLUE)):
        total = max(sum(counts), 1)
        figure.add_bar(x=names, y=[c / total for c in counts], name=label, marker_color=colour)
    figure.update_layout(barmode="group", showlegend=True, legend={"orientation": "h"})
    return figure


def _by_month(stories: Sequence[MonthStory], metric: str, title: str) -> go.Figure:
    figure = _empty(title)
    shown = [s for s in stories if _value(s, metric) is not None]
    values = [s.values[metric] for s in shown]
    figure.add_scatter(
        x=[s.as_of for s in shown],
        y=[v["value"] for v in values],
        mode="lines+markers",
        line={"color": BLUE},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [_arm(v["upper"], v["value"]) for v in values],
            "arrayminus": [_arm(v["value"], v["lower"]) for v in values],
            "color": "#9db8dd",
        },
        hovertemplate="%{x|%Y-%m}: %{y:.3f}<extra></extra>",
    )
    for story in stories:
        if story.outcome == "promoted":
            figure.add_vline(x=f"{story.as_of}", line={"color": INK, "dash": "dash", "width": 1})
    if not shown:
        figure.add_annotation(text="not measured yet", showarrow=False, font={"size": 15})
    return figure


def _arm(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else high - low


def _value(story: MonthStory, metric: str) -> float | None:
    return story.values.get(metric, {}).get("value")


def _line(figure: go.Figure, y: float, state: str) -> None:
    figure.add_hline(y=y, line={"color": STATE_COLOURS[state], "dash": "dot", "width": 1.5})


def _empty(title: str) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        template="plotly_white",
        font={"family": "system-ui, sans-serif", "color": INK, "size": 12},
        margin={"l": 48, "r": 16, "t": 40, "b": 36},
        height=280,
        showlegend=False,
    )
    figure.update_xaxes(gridcolor=GRID, tickformat="%Y-%m")
    figure.update_yaxes(gridcolor=GRID)
    return figure
