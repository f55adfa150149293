"""The head of every page: whose book, which month, which range, which page."""

from urllib.parse import parse_qs

from dash import dcc, html
from dash.development.base_component import Component

from creditrisk.reports.dashboard.pages import MONTH, PAGES, RANGES
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MONTHS_SHOWN

APPLICATIONS, APPLICATION = "/applications/", "application"
_CHOICE = "months"  # of the address: /stability?months=all


def months_asked(search: str | None) -> int:
    """How many months an address asks for; 0: all of them."""
    asked = parse_qs((search or "").lstrip("?")).get(_CHOICE, [""])[0]
    return RANGES.get(asked, MONTHS_SHOWN)


def header(reading: Reading, here: str, search: str) -> list[Component]:
    """`here`: the page's name, `search`: the question in its address."""
    brand = html.Div(["creditrisk", html.Span(reading.portfolio)], className="brand")
    controls = [brand, *_finder(reading), *_picker(reading, here)]
    controls += [*_ranges(reading, here, search), _status(reading)]
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


def _finder(reading: Reading) -> list[Component]:
    """Asks for an application by its number; what is typed is posted, no address or log has it."""
    if not reading.summaries:
        return []
    label = html.Label("Application", htmlFor=APPLICATION)
    field = dcc.Input(
        id=APPLICATION, name=APPLICATION, placeholder="number", required=True, autoComplete="off"
    )
    asked = [label, field, html.Button("Find")]
    return [html.Form(asked, action=APPLICATIONS, method="POST", role="search", className="find")]


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


def _status(reading: Reading) -> Component:
    text = f"newest month {reading.newest.as_of:%B %Y}" if reading.summaries else ""
    return html.Div(text, className="status", role="status")
