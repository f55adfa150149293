"""What pages make of the findings table: a metric over months, by cohort, by segment, newest."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from creditrisk.calendar_month import month_range
from creditrisk.number_text import interval, number
from creditrisk.records.version_files import brief
from creditrisk.reports import figures
from creditrisk.reports.dashboard.axis_light import light_note, limits_drawn, lit
from creditrisk.reports.dashboard.blocks import (
    Badge,
    Block,
    Card,
    Cards,
    Cell,
    Chart,
    Lines,
    MonthLink,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.key_figures import segments
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.dashboard.state_words import words
from creditrisk.reports.metric_form import form, shown

_SEGMENTED = 24  # segments drawn; more would not be read
_COHORT = "cohort="


def by_month(
    reading: Reading,
    metric: str,
    title: str,
    note: str,
) -> Chart | None:
    """A metric over the months, as a line and as a table; nothing where it is not measured."""
    points = lit(reading, metric)
    if points.empty:
        return None
    limits = limits_drawn(metric, points, reading.policy.monitoring)
    figure = figures.line_by_month(points, reading.months, limits, reading.promotions, form(metric))
    note += " Dashed: a new champion." if reading.promotions else ""
    note += light_note(points)
    return Chart(f"by-month-{metric}", title, note, figure, points_table(title, points, metric))


def drawn(*charts: Chart | None) -> list[Block]:
    """The charts there are, or that there are none."""
    found = [chart for chart in charts if chart]
    return [*found] if found else [Lines(["Not measured yet."])]


def points_table(caption: str, points: pd.DataFrame, metric: str) -> Table:
    """Findings, the newest first."""
    rows: list[tuple[Cell, ...]] = [
        (
            MonthLink(f"{row['month']:%Y-%m}", f"{row['month']}"),
            span(row["cohort"]),
            shown(metric, row["value"]),
            interval(row["lower"], row["upper"], form(metric)),
            number(row["rows"], 0),
            number(row["bads"], 0),
            Badge(row["state"]),
            row.get("remark", ""),
        )
        for row in points[::-1].to_dict("records")
    ]
    numbers = ("value", "95% interval", "rows", "bad")
    columns = ("month", "cohorts", *numbers, "state", "remark")
    return Table(caption, columns, rows, numbers).without_empty("remark")


def by_segment(reading: Reading, metric: str, title: str, note: str) -> list[Section]:
    """A metric of the newest month by segment; nothing where none is measured."""
    rows = _parts(reading, metric)
    rows = rows[~rows.segment.str.startswith(_COHORT)]
    if rows.empty:
        return []
    month = rows.month.max()
    points = segments(reading, metric, month)[:_SEGMENTED]
    whole = reading.series(metric)
    figure = forest(list(points.segment), points, form(metric))
    for value in whole[whole.month == month].value[:1]:
        figure.add_vline(x=value, line={"color": figures.SOFT, "dash": "dot", "width": 1.5})
    worst = points.iloc[0]
    note = (
        f"{note}, {month:%B %Y}, the worst first: {worst.segment} with"
        f" {shown(metric, worst.value)}. With 95% intervals; dotted: all together."
    )
    if small := _too_small(reading, metric, month):
        note += f" With too few loans, and not shown: {', '.join(small)}."
    table = _parts_table(title, "segment", points, metric)
    chart = Chart(f"segments-{metric}", title, note, figure, table, wide=True)
    return [Section("By segment", [chart])]


def by_cohort(reading: Reading, metric: str, title: str, note: str) -> list[Section]:
    """A metric of every cohort, as it was last measured; nothing where none is."""
    rows = _parts(reading, metric)
    rows = rows[rows.segment.str.startswith(_COHORT)].sort_values("month")
    if rows.empty:
        return []
    points = rows.drop_duplicates("segment", keep="last").sort_values("segment")
    cohorts = [date.fromisoformat(f"{name.removeprefix(_COHORT)}-01") for name in points.segment]
    months = list(month_range(cohorts[0], cohorts[-1]))
    latest = points.assign(month=cohorts, champion="", light="none", remark="")
    figure = figures.line_by_month(latest, months, form=form(metric))
    note = f"{note} of applications, as last measured, with 95% intervals."
    table = _parts_table(title, "cohort", points, metric)
    return [
        Section("By cohort", [Chart(f"cohorts-{metric}", title, note, figure, table, wide=True)])
    ]


def span(cohorts: str) -> str:
    """A span of cohorts; of one, its name alone."""
    first, _, last = cohorts.partition("..")
    return first if last in ("", first) else f"{first} to {last}"


def _parts(reading: Reading, metric: str) -> pd.DataFrame:
    found = reading.findings
    return found[(found.metric == metric) & (found.segment != "all") & found.value.notna()]


def _too_small(reading: Reading, metric: str, month: date) -> list[str]:
    """Segments of the month, cohorts apart, that were not measured."""
    found = reading.family("", month)
    found = found[(found.metric == metric) & found.value.isna() & (found.segment != "all")]
    return sorted(name for name in found.segment if not name.startswith(_COHORT))


def _parts_table(caption: str, heading: str, points: pd.DataFrame, metric: str) -> Table:
    rows = [
        (
            row["segment"].removeprefix(_COHORT),
            f"{row['month']:%Y-%m}",
            shown(metric, row["value"]),
            interval(row["lower"], row["upper"], form(metric)),
            number(row["rows"], 0),
            number(row["bads"], 0),
        )
        for row in points.to_dict("records")
    ]
    numbers = ("value", "95% interval", "rows", "bad")
    return Table(caption, (heading, "measured in", *numbers), rows, numbers)


def forest(labels: Sequence[str], points: pd.DataFrame, how: str = ".3f") -> go.Figure:
    """One estimate and its interval per line, the first on top."""
    figure = figures.canvas(height=70 + 26 * max(3, len(labels)))
    known = points.lower.notna() & points.upper.notna()
    figure.add_scatter(
        x=list(points.value),
        y=list(labels),
        mode="markers",
        marker={"size": 9, "color": figures.ACCENT},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": list((points.upper - points.value).where(known, 0.0)),
            "arrayminus": list((points.value - points.lower).where(known, 0.0)),
            "color": figures.PALE,
            "thickness": 3,
            "width": 0,
        },
        hovertemplate=f"%{{y}}: <b>%{{x:{how}}}</b><extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", type="category", nticks=None, ticksuffix="  ")
    figure.update_yaxes(labelalias=figures.cut(labels))
    figure.update_xaxes(showgrid=True, tickformat=".6~f")
    return figure


def now(reading: Reading, asked: Sequence[tuple[str, str]]) -> list[Section]:
    """The newest values of some metrics; nothing where none was ever measured."""
    cards, summary = _cards(reading, asked), reading.newest
    title, of = f"{summary.as_of:%B %Y}", brief(summary.champion)
    return [Section(title, [Cards("Newest values", cards)], of=of)] if cards else []


def axis_page(reading: Reading, axis: str, nothing: str, sections: Sequence[Section]) -> Page:
    """The page of an axis: its light and what its evidence says; `nothing`: why it says nothing."""
    summary = reading.newest
    state, text = summary.states[axis], summary.texts[axis]
    lead = f"{words(state).capitalize()}. {text[:1].upper()}{text[1:]}." if text else nothing
    title = {"discrimination": "Performance"}.get(axis, axis.capitalize())
    return Page(title.lower(), title, lead, sections, state=state if text else "")


def nothing_matured(reading: Reading) -> str:
    """Why outcomes say nothing."""
    if not reading.champion:
        return "There is no champion yet whose outcomes could be measured."
    return "No cohort has matured since the champion was built."


def _cards(reading: Reading, asked: Sequence[tuple[str, str]]) -> list[Card]:
    """The newest value of some metrics, titled as asked; an earlier month is named."""
    cards = []
    for metric, title in asked:
        points = lit(reading, metric)
        if points.empty:
            continue
        last = points.iloc[-1]
        state = "" if last.state == "none" else last.state
        parts = (
            interval(last.lower, last.upper, form(metric)),
            "" if last.cohort == f"{last.month:%Y-%m}" else cohorts_text(last.cohort),
            "" if last.month == reading.newest.as_of else f"{last.month:%B %Y}",
            last.remark,
        )
        cards.append(Card(title, shown(metric, last.value), "; ".join(filter(None, parts)), state))
    return cards


def cohorts_text(cohorts: str) -> str:
    """`cohort 2025-07`, `cohorts 2025-05 to 2025-07`."""
    text = span(cohorts)
    return f"cohort{'s' * (' to ' in text)} {text}" if text else ""
