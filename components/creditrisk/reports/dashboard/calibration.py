"""Do the PDs come true?"""

import plotly.graph_objects as go

from creditrisk.number_text import number, p_value, share
from creditrisk.records.validation import Validation
from creditrisk.records.version_files import brief
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import Block, Chart, Lines, Page, Section, Table
from creditrisk.reports.dashboard.measured import (
    axis_page,
    by_cohort,
    by_month,
    by_segment,
    drawn,
    nothing_matured,
    now,
)
from creditrisk.reports.dashboard.reading import Reading

_NOW = (
    ("oe", "Observed over expected"),
    ("early_oe", "The same, early outcome"),
    ("jeffreys", "Chance that PDs are high enough"),
    ("brier", "Brier score"),
    ("ece", "PDs off by, on average"),
)


def calibration(reading: Reading) -> Page:
    """Observed over expected by month, Jeffreys, and reliability by grade at validation."""
    note = "Observed over expected defaults, with its exact 95% interval."
    oe = by_month(reading, "oe", "Are the PDs right?", note)
    jeffreys = by_month(
        reading,
        "jeffreys",
        "Are they too low?",
        "Chance that they are high enough (Jeffreys), whole portfolio.",
    )
    early = by_month(
        reading, "early_oe", "What do the first months say?", "O/E of the early outcome."
    )
    drift = by_month(
        reading,
        "concept_drift",
        "Does the score still mean the same?",
        "Change of the slope of outcome on score since validation; 0: none.",
    )
    return axis_page(
        reading,
        "calibration",
        nothing_matured(reading),
        [
            *now(reading, _NOW),
            Section("Month by month", drawn(oe, jeffreys, early, drift)),
            *by_segment(reading, "oe", "Where are they wrong?", "O/E by segment"),
            *by_cohort(reading, "oe", "Which cohorts went wrong?", "O/E by cohort"),
            Section("By grade, at validation", _reliability(reading)),
        ],
    )


def _reliability(reading: Reading) -> list[Block]:
    judged = next((c for c in reading.challenges if c.version == reading.champion), None)
    if judged is None or not all(window.grades for window in judged.windows):
        return [Lines(["The champion's validation measured no grades."])]
    note = "Default rate of each grade on the three OOT windows against its mean PD, dotted."
    title = f"Did the PDs of {brief(judged.version)} come true, grade by grade?"
    return [Chart("reliability", title, note, _grades_figure(judged), _grades_table(judged), True)]


def _grades_figure(judged: Validation) -> go.Figure:
    figure = figures.canvas(360)
    top = 0.0
    for window, colour in zip(judged.windows, figures.SERIES, strict=False):
        grades = [grade for grade in window.grades if grade.rows]
        pds = [grade.pd for grade in grades]
        rates = [grade.defaults / grade.rows for grade in grades]
        top = max([top, *pds, *rates])
        figure.add_scatter(
            x=pds,
            y=rates,
            mode="lines+markers",
            name=window.name,
            line={"color": colour, "width": 1.5},
            marker={"size": 9, "color": colour},
            cliponaxis=False,
            hovertemplate="mean PD %{x:.1%}: <b>%{y:.1%}</b> bad<extra>%{fullData.name}</extra>",
        )
    line = {"color": figures.SOFT, "dash": "dot", "width": 1.5}
    figure.add_shape(type="line", x0=0, y0=0, x1=top, y1=top, line=line, layer="below")
    figure.update_layout(showlegend=True, margin={"t": 34})
    figure.update_xaxes(title="mean PD", tickformat=".0%", showgrid=True, rangemode="tozero")
    figure.update_yaxes(title="default rate", tickformat=".0%", rangemode="tozero")
    return figure


def _grades_table(judged: Validation) -> Table:
    rows = [
        (
            window.name,
            f"{n}",
            number(grade.rows, 0),
            number(grade.defaults, 0),
            share(grade.pd),
            share(grade.defaults / grade.rows if grade.rows else None),
            p_value(grade.p_value),
            p_value(grade.adjusted),
        )
        for window in judged.windows
        for n, grade in enumerate(window.grades, start=1)
    ]
    numbers = ("rows", "bad", "mean PD", "default rate", "Jeffreys p", "p, Holm")
    return Table("Grades by window", ("window", "grade", *numbers), rows, numbers)
