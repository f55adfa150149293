"""A month for a committee: `report`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import app, console
from creditrisk.cli.places import file_to_write, store_there
from creditrisk.errors import UserError


@app.command()
def report(
    xlsx: Annotated[
        Path | None,
        typer.Option(
            parser=options.path_here, metavar="FILE", help="The workbook; default: report.xlsx."
        ),
    ] = None,
    month: Annotated[str, typer.Option(help="The month, as YYYY-MM; default: the newest.")] = "",
    store: options.Store = "",
) -> None:
    """Write a month's workbook for a committee (.xlsx).

    Verdict, axes with their thresholds, grades, groups, approvals, and the months before.
    """
    found, path = store_there(store), xlsx or Path("report.xlsx")
    if missing := [name for name in ("plotly", "xlsxwriter") if find_spec(name) is None]:
        raise UserError(f"{missing[0]} is not installed: pip install 'creditrisk[dashboard]'")
    if path.suffix.lower() != ".xlsx":
        raise UserError(f"{path} is no .xlsx file; name one that ends so")
    file_to_write(path)
    data = _drawn(found.uri, month)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    console.print(f"{path}: {len(data) / 1000:,.0f} kB", soft_wrap=True)


def _drawn(uri: str, month: str) -> bytes:
    from creditrisk.calendar_month import parse_month
    from creditrisk.reports.committee import committee
    from creditrisk.reports.dashboard.reader import Reader
    from creditrisk.reports.workbook import workbook

    upto = parse_month(month, "--month") if month else None
    reading = Reader(uri, upto=upto).read()
    if reading.fault or not reading.summaries:
        raise UserError(reading.fault or f"{uri} holds no month yet; see creditrisk run")
    summary = reading.newest
    if upto and summary.as_of != upto:
        raise UserError(
            f"{uri} holds no run of {upto:%Y-%m}; its newest before is {summary.as_of:%Y-%m}"
        )
    title = f"{reading.portfolio}, {summary.as_of:%B %Y}"
    return workbook(committee(reading, summary), title, summary.as_of)
