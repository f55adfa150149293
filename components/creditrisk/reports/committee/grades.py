"""Outcomes by grade: the month's backtest, and those of the model's validation."""

from collections.abc import Iterator, Sequence

from creditrisk.records.measured_window import Window
from creditrisk.records.validation import Validation
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MonthSummary
from creditrisk.reports.workbook import Columns, Grid, Value

_BACKTEST: Columns = (
    ("grade", "text"),
    ("loans", "count"),
    ("defaults", "count"),
    ("default rate", "share"),
    ("95% from", "share"),
    ("to", "share"),
    ("p-value, Holm", "p"),
    ("most prudent PD", "share"),
    ("state", "text"),
    ("text", "text"),
)
_WINDOW: Columns = (
    ("grade", "text"),
    ("loans", "count"),
    ("defaults", "count"),
    ("mean PD", "share"),
    ("default rate", "share"),
    ("Jeffreys p", "p"),
    ("p-value, Holm", "p"),
)


def grades(reading: Reading, summary: MonthSummary, validated: Validation | None) -> Iterator[Grid]:
    """The month's backtest of each grade, then those of the model's validation."""
    prudent = reading.family("prudent_pd", summary.as_of).set_index("name").value.to_dict()
    rows: list[Sequence[Value]] = [
        (
            one["name"],
            one["rows"],
            one["bads"],
            one["value"],
            one["lower"],
            one["upper"],
            one["p_value"],
            prudent.get(one["name"]),
            one["state"],
            one["text"],
        )
        for one in reading.family("jeffreys_grade", summary.as_of).to_dict("records")
    ]
    title = f"Outcomes by grade, {summary.as_of:%Y-%m}{'' if rows else ': none measured'}"
    yield Grid(title, _BACKTEST, rows)
    for window in validated.windows if validated else ():
        yield _window(window, summary.champion)


def _window(window: Window, version: str) -> Grid:
    rows = [
        (
            f"{n}",
            one.rows,
            one.defaults,
            one.pd,
            one.defaults / one.rows if one.rows else None,
            one.p_value,
            one.adjusted,
        )
        for n, one in enumerate(window.grades, start=1)
    ]
    return Grid(f"Validation of {brief(version)}, window {window.name}", _WINDOW, rows)
