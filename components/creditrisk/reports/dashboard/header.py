"""The head of every page: whose book, which month, which range, which page."""

from urllib.parse import parse_qs

from dash import dcc, html
from dash.development.base_component import Component

from creditrisk.reports.dashboard.pages import MONTH, PAGES
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MONTHS_SHOWN

RANGES = {"12": 12, f"{MONTHS_SHOWN}": MONTHS_SHOWN, "all": 0}
_CHOICE = "months"  # of the address: /stability?months=all


def months_asked(search: str | None) -> int:
    """How many months an address asks for; 0: all of them."""
    asked = parse_qs((search or "").lstrip("?")).get(_CHOICE, [""])[0]
    return RANGES.get(asked, MONTHS_SHOWN)


def header(reading: Reading, here: str, search: str) -> list[Component]:
    """`here`: the page's name, `search`: the question in its address."""
    brand = html.Div(["creditrisk", html.Span(reading.portfolio)], className="brand")
    controls = [brand, *_picker(reading, here), *_ranges(reading, here, search), _told(reading)]
    return [html.Div(controls, className="bar"), html.Nav(_tabs(here, search), **_PAGES_LABEL)]


_PAGES_LABEL = {"aria-label": "Pages"}


def _tabs(here: str, search: str) -> Component:
    items = []
    for name, (title, _) in PAGES.items():
        mark = html.Span(" (this page)", className="unseen") if name == here else ""
        path = "/" if name == "overview" else f"/{name}"
        link = dcc.Link([title, mark], href=path + search, className="here" * (name == here))
        items.append(html.Li(link))
    return html.Ul(items)


def _picker(reading: Reading, here: str) -> list[Component]:
    """Every month, newest first: each has an address."""
    if not reading.summaries:
        return []
    shown = here.removeprefix(MONTH) if here.startswith(MONTH) else ""
    items = [
        html.Li(dcc.Link(f"{one.as_of:%B %Y}", href=f"/{MONTH}{one.as_of:%Y-%m}"))
        for one in reversed(reading.story)
    ]
    title = html.Summary(["Month", html.B(shown or "choose")])
    # a new key closes the list once a month is chosen
    return [html.Details([title, html.Ul(items)], className="pick", key=here, open=False)]


def _ranges(reading: Reading, here: str, search: str) -> list[Component]:
    """12, 24 or all months; nothing where there is nothing to leave out."""
    if len(reading.story) <= min(filter(None, RANGES.values())) or here.startswith(MONTH):
        return []
    asked, path = months_asked(search), "/" if here == "overview" else f"/{here}"
    items = [
        html.Li(
            dcc.Link(
                name,
                href=f"{path}?{_CHOICE}={name}",
                className="here" if asked == count else "",
            )
        )
        for name, count in RANGES.items()
    ]
    return [html.Nav([html.Span("Months"), html.Ul(items)], className="range", **_RANGE_LABEL)]


_RANGE_LABEL = {"aria-label": "How many months are shown"}


def _told(reading: Reading) -> Component:
    text = f"newest month {reading.newest.as_of:%B %Y}" if reading.summaries else ""
    return html.Div(text, className="status", role="status")
