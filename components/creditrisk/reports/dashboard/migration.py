"""Grades: how scores are spread over them, and who moves between them."""

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from creditrisk.number_text import share
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import Block, Chart, Lines, Table
from creditrisk.reports.dashboard.reading import Reading

_SEEN_THROUGH = ((0, "rgba(72,130,220,0.04)"), (1, "rgba(72,130,220,0.6)"))
_FEW = 6  # columns: of more a phone has no room for a tenth of a per cent


def matrix_chart(id: str, title: str, note: str, matrix: pd.DataFrame, left: str) -> Chart:
    """Shares from each row to each column."""
    figure = go.Figure(figures.canvas(90 + 44 * len(matrix)))
    figure.add_heatmap(
        z=matrix.to_numpy(),
        x=list(matrix.columns),
        y=list(matrix.index),
        zmin=0,
        zmax=1,
        colorscale=_SEEN_THROUGH,
        showscale=False,
        texttemplate="%{z:.0%}" if len(matrix.columns) > _FEW else "%{z:.1%}",
        textfont={"color": figures.INK},
        xgap=2,
        ygap=2,
        hovertemplate="%{y} to %{x}: <b>%{z:.1%}</b><extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, nticks=0)
    figure.update_yaxes(title={"text": left, "standoff": 14})
    figure.update_xaxes(type="category", side="bottom", showline=False, ticks="")
    cells = [
        (str(i), *(share(v) for v in row))
        for i, row in zip(matrix.index, matrix.to_numpy(), strict=True)
    ]
    table = Table(title, ("from", *matrix.columns), cells, tuple(matrix.columns))
    return Chart(id, title, note, figure, table)


def migration(reading: Reading) -> list[Block]:
    """Grades by month; after a rescoring and of returning customers, from which to which."""
    blocks: list[Block] = []
    grades = reading.family("grade")
    if not grades.empty:
        blocks.append(_grades(reading, grades))
    for segment, title in (
        ("rescored=true", "Where did a new champion put the same applications?"),
        ("rescored=false", "Where do returning customers stand?"),
    ):
        rows = reading.family("migration")
        rows = rows[rows.segment == segment]
        if rows.empty:
            continue
        month = rows.month.max()
        rows = rows[rows.month == month]
        parts = rows.name.str.partition(">")
        moved = rows.assign(origin=parts[0].astype(int), to=parts[2].astype(int))
        matrix = moved.pivot_table(index="origin", columns="to", values="value").fillna(0.0)
        note = f"Share of each grade (row) in each grade now (column), {month:%B %Y}."
        blocks.append(matrix_chart(segment.replace("=", "-"), title, note, matrix, "grade before"))
    return blocks or [Lines(["No grade is published yet."])]


def _grades(reading: Reading, rows: pd.DataFrame) -> Chart:
    wide = (
        rows.assign(grade=rows.name.astype(int))
        .pivot_table(index="grade", columns="month", values="value")
        .fillna(0.0)
    )
    steps = [n / max(1, len(wide) - 1) for n in range(len(wide))]
    colours = sample_colorscale(figures.RISING, steps)
    figure = figures.canvas(360)
    for grade, colour in zip(wide.index, colours, strict=True):
        figure.add_bar(
            x=list(wide.columns),
            y=list(wide.loc[grade]),
            name=f"{grade}",
            width=figures.BAR,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"grade {grade}, %{{x|%B %Y}}: <b>%{{y:.1%}}</b><extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        showlegend=True,
        legend={
            "orientation": "v",
            "x": 1.01,
            "y": 1,
            "yanchor": "top",
            "title": "grade",
            "traceorder": "reversed",
        },
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1])
    figures.calendar(figure, reading.months)
    numbers = [f"grade {grade}" for grade in wide.index]
    cells = [(f"{m:%Y-%m}", *(share(v) for v in wide[m])) for m in wide.columns[::-1]]
    table = Table("Grades by month", ("month", *numbers), cells, numbers)
    note = "Share of the month's published scores in each grade; 1 is best."
    return Chart("grades", "How are the scores spread?", note, figure, table)
