"""The interactive dashboard: Dash over a watched store, and two pages for machines beside it."""

import logging
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from dash import MATCH, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import DependencyException
from flask import Response, jsonify, request

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.reports.dashboard.blocks import explorer_of, table_of
from creditrisk.reports.dashboard.callback_check import refusal
from creditrisk.reports.dashboard.components import cell, page_body, straightened, table
from creditrisk.reports.dashboard.header import APPLICATION, APPLICATIONS, header, months_asked
from creditrisk.reports.dashboard.metrics import CONTENT_TYPE, exposition
from creditrisk.reports.dashboard.pages import MONTH
from creditrisk.reports.dashboard.stored_objects import media_type
from creditrisk.reports.dashboard.watch import Watch
from creditrisk.reports.render import render

_HEADERS = {
    # nothing is asked of another host, and nobody frames us
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_INDEX = """<!doctype html>
<html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">
{%metas%}<title>{%title%}</title><link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body></html>"""
BODY = 1_000_000  # bytes that are taken of a request
_CALLBACKS = "/_dash-update-component"
_HTML = "text/html; charset=utf-8"
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
    app.server.config["MAX_CONTENT_LENGTH"] = BODY
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
            html.Header(id="top", className="top"),
            html.Main(id="page", tabIndex=-1),
        ]
    )


def _callbacks(app: Dash, watch: Watch) -> None:
    @app.callback(Output("stamp", "data"), Input("tick", "n_intervals"), State("stamp", "data"))
    def look(_: int, stamp: str) -> Any:  # noqa: ANN401 - no_update has no type
        return no_update if watch.shown.stamp == stamp else watch.shown.stamp

    @app.callback(
        Output("top", "children"),
        Output("page", "children"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("stamp", "data"),
    )
    def show(
        path: str | None, search: str | None, _: str
    ) -> tuple[list[Component], list[Component]]:
        name, shown = _name(path), watch.shown
        page = shown.page(name, months_asked(search))
        head = header(shown.reading, name, search or "")
        return straightened(head), straightened(page_body(page))

    @app.callback(
        Output({"part": "table", "chart": MATCH}, "children"),
        Input({"part": "asked", "chart": MATCH}, "n_clicks"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def same(_: int, path: str | None, search: str | None) -> Any:  # noqa: ANN401 - no_update has no type
        page = watch.shown.page(_name(path), months_asked(search))
        found = table_of(page, ctx.inputs_list[0]["id"]["chart"])
        return straightened(table(found)) if found else no_update

    @app.callback(
        Output("cell", "children"),
        Input("feature", "value"),
        Input("month", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choose(feature: str | None, month: str | None, search: str | None) -> Any:  # noqa: ANN401 - no_update has no type
        explorer = explorer_of(watch.shown.page("stability", months_asked(search)))
        found = cell(explorer, feature or "", f"{month or ''}-01") if explorer else no_update
        return straightened(found)

    @app.callback(
        Output("url", "pathname"), Input("history", "clickData"), prevent_initial_call=True
    )
    def open_month(clicked: dict[str, Any] | None) -> Any:  # noqa: ANN401 - no_update has no type
        day = _clicked(clicked)
        return f"/{MONTH}{day[:7]}" if watch.shown.reading.of(day[:7]) else no_update

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
        return point.get("y"), str(point.get("x"))[:7]

    app.clientside_callback(_TITLE, Output("titled", "data"), Input("page", "children"))


def _routes(app: Dash, watch: Watch) -> None:
    @app.server.before_request
    def understood() -> Response | None:
        if request.path != _CALLBACKS or request.method != "POST":
            return None
        if not (why := refusal(request.get_data(), app.callback_map)):
            return None
        logging.getLogger(__name__).warning("refused: %s", why)
        return Response(f"{why}\n", 400, content_type="text/plain")

    @app.server.errorhandler(DependencyException)
    def no_script(_: DependencyException) -> Response:
        return Response("there is no such script\n", 404, content_type="text/plain")

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

    @app.server.route(f"{APPLICATIONS}<month>/<path:application>")
    def applicant(month: str, application: str) -> Response:
        try:
            page = watch.applicant(month, application)
        except UserError as error:
            return _no_application(error)
        return Response(page, content_type=_HTML)

    @app.server.post(APPLICATIONS)
    def find() -> Response:
        application = request.form.get(APPLICATION, "").strip()
        try:
            month = watch.month_of(application)
        except UserError as error:
            return _no_application(error)
        place = f"{APPLICATIONS}{month:%Y-%m}/{quote(application)}"
        return Response(status=303, headers={"Location": place})

    @app.server.after_request
    def secured(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response


def _no_application(error: UserError) -> Response:
    page = render("no_application.html", near={"Overview": "/"}, text=f"{error}")
    return Response(page, 404, content_type=_HTML)


def _name(path: str | None) -> str:
    return (path or "/").strip("/") or "overview"


def _clicked(clicked: dict[str, Any] | None) -> str:
    """The day of a point in a figure over months; a champion's bar is opened at its base."""
    point = clicked["points"][0] if clicked else {}
    return str(point.get("base") or point.get("x") or "")
