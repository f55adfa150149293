"""Looking at the store in a browser: `dashboard`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import app, console
from creditrisk.cli.places import file_to_write
from creditrisk.errors import UserError

_NEEDED = ("plotly", "dash", "waitress", "prometheus_client")


@app.command()
def dashboard(
    store: options.Store = "",
    host: Annotated[
        str, typer.Option(help="Address to listen on; there is no log-in: put one before it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8050,
    every: Annotated[
        float, typer.Option(min=0.2, help="Seconds between two looks at the store.")
    ] = 10.0,
    static: Annotated[
        Path | None,
        typer.Option(
            parser=options.path_here,
            metavar="FILE",
            help="Write every page into this one file and stop.",
        ),
    ] = None,
) -> None:
    """Serve the dashboard of a store, read-only.

    It shows a month as soon as it lands.
    """
    _require(_NEEDED[:1] if static else _NEEDED)
    if static:
        console.print(_written(store, file_to_write(static)), soft_wrap=True)
        return
    from creditrisk.reports.dashboard.serve import serve
    from creditrisk.reports.dashboard.watch import Watch

    watch = Watch(store, every)
    reading = watch.shown.reading
    text = reading.fault or f"{len(reading.summaries)} months of {reading.uri}"
    console.print(text, soft_wrap=True)
    console.print(f"http://{host}:{port}  (Ctrl-C stops it)", soft_wrap=True)
    serve(watch, host, port)


def _written(store: str, path: Path) -> str:
    from creditrisk.reports.dashboard.reader import Reader
    from creditrisk.reports.dashboard.static_page import static_page
    from creditrisk.reports.month_summary import MONTHS_SHOWN

    reading = Reader(store, last=MONTHS_SHOWN).read()
    if reading.fault or not reading.summaries:
        raise UserError(reading.fault or f"{reading.uri} holds no month yet; see creditrisk run")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(static_page(reading), encoding="utf-8")
    return f"{path}: {len(reading.summaries)} months, {path.stat().st_size / 1e6:.1f} MB"


def _require(modules: tuple[str, ...]) -> None:
    lacking = [name for name in modules if find_spec(name) is None]
    if lacking:
        raise UserError(f"{', '.join(lacking)} not installed: pip install 'creditrisk[dashboard]'")
