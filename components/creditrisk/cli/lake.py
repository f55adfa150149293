"""Looking after the tables: `lake dictionary`, `ls`, `show`, `verify`, `vacuum`, `delta`."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Annotated

import typer
from rich.progress import track

from creditrisk.calendar_month import parse_month
from creditrisk.cli import options
from creditrisk.cli.app import answer, console, document, group, progress, sound_policy, styled
from creditrisk.cli.headed_table import headed_table
from creditrisk.cli.places import store_there
from creditrisk.contracts.dictionary import data_dictionary
from creditrisk.errors import GateError, UserError
from creditrisk.lake import Commit, Lake, housekeeping
from creditrisk.portfolio import load_portfolio
from creditrisk.records.run import now
from creditrisk.storage.parallel import in_parallel

lake_app = group("lake")
_MB = 1e6


@lake_app.command("dictionary")
def lake_dictionary(policy: options.Policy = None, portfolio: options.Portfolio = None) -> None:
    """Print every table and column as Markdown, as docs/data_dictionary.md has it."""
    document(data_dictionary(load_portfolio(portfolio), sound_policy(policy)))


@lake_app.command("ls")
def lake_ls(store: options.Store = "", as_json: options.Json = False) -> None:
    """List every table: months, rows, size, and how many older versions there are."""
    lake = Lake(store_there(store))
    commits = in_parallel(lake.manifest, housekeeping.manifest_keys(lake.store))
    tables = [_summary(t, list(found)) for t, found in groupby(commits, attrgetter("table"))]
    if as_json:
        answer(tables)
        return
    headings = ("table", "months", "from", "to", "rows", "MB", "older")
    shown = headed_table(*headings, right=headings[1:])
    for row in tables:
        shown.add_row(*map(_cell, row.values()))
    console.print(shown)


@lake_app.command("show")
def lake_show(
    table: str, month: str, store: options.Store = "", as_json: options.Json = False
) -> None:
    """Show every version of a month: what it holds, what it was made from, where it lies."""
    lake = Lake(store_there(store))
    versions = lake.versions(table, parse_month(month, "MONTH"))
    if not versions:
        raise UserError(
            f"{table} has no month {month} in {lake.store.uri}; see `creditrisk lake ls`"
        )
    if as_json:
        answer(versions)
        return
    for commit in versions:
        console.print(f"version {commit.version}: {commit.rows:,} rows", style="bold")
        lines = {"digest": commit.digest, "code": commit.code}
        lines |= {f"from {name}": digest for name, digest in sorted(commit.inputs.items())}
        lines |= {f"in {file.key}": file.sha256 for file in commit.files}
        for name, text in lines.items():
            console.print(f"  {name} ", styled(text, "dim"), soft_wrap=True)


@lake_app.command("verify")
def lake_verify(
    store: options.Store = "",
    rows: Annotated[
        bool, typer.Option("--rows", help="Compute every digest again from the rows, too; slow.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Check every manifest and every byte it names; exit code 3 names the first that is wrong."""
    lake = Lake(store_there(store))
    keys, pins = housekeeping.manifest_keys(lake.store), _pins(lake)
    lost = housekeeping.missing(keys) + housekeeping.unpinned(lake, keys, pins)
    looked = track(housekeeping.examine(lake, keys), "verifying", len(keys), console=progress)
    faults = lost or [fault for fault in looked if fault]
    digests = _digests(lake, keys) if rows and not faults else []
    faults += filter(None, digests)
    if as_json:
        same = len(digests) - digests.count(None) if rows else None
        answer({"commits": len(keys), "rows": same, "versions": len(pins), "faults": faults})
    if faults:
        raise GateError(f"lake: {faults[0]}")
    if not as_json:
        versions = f", the data of {len(pins)} model versions among them" if pins else ""
        console.print(f"{len(keys)} commits, whole{versions}{_rows_text(digests)}")


def _digests(lake: Lake, keys: list[str]) -> list[str | None]:
    """By commit what is wrong with its rows: "" for nothing, None where nobody can say."""
    from creditrisk.lake.rows import altered_rows, contracts_of

    looked = altered_rows(lake, keys, contracts_of(lake.store))
    return list(track(looked, "rows", len(keys), console=progress))


def _rows_text(digests: list[str | None]) -> str:
    if not digests:
        return ""
    other = digests.count(None)
    unknown = f"; {other} are of no description that is kept here" if other else ""
    return f"; {len(digests) - other} have the rows of their digests{unknown}"


@lake_app.command("vacuum")
def lake_vacuum(
    store: options.Store = "",
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; else they are listed.")] = False,
    hours: Annotated[
        float, typer.Option(min=0, help="Younger files stay: a running job may commit them.")
    ] = 24.0,
    as_json: options.Json = False,
) -> None:
    """List files that no commit names, left by what was stopped half-way; `--yes` removes them."""
    lake = Lake(store_there(store))
    before = datetime.fromisoformat(now()) - timedelta(hours=hours)
    found = housekeeping.unreferenced(lake, _pins(lake), before)
    for item in track(found, "removing", console=progress) if yes else ():
        lake.store.delete(item.key)
    if as_json:
        answer({"removed": yes, "files": [{"key": item.key, "bytes": item.size} for item in found]})
        return
    for item in () if yes else found:
        console.print(item.key, soft_wrap=True)
    size = sum(item.size for item in found) / _MB
    end = "removed" if yes else "in no commit" + "; --yes removes them" * bool(found)
    console.print(f"{len(found):,} files, {size:,.1f} MB, {end}")


@lake_app.command("delta")
def lake_delta(
    store: options.Store = "",
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Remove the Delta logs first, and write them anew.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Bring every table's Delta log up to its manifests; every month's run does so, too."""
    from creditrisk.lake.delta import follow_manifests, forget_logs

    lake = Lake(store_there(store))
    if rebuild:
        forget_logs(lake.store)
    found = follow_manifests(lake)
    if as_json:
        answer(found)
    else:
        for table in found:
            console.print(f"{table.table}: {table.fault or f'{table.written} versions written'}")
    if faults := [table for table in found if table.fault]:
        raise UserError(f"{len(faults)} of {len(found)} tables are behind as Delta tables")


def _cell(value: str | int | float) -> str:
    """Megabytes to a tenth, rows in groups, a month as people write it."""
    if isinstance(value, str):
        return value.removesuffix("-01") if value[:1].isdigit() else value
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _summary(table: str, commits: list[Commit]) -> dict[str, str | int | float]:
    newest = {commit.month: commit for commit in commits}
    return {
        "table": table,
        "months": len(newest),
        "from": min(newest),
        "to": max(newest),
        "rows": sum(commit.rows for commit in newest.values()),
        "mb": round(sum(f.size for c in newest.values() for f in c.files) / _MB, 3),
        "superseded": len(commits) - len(newest),
    }


def _pins(lake: Lake) -> housekeeping.Pins:
    from creditrisk.records.development import read_lineages

    return {id: lineage.data_version for id, lineage in read_lineages(lake.store).items()}
