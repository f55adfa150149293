"""Every page in one file that needs nothing else: no network, no server."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from posixpath import relpath

from markupsafe import Markup
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from creditrisk.records import layout
from creditrisk.reports.dashboard.bins import bin_texts
from creditrisk.reports.dashboard.blocks import Block, Explorer, Page, is_long
from creditrisk.reports.dashboard.pages import MONTH, PAGES, RANGES, page
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.dashboard.stability import (
    distribution,
    distribution_table,
    distribution_text,
)
from creditrisk.reports.dashboard.state_words import words
from creditrisk.reports.render import in_script, render

_REPORT = "report.html"


def static_page(reading: Reading, folder: str = "") -> str:
    """The page; `folder` (of the store) is where it will lie, links to the store start there.

    Without a folder there is nothing to link to: every month's page is in the file, keys are
    written out.
    """
    names = list(PAGES) if reading.summaries else ["overview"]
    newest = reading.newest.as_of if reading.summaries else None
    reports = reading.pages | {layout.month(f"{newest}", _REPORT)} if folder and newest else set()
    whole = [] if folder else _months(reading)
    within = {shown.name for shown in whole}

    def link(key: str) -> str:
        return relpath(key, folder) if folder else ""

    def report_of(month: date | str) -> str:
        key, name = layout.month(month, _REPORT), _named(f"{month}")
        return link(key) if key in reports else f"#{name}" if name in within else ""

    return render(
        "dashboard.html",
        scripts=[get_plotlyjs(), render("dashboard.js")],
        portfolio=reading.portfolio,
        pages=[page(reading, name) for name in names],
        whole=whole,
        within=within,
        names={name: title for name, (title, _) in PAGES.items()},
        folder=folder,
        newest=newest,
        months=_reported(reports, newest) or [one.as_of for one in reversed(reading.story)],
        ranges=static_ranges(len(reading.summaries)),
        href=link,
        report_of=report_of,
        json=_json,
        cells=_cells,
        is_long=is_long,
        kind_of=_kind_of,
        words=words,
        distribution=distribution,
        distribution_table=distribution_table,
        distribution_text=distribution_text,
    )


def _months(reading: Reading) -> list[Page]:
    """The page of every month, the newest first."""
    shown = ((one, page(reading, f"{MONTH}{one.as_of:%Y-%m}")) for one in reversed(reading.story))
    return [replace(found, name=_named(f"{one.as_of}")) for one, found in shown]


def _named(month: str) -> str:
    """The address of a month within the file: `month-2025-08`."""
    return f"month-{month[:7]}"


def _reported(pages: Iterable[str], newest: date | None) -> list[date]:
    """Months up to this one that have such a page, the newest first."""
    keys = (key for key in pages if key.startswith(layout.MONTHS) and key.endswith(f"/{_REPORT}"))
    months = (date.fromisoformat(layout.month_of(key)) for key in keys)
    return sorted((month for month in months if newest and month <= newest), reverse=True)


def static_ranges(drawn: int) -> dict[str, int]:
    """By name, how many of the months that are drawn figures may show; none where all are few."""
    fewer = {name: count for name, count in RANGES.items() if 0 < count < drawn}
    name = f"{drawn}" if f"{drawn}" in RANGES else "all"
    return fewer | {name: drawn} if fewer else {}


def _json(figure: Figure) -> Markup:
    return in_script(figure.to_json())


def _cells(explorer: Explorer) -> Markup:
    """Every cell's distribution, to four digits."""
    frozen = {
        version: {
            name: (bin_texts(known.labels), _rounded(known.shares))
            for name, known in features.items()
        }
        for version, features in explorer.frozen.items()
    }
    shares = {
        feature: {month: _rounded(now) for month, now in months.items()}
        for feature, months in explorer.shares.items()
    }
    body = {"shares": shares, "frozen": frozen, "champions": explorer.champions}
    return in_script(json.dumps(body, separators=(",", ":")))


def _rounded(shares: Sequence[float]) -> list[float]:
    return [round(share, 4) for share in shares]


def _kind_of(block: Block) -> str:
    return type(block).__name__
