"""Every page by name, and what stands in their place when there is nothing to show."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from creditrisk.reports.dashboard.blocks import Lines, MonthLink, Notice, Page, Section
from creditrisk.reports.dashboard.calibration import calibration
from creditrisk.reports.dashboard.governance import governance
from creditrisk.reports.dashboard.month import month
from creditrisk.reports.dashboard.overview import overview
from creditrisk.reports.dashboard.performance import performance
from creditrisk.reports.dashboard.portfolio import portfolio
from creditrisk.reports.dashboard.quality import quality
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.dashboard.stability import stability
from creditrisk.reports.month_summary import MONTHS_SHOWN

PAGES: Mapping[str, tuple[str, Callable[[Reading], Page]]] = {
    "overview": ("Overview", overview),
    "performance": ("Performance", performance),
    "stability": ("Stability", stability),
    "calibration": ("Calibration", calibration),
    "portfolio": ("Portfolio", portfolio),
    "governance": ("Governance", governance),
    "quality": ("Data quality", quality),
}
MONTH = "month/"  # before 2025-08
RANGES = {"12": 12, f"{MONTHS_SHOWN}": MONTHS_SHOWN, "all": 0}  # how many months are shown
_DAMAGES = 3  # named; the rest are counted


def page(reading: Reading, name: str) -> Page:
    """A page, or a month's (`month/2025-08`), below what is wrong with the store.

    A name that is none gives directions.
    """
    if not reading.summaries:
        return _unreadable(reading) if reading.fault or reading.damaged else _empty(reading)
    drawn = _drawn(reading, name)
    if drawn is None:
        return _unknown(reading, name)
    notices = _notices(reading)
    return replace(drawn, sections=[Section("", notices), *drawn.sections]) if notices else drawn


def is_page(reading: Reading, name: str) -> bool:
    """Whether a name is that of a page, or of a month that is known."""
    return name in PAGES or (
        name.startswith(MONTH) and reading.of(name.removeprefix(MONTH)) is not None
    )


def _drawn(reading: Reading, name: str) -> Page | None:
    if name.startswith(MONTH):
        summary = reading.of(name.removeprefix(MONTH))
        return month(reading, summary) if summary else None
    return PAGES[name][1](reading) if name in PAGES else None


def _notices(reading: Reading) -> list[Notice]:
    found = [Notice("fail", text) for text in reading.damaged]
    if len(found) > _DAMAGES:
        more = f"{len(found) - _DAMAGES} more documents cannot be read"
        found[_DAMAGES:] = [Notice("fail", more)]
    if reading.fault:
        text = f"Shown is what was read before. The store cannot be read now: {reading.fault}"
        found.insert(0, Notice("warn", text))
    return found


def _unreadable(reading: Reading) -> Page:
    why = [*([reading.fault] if reading.fault else []), *reading.damaged]
    steps = ["This page looks again by itself: nothing needs to be restarted."]
    sections = [Section("Why", [Notice("fail", text) for text in why]), Section("", [Lines(steps)])]
    return Page("error", "The store cannot be read", f"Store: {reading.uri or 'store'}", sections)


def _empty(reading: Reading) -> Page:
    steps = [
        "creditrisk run --data FOLDER --as-of 2024-09 runs that month of your own data.",
        "creditrisk demo runs nine months of a simulated lender.",
        "This page looks again by itself: the first month appears when it is decided.",
    ]
    lead = f"{reading.uri} holds no decided month."
    return Page("empty", "No month yet", lead, [Section("What to do", [Lines(steps)])])


def _unknown(reading: Reading, name: str) -> Page:
    known = ", ".join(title for title, _ in PAGES.values())
    first, newest = reading.story[0].as_of, reading.newest.as_of
    if name.startswith(MONTH):
        asked = name.removeprefix(MONTH)
        title, lead = "There is no such month", f"{asked} was not run here."
    else:
        title, lead = "There is no such page", f"'{name}' is none of: {known}."
    months = [MonthLink(f"{month:%B %Y}", f"{month}") for month in dict.fromkeys((newest, first))]
    lead += f" The store holds months from {first:%Y-%m} to {newest:%Y-%m}."
    return Page("unknown", title, lead, [], links=months)
