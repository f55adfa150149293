"""The system in ten lines: `status`."""

from creditrisk.cli.app import (
    Json,
    StoreOption,
    answer,
    app,
    console,
)
from creditrisk.cli.places import store_there


@app.command()
def status(store: StoreOption = "", as_json: Json = False) -> None:
    """Champion, last decision, metrics, approvals, audit: ten lines."""
    from creditrisk.reports.status import status as state
    from creditrisk.reports.status import status_lines

    found = state(store_there(store))
    if as_json:
        answer(found)
        return
    lines = status_lines(found)
    width = max(map(len, lines))
    for name, text in lines.items():
        console.print(f"{name:<{width}}  {text}", soft_wrap=True)
