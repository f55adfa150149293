"""The feature store: `features get`."""

from typing import Annotated, Any

import typer
from rich.table import Table

from creditrisk import contracts
from creditrisk.calendar_month import parse_month
from creditrisk.cli import options
from creditrisk.cli.app import answer, console, group
from creditrisk.cli.headed_table import headed_table
from creditrisk.cli.places import store_there
from creditrisk.errors import UserError
from creditrisk.lake import Commit, Lake
from creditrisk.portfolio import Portfolio, load_portfolio
from creditrisk.records.config import read_portfolio

features_app = group("features")
_TABLE = "gold/features"


@features_app.command("get")
def features_get(
    as_of: options.AsOf,
    application: Annotated[str, typer.Option(help="Only this one, by its id.")] = "",
    store: options.Store = "",
    portfolio: options.Portfolio = None,
    as_json: options.Json = False,
) -> None:
    """Print what training at a month may see: every application up to then, as committed.

    With `--json` one line per application; `--portfolio` is asked for only where the commits do
    not say what they were built by.
    """
    lake = Lake(store_there(store))
    commits = lake.commits(_TABLE, upto=parse_month(as_of))
    if not commits:
        raise UserError(f"{_TABLE} has no month up to {as_of} in {lake.store.uri}; run one first")
    described = load_portfolio(portfolio) if portfolio else _described(lake, commits[-1])
    found = {c.month: _rows(lake, described, c, application) for c in commits}
    if application and not any(found.values()):
        raise UserError(
            f"application {application} is in none of the {len(commits)} months up to {as_of};"
            " it came later, or not at all"
        )
    if as_json:
        for row in (row for rows in found.values() for row in rows):
            answer(row)
    elif application:
        _show(found, commits)
    else:
        console.print(_overview(found, commits, described))


def _described(lake: Lake, commit: Commit) -> Portfolio:
    sha = commit.inputs.get("portfolio", "")
    try:
        return read_portfolio(lake.store, sha)
    except KeyError:
        raise UserError(
            f"{commit.key} does not say which portfolio it was built by; give it by --portfolio"
        ) from None


def _rows(lake: Lake, portfolio: Portfolio, commit: Commit, application: str) -> list[Any]:
    rows = lake.read_commits(contracts.features(portfolio), [commit]).to_pylist()
    wanted = (row for row in rows if application in ("", row["application_id"]))
    return sorted(wanted, key=lambda row: row["application_id"])


def _show(found: dict[str, list[Any]], commits: list[Commit]) -> None:
    for commit in commits:
        for row in found[commit.month]:
            width = max(map(len, row))
            for name, value in row.items():
                console.print(f"{name:<{width}}  {'' if value is None else value}")
            console.print(f"{'from':<{width}}  {commit.key}", soft_wrap=True)


def _overview(found: dict[str, list[Any]], commits: list[Commit], portfolio: Portfolio) -> Table:
    headings = ("month", "applications", "version", "digest", "source down")
    table = headed_table(*headings, right=("applications",))
    for commit in commits:
        rows = found[commit.month]
        down = {s for r in rows for s in portfolio.optional_sources if not r[f"{s}_available"]}
        row = (commit.month, f"{commit.rows}", f"{commit.version}", commit.digest[:12])
        table.add_row(*row, ", ".join(sorted(down)))
    return table
