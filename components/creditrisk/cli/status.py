"""The system in ten lines: `status`."""

import json

import typer

from creditrisk.cli.app import (
    Json,
    StoreOption,
    app,
    console,
)
from creditrisk.cli.places import store_there


@app.command()
def status(store: StoreOption = "", as_json: Json = False) -> None:
    """Champion, last decision, metrics, approvals, audit: ten lines."""
    from creditrisk.reports.status import status_lines

    lines = status_lines(store_there(store))
    if as_json:
        typer.echo(json.dumps(lines))
        return
    width = max(map(len, lines))
    for name, text in lines.items():
        console.print(f"{name:<{width}}  {text}", soft_wrap=True)
