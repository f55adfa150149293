"""The interactive dashboard: Dash over a watched store, and two pages for machines beside it."""

from importlib.resources import files
from typing import Any

from dash import MATCH, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from flask import Response, jsonify, request

from creditrisk.records import layout
from creditrisk.reports.dashboard.blocks import chart_of, explorer_of
from creditrisk.reports.dashboard.components import cell, page_body, table
from creditrisk.reports.dashboard.metrics import CONTENT_TYPE, exposition
from creditrisk.reports.dashboard.pages import PAGES
from creditrisk.reports.dashboard.served import media_type
from creditrisk.reports.dashboard.watch import Shown, Watch

_HEADERS = {
    # nothing is asked of another host, and nobody frames us
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_INDEX = """<!doctype html>
<html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">
{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body></html>"""
_TITLE = """function (body) {
  const heading = document.querySelector("main h1");
  document.title = heading ? heading.textContent + " · creditrisk" : "creditrisk";
  return "";
}"""


def build_app(watch: Watch) -> Dash:
    """The app, reading what `watch` shows; it never writes."""
    app = Dash(
        "creditrisk",
        assets_folder=str(files("creditrisk.reports") / "assets"),
        index_string=_INDEX,
        serve_locally=True,
        suppress_callback_exceptions=True,  # the heat map's choices are on one page only
        title="creditrisk",
        update_title="",
    )
    app.layout = lambda: _layout(watch)
    _callbacks(app, watch)
    _routes(app, watch)
    return app


def _layout(watch: Watch) -> Component:
    return html.Div(
        [
            dcc.Location(id="url"),
            dcc.Interval(id="tick", interval=int(watch.every * 1000)),
            dcc.Store(id="stamp", data=watch.shown.stamp),
            dcc.Store(id="titled"),
            html.A("Skip to content", href="#page", className="skip"),
            html.Header(
                html.Div(
                    [
                        html.Div(id="brand", className="brand"),
                        html.Nav(id="nav", **{"aria-label": "Pages"}),
                        html.Div(id="status", className="status", role="status"),
                    ],
                    className="bar",
                ),
                className="top",
            ),
            html.Main(id="page", tabIndex=-1),
        ]
    )


def _callbacks(app: Dash, watch: Watch) -> None:
    @app.callback(Output("stamp", "data"), Input("tick", "n_intervals"), State("stamp", "data"))
    def look(_: int, stamp: str) -> Any:  # noqa: ANN401 - no_update has no type
        return no_update if watch.shown.stamp == stamp else watch.shown.stamp

    @app.callback(
        Output("brand", "children"),
        Output("nav", "children"),
        Output("status", "children"),
        Output("page", "children"),
        Input("url", "pathname"),
        Input("stamp", "data"),
    )
    def show(path: str | None, _: str) -> tuple[object, Component, str, list[Component]]:
        name, shown = _name(path), watch.shown
        brand = ["creditrisk", html.Span(shown.reading.portfolio)]
        return brand, _nav(name), _told(shown), page_body(shown.page(name))

    @app.callback(
        Output({"part": "table", "chart": MATCH}, "children"),
        Input({"part": "asked", "chart": MATCH}, "n_clicks"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    def same(_: int, path: str | None) -> Component:
        page = watch.shown.page(_name(path))
        return table(chart_of(page, ctx.triggered_id["chart"]).table)

    @app.callback(
        Output("cell", "children"),
        Input("feature", "value"),
        Input("month", "value"),
        prevent_initial_call=True,
    )
    def choose(feature: str, month: str) -> list[Component]:
        return cell(explorer_of(watch.shown.page("stability")), feature, month)

    @app.callback(
        Output("feature", "value"),
        Output("month", "value"),
        Input("csi", "clickData"),
        prevent_initial_call=True,
    )
    def click(clicked: dict[str, Any] | None) -> tuple[Any, Any]:
        if not clicked:
            return no_update, no_update
        point = clicked["points"][0]
        return point["y"], str(point["x"])[:10]

    app.clientside_callback(_TITLE, Output("titled", "data"), Input("page", "children"))


def _routes(app: Dash, watch: Watch) -> None:
    @app.server.route("/metrics")
    def metrics() -> Response:
        return Response(exposition(watch.shown.reading), content_type=CONTENT_TYPE)

    @app.server.route("/healthz")
    def healthz() -> tuple[Response, int]:
        reading = watch.shown.reading
        newest = f"{reading.newest.as_of}" if reading.summaries else None
        body = {"store": reading.uri, "month": newest, "fault": reading.fault or None}
        return jsonify(body), 503 if reading.fault else 200

    @app.server.route(f"/{layout.MONTHS}<path:_>")
    @app.server.route(f"/{layout.REGISTRY}<path:_>")
    def stored(_: str) -> Response:
        key = request.path.lstrip("/")
        kind = media_type(key)
        try:
            data = watch.file(key) if kind else None
        except KeyError:
            data = None
        if data is None:
            return Response("the store holds no such page\n", 404, content_type="text/plain")
        return Response(data, content_type=kind)

    @app.server.after_request
    def secured(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response


def _name(path: str | None) -> str:
    return (path or "/").strip("/") or "overview"


def _nav(here: str) -> Component:
    items = []
    for name, (title, _) in PAGES.items():
        mark = html.Span(" (this page)", className="unseen") if name == here else ""
        path = "/" if name == "overview" else f"/{name}"
        link = dcc.Link([title, mark], href=path, className="here" if name == here else "")
        items.append(html.Li(link))
    return html.Ul(items)


def _told(shown: Shown) -> str:
    summaries = shown.reading.summaries
    return f"newest month {summaries[-1].as_of:%B %Y}" if summaries else ""
