"""A month's key figures, and where the model is worst."""

import math

import pandas as pd

from creditrisk.number_text import money
from creditrisk.reports.dashboard.blocks import Card, Cards, Section
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.metric_form import headline, shown
from creditrisk.reports.month_summary import MonthSummary

_COHORT = "cohort="
_SHOWN = (
    ("Applications", "applications"),
    ("Approval rate", "approval_rate"),
    ("Mean PD", "mean_pd"),
    ("Expected loss", "expected_loss"),
)


def key_figures(reading: Reading, summary: MonthSummary) -> list[Section]:
    """Volumes, approvals, expected loss; the segments that rank worst and are furthest off."""
    cards = [
        Card(title, money(reading.currency, n) if metric == "expected_loss" else shown(metric, n))
        for title, metric in _SHOWN
        if (n := summary.value(metric)) is not None
    ]
    cards += [card for metric in ("auc", "oe") for card in _worst(reading, summary, metric)]
    return [Section("Key figures", [Cards("Key figures", cards)])] if cards else []


def segments(reading: Reading, metric: str, month: object) -> pd.DataFrame:
    """A month's measured segments, cohorts apart, the worst first."""
    rows = reading.findings
    rows = rows[(rows.metric == metric) & (rows.month == month) & rows.value.notna()]
    rows = rows[(rows.segment != "all") & ~rows.segment.str.startswith(_COHORT)]
    return rows.assign(off=rows.value.map(lambda value: badness(metric, value))).sort_values(
        ["off", "segment"], ascending=[False, True]
    )


def badness(metric: str, value: float) -> float:
    """How bad a value is: an AUC the lower, an O/E the further from 1 on either side."""
    if metric.endswith("oe"):
        return abs(math.log(value)) if value > 0 else math.inf
    return -value


def _worst(reading: Reading, summary: MonthSummary, metric: str) -> list[Card]:
    found = segments(reading, metric, summary.as_of)
    if found.empty:
        return []
    worst = found.iloc[0]
    title = {"auc": "Ranks worst", "oe": "PDs furthest off"}[metric]
    return [
        Card(
            title,
            headline({metric: worst.value}),
            # a card is narrow: the line may end before the value
            f"{worst.segment.replace('=', ': ', 1)}, {worst.rows:,.0f} loans",
        )
    ]
