"""Blocks as Dash shows them; `dashboard.html` draws the same as one file."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from plotly.graph_objects import Figure

from creditrisk.errors import isolated
from creditrisk.reports.dashboard.blocks import (
    Badge,
    Block,
    Cards,
    Cell,
    Chart,
    Command,
    Explorer,
    Facts,
    Fold,
    Lines,
    Link,
    MonthLink,
    Notice,
    Page,
    Section,
    Table,
    is_long,
)
from creditrisk.reports.dashboard.pages import MONTH
from creditrisk.reports.dashboard.stability import (
    distribution,
    distribution_table,
    distribution_text,
)
from creditrisk.reports.dashboard.state_words import words

_CONTENTS_LABEL = {"aria-label": "On this page"}
_MARKS = {"fail": "✕", "warn": "!", "info": "i"}


def page_body(page: Page) -> list[Component]:
    """Title, lead and sections."""
    links = [html.Li(_cell(link)) for link in page.links]
    headline = [
        html.H1(page.title, className="page-title"),
        html.P(page.lead, className="lead"),
        *([html.Ul(links, className="links")] if links else []),
    ]
    top = html.Div(headline, className=f"headline {page.state}")
    places = [html.Li(html.A(t, href=f"#{id}")) for id, t in page.contents.items()]
    jump = [html.Nav(html.Ul(places, className="links"), **_CONTENTS_LABEL)] if places else []
    sections = (_section(one, f"{page.name}-{n}") for n, one in enumerate(page.sections))
    return [top, *jump, *sections]


def straightened(part: Any) -> Any:  # noqa: ANN401 - a component, its children, or a text
    """The same without marks that turn the text beside them around."""
    if isinstance(part, str):
        return isolated(part)
    if isinstance(part, list | tuple):
        return [straightened(one) for one in part]
    if isinstance(part, Component) and (children := getattr(part, "children", None)) is not None:
        part.children = straightened(children)
    return part


def _section(section: Section, place: str) -> Component:
    alone = len(section.blocks) == 1
    blocks = html.Div([shown(block, alone) for block in section.blocks], className="blocks")
    of = html.Span(f"measured on {section.of}", className="of") if section.of else ""
    title = [html.H2([section.title, of], className="section-title")] if section.title else []
    kind = "part" if section.printed else "part screen"
    return html.Div([*title, blocks], className=kind, id=place)


@singledispatch
def shown(block: Block, alone: bool) -> Component:
    """A block; `alone`: nothing stands beside it."""
    raise TypeError(f"no way to show {type(block).__name__}")


@shown.register
def _table(block: Table, alone: bool) -> Component:
    return html.Div(table(block), className="panel")


@shown.register
def _chart(block: Chart, alone: bool) -> Component:
    width = "" if block.wide else " half alone" if alone else " half"
    scrolls = " scrolls" if block.scrolls else ""
    named = {"aria-label": block.title}
    return html.Section(_plotted(block), className=f"panel{width}{scrolls}", **named)


@shown.register
def _explorer(block: Explorer, alone: bool) -> Component:
    months = [month[:7] for month in reversed(block.months)]
    choices = [
        _choice("feature", "Feature (type to find one)", list(block.features), block.feature),
        _choice("month", "Month", months, block.month[:7]),
    ]
    beside = html.Div(cell(block, block.feature, block.month), id="cell")
    body = [
        html.Div(_plotted(block.chart)),
        html.Div([html.Div(choices, className="choose"), beside]),
    ]
    return html.Section(body, className="panel explorer", **{"aria-label": block.chart.title})


@shown.register
def _cards(block: Cards, alone: bool) -> Component:
    cards = []
    for card in block.cards:
        state = html.Span(card.badge or words(card.state), className=f"state {card.state}")
        title = html.P([card.title, *([state] if card.state else [])], className="card-title")
        value, note = html.P(card.value, className="value"), html.P(card.note, className="note")
        cards.append(html.Li([title, value, note], className=f"card {card.state}"))
    return html.Ul(cards, className="cards", **{"aria-label": block.label})


@shown.register
def _notice(block: Notice, alone: bool) -> Component:
    role = "alert" if block.kind == "fail" else "status"
    found = [html.B(_MARKS[block.kind]), block.text]
    return html.P(found, className=f"notice {block.kind}", role=role)


@shown.register
def _lines(block: Lines, alone: bool) -> Component:
    if len(block.lines) == 1:
        return html.P(block.lines[0], className="line")
    return html.Ul([html.Li(line) for line in block.lines], className="lines")


@shown.register
def _facts(block: Facts, alone: bool) -> Component:
    rows: list[Component] = []
    for name, cells in block.facts:
        rows += [html.Dt(name), html.Dd([html.Div(_cell(value)) for value in cells])]
    named = {"aria-label": block.label}
    width = " half" if block.half and not alone else ""
    return html.Section(html.Dl(rows, className="facts"), className=f"panel{width}", **named)


@shown.register
def _fold(block: Fold, alone: bool) -> Component:
    return html.Details(_asked(block.summary, block.table.caption), className="panel fold")


def cell(explorer: Explorer, feature: str, month: str) -> list[Component]:
    """Both distributions behind a cell of the heat map, as a chart and as text."""
    return [
        html.P(distribution_text(explorer, feature, month), className="note", role="status"),
        html.Div(
            _graph("distribution", distribution(explorer, feature, month)),
            className="plotted",
            role="img",
            **{"aria-label": f"{feature}, {month[:7]} beside the reference"},
        ),
        html.Details(
            [html.Summary(_same(feature)), table(distribution_table(explorer, feature, month))]
        ),
    ]


def table(block: Table) -> Component:
    """A table in a frame that scrolls by keyboard, too."""
    classes = ["n" if name in block.numbers else "" for name in block.columns]
    heads = [
        html.Th(name, scope="col", className=kind)
        for name, kind in zip(block.columns, classes, strict=True)
    ]
    none = [html.Tr(html.Td("none", colSpan=len(block.columns)))]
    rows = [
        html.Tr([_td(c, kind) for c, kind in zip(row, classes, strict=True)]) for row in block.rows
    ]
    whole = html.Table(
        [html.Caption(block.caption), html.Thead(html.Tr(heads)), html.Tbody(rows or none)]
    )
    named = {"aria-label": block.caption}
    return html.Div(whole, className="scroll", tabIndex=0, role="region", **named)


def _td(value: Cell, kind: str) -> Component:
    return html.Td(_cell(value), className="long" if is_long(value) else kind)


def _cell(value: Cell) -> Component | str:
    if isinstance(value, Badge):
        return html.Span(value.text or words(value.state), className=f"state {value.state}")
    if isinstance(value, Command):
        return html.Code(value.text, className="command")
    if isinstance(value, MonthLink):
        return dcc.Link(value.text, href=f"/{MONTH}{value.month[:7]}")
    return html.A(value.text, href=f"/{value.key}") if isinstance(value, Link) else value


def _plotted(chart: Chart) -> list[Component]:
    about: dict[str, Any] = {"aria-label": f"{chart.title} {chart.note}"}
    about |= {"tabIndex": 0} if chart.scrolls else {}  # it is scrolled by keyboard, too
    return [
        html.H3(chart.title, className="chart-title"),
        html.P(chart.note, className="note"),
        html.Div(_graph(chart.id, chart.figure), className="plotted", role="img", **about),
        html.Details(_asked(_same(chart.title), chart.id)),
    ]


def _asked(summary: str | list[Any], name: str) -> list[Component]:
    """A table to come: cells nobody looks at would cost a browser seconds."""
    return [
        html.Summary(summary, id={"part": "asked", "chart": name}),
        html.Div(id={"part": "table", "chart": name}),
    ]


def _same(title: str) -> list[Any]:
    return ["The same as a table", html.Span(f": {title}", className="unseen")]


def _graph(id: str, figure: Figure) -> Component:
    style = {"height": f"{figure.layout.height}px"}
    return dcc.Graph(id=id, figure=figure, config={"displayModeBar": False}, style=style)


def _choice(id: str, label: str, options: Sequence[str], value: str) -> Component:
    """A field that proposes what there is; Dash's own list of choices fails screen readers."""
    known = html.Datalist([html.Option(value=option) for option in options], id=f"{id}-known")
    field = dcc.Input(
        id=id,
        value=value,
        list=f"{id}-known",
        debounce=True,
        autoComplete="off",
        persistence=True,
        persistence_type="memory",
    )
    return html.Div([html.Label(label, htmlFor=id), field, known])
