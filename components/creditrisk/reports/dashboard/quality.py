"""What was wrong with the data, month by month?"""

from collections import Counter
from typing import get_args

import plotly.graph_objects as go

from creditrisk.number_text import number, share
from creditrisk.policy import Severity
from creditrisk.records.quality import Check, page_key, report_key
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import (
    Badge,
    Block,
    Cell,
    Chart,
    Lines,
    Link,
    MonthLink,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MONTHS_SHOWN, MonthSummary

_SEVERITIES = get_args(Severity)  # the mildest first
_STATES = {"info": "none", "warn": "amber", "block": "red"}
_COLOURS = ("#dbe5f3", figures.STATE_COLOURS["amber"], figures.STATE_COLOURS["red"])
_LEADS = {"block": "{} block the month", "warn": "{} warn", "info": "{} within their limits"}
_LISTED = 40


def quality(reading: Reading) -> Page:
    """Months by rules, the newest month's findings, and where each month's report lies."""
    summary = reading.newest
    counts = Counter(check.severity for check in summary.checks)
    text = ", ".join(_LEADS[s].format(counts[s]) for s in reversed(_SEVERITIES) if counts[s])
    return Page(
        "quality",
        "Data quality",
        f"{summary.as_of:%B %Y}: {text or 'no finding'}.",
        [
            Section("Months and rules", [_map(reading)]),
            Section(f"Findings of {summary.as_of:%B %Y}", _findings(summary)),
            Section("Reports", _reports(reading).folded(MONTHS_SHOWN)),
        ],
    )


def worst(summary: MonthSummary, rule: str = "") -> str:
    """The worst severity of a month's findings, of one rule or of all; empty without any."""
    found = {check.severity for check in summary.checks if not rule or check.rule == rule}
    return max(found, key=_SEVERITIES.index, default="")


def _map(reading: Reading) -> Chart:
    rules = sorted({check.rule for summary in reading.summaries for check in summary.checks})
    grid = [[worst(summary, rule) for summary in reading.summaries] for rule in rules]
    figure = figures.canvas(90 + 24 * max(2, len(rules)), left=10)
    figure.add_trace(_cells(reading, rules, grid))
    figures.calendar(figure, reading.months)
    figure.update_yaxes(
        autorange="reversed", type="category", showgrid=False, nticks=0, side="right"
    )
    figure.update_xaxes(showline=False)
    rows = [
        (rule, *(f"{sum(s == severity for s in row)}" for severity in _SEVERITIES))
        for rule, row in zip(rules, grid, strict=True)
    ]
    columns = tuple(f"months at {severity}" for severity in _SEVERITIES)
    table = Table("Rules and months", ("rule", *columns), rows, columns)
    note = "The worst finding of each rule: i informs, W warns, B blocks the month; empty: none."
    return Chart(
        "rules",
        "Which rules found what, and when?",
        note,
        figure,
        table,
        wide=True,
        scrolls=True,
    )


def _cells(reading: Reading, rules: list[str], grid: list[list[str]]) -> go.Heatmap:
    steps = [[(n + end) / 3, colour] for n, colour in enumerate(_COLOURS) for end in (0, 1)]
    letters = {"info": "i", "warn": "W", "block": "B", "": ""}
    return go.Heatmap(
        z=[[_SEVERITIES.index(s) if s else None for s in row] for row in grid],
        x=[f"{month}" for month in reading.months],
        y=rules,
        text=[[letters[s] for s in row] for row in grid],
        texttemplate="%{text}",
        textfont={"color": figures.INK, "size": 11},
        customdata=grid,
        zmin=-0.5,
        zmax=2.5,
        colorscale=steps,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x|%B %Y}: <b>%{customdata}</b><extra></extra>",
    )


def _findings(summary: MonthSummary) -> list[Block]:
    down = [f"Source down: {source}." for source in summary.outages]
    checks = sorted(
        summary.checks, key=lambda c: (-_SEVERITIES.index(c.severity), -c.share, c.text)
    )
    if not checks:
        return [Lines([*down, "No finding."])]
    rows = [
        (
            Badge(_STATES[check.severity], check.severity),
            check.rule,
            f"{check.layer}/{check.table}",
            check.column or "row",
            number(check.count, 0),
            share(check.share),
            "" if _counts(check) else check.text.removeprefix(f"{check.table}: "),
        )
        for check in checks[:_LISTED]
    ]
    columns = ("severity", "rule", "table", "column", "rows", "share", "what was found")
    table = Table("The gravest first", columns, rows, ("rows", "share")).without_empty(columns[-1])
    more = len(checks) - _LISTED
    found = [*down, *([f"{more} more in the month's report."] if more > 0 else [])]
    return [*([Lines(found)] if found else []), table]


def _counts(check: Check) -> bool:
    """Whether a finding's text says no more than its other cells."""
    return check.text == (
        f"{check.table}: {check.column} {check.rule} in {check.count:,} of {check.rows:,} rows"
    )


def _reports(reading: Reading) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            MonthLink(f"{summary.as_of:%Y-%m}", f"{summary.as_of}"),
            Badge(_STATES.get(worst(summary), "green"), worst(summary) or "passed"),
            *(
                number(sum(check.severity == severity for check in summary.checks), 0)
                for severity in reversed(_SEVERITIES)
            ),
            Link("report", page_key(summary.as_of))
            if page_key(summary.as_of) in reading.pages
            else "",
            Link("JSON", report_key(summary.as_of)),
        )
        for summary in reversed(reading.summaries)
    ]
    numbers = ("block", "warn", "info")
    columns = ("month", "worst", *numbers, "page", "data")
    return Table("Every month", columns, rows, numbers).without_empty("page")
