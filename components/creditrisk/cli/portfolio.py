"""The lender's description: `portfolio check`, `portfolio keys`."""

import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.table import Table as Grid

from creditrisk.calendar_month import year_month
from creditrisk.cli import options
from creditrisk.cli.app import answer, console, document, group, progress, sound_policy, styled
from creditrisk.cli.places import deliveries
from creditrisk.policy import YamlText
from creditrisk.portfolio import load_portfolio, portfolio_text
from creditrisk.portfolio.pii_key import read_pii_key
from creditrisk.portfolio.reference import portfolio_keys, reference

if TYPE_CHECKING:  # Arrow and NumPy take their time to import: only where a check is asked for
    from creditrisk.quality.portfolio_check.column import Column
    from creditrisk.quality.portfolio_check.remark import Remark
    from creditrisk.quality.portfolio_check.survey import Survey
    from creditrisk.quality.portfolio_check.table import Table

portfolio_app = group("portfolio")
_MARKS = {"look": styled("look", "yellow"), "unusable": styled("no", "red")}


@portfolio_app.command()
def check(
    data: options.Data,
    portfolio: options.Portfolio = None,
    policy: options.Policy = None,
    as_json: options.Json = False,
) -> None:
    """Compare given files with their description, column by column; exit code 2: not usable."""
    # Arrow's own allocator spends .3 s of a million rows on giving pages back; its CSV reader asks
    # no pool that is set later
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

    from creditrisk.cli.without_pandas import without_pandas
    from creditrisk.quality.portfolio_check.survey import survey

    described, limits = load_portfolio(portfolio), sound_policy(policy).quality
    read_pii_key()  # the ETL would refuse it
    landing = deliveries(data)
    with progress.status(styled(f"reading {data}")), without_pandas():
        found = survey(landing, described, limits)
    place = _Place(portfolio)
    if as_json:
        answer(_body(found, place))
    else:
        _print(found, place, list(described.sources))
    if not found.usable:
        raise typer.Exit(2)


@portfolio_app.command()
def keys(as_json: options.Json = False) -> None:
    """Print every key of a portfolio file as Markdown, as docs/portfolio.md has it."""
    if as_json:
        answer(portfolio_keys())
    else:
        document(reference())


class _Place:
    """Lines of the portfolio file that remarks name."""

    def __init__(self, path: Path | None) -> None:
        self._path = path or Path("portfolio.yaml")
        self._written = YamlText(portfolio_text(path), str(self._path))

    def of(self, remark: "Remark") -> str:
        """The file and the line, as an editor takes it."""
        return f"{self._path}:{self._written.line(remark.path)}"

    def short(self, remark: "Remark") -> str:
        """The same for a narrow column, with the key."""
        line = f"{self._path.name}:{self._written.line(remark.path)}"
        return f"{line} {remark.key}" if remark.key else line


def _body(found: "Survey", place: _Place) -> dict[str, object]:
    from creditrisk.quality.portfolio_check.months import main_months

    return {
        "usable": found.usable,
        "tables": [
            {
                "source": table.source,
                "rows": table.rows,
                "whole": table.whole,
                "first": f"{min(main_months(table), default='')}",
                "last": f"{max(main_months(table), default='')}",
            }
            for table in found.tables
        ],
        "findings": [asdict(f) | {"place": place.of(f)} for f in found.remarks],
    }


def _print(found: "Survey", place: _Place, sources: Iterable[str]) -> None:
    read = {table.source: table for table in found.tables}
    for source in sources:
        console.print(_title(source, read.get(source)), style="bold", soft_wrap=True)
        grid = Grid(box=box.SIMPLE_HEAD)
        for name in ("column", "", "what was found", "where", "what to write there"):
            grid.add_column(name, overflow="fold")
        _add(grid, "", found.of(source), place)
        for name, column in read[source].columns.items() if source in read else ():
            if remarks := found.of(source, name):
                _add(grid, name, remarks, place)
            else:
                grid.add_row(name, styled("fits", "green"), _content(column), "", "")
        others = {f.column for f in found.remarks if f.source == source and f.column}
        for name in sorted(others - set(read[source].columns if source in read else ())):
            _add(grid, name, found.of(source, name), place)
        console.print(grid)
    looks = sum(f.level == "look" for f in found.remarks)
    wrong = len(found.remarks) - looks
    if found.usable:
        console.print(f"usable; {looks} to look at")
    else:
        console.print(styled("not usable:", "red"), f"{wrong} to change, {looks} to look at")


def _add(grid: Grid, name: str, remarks: "Iterable[Remark]", place: _Place) -> None:
    for remark in remarks:
        where = place.short(remark)
        grid.add_row(name or "(table)", _MARKS[remark.level], remark.what, where, remark.change)
        name = name and " "


def _title(source: str, table: "Table | None") -> str:
    from creditrisk.quality.portfolio_check.months import main_months

    if table is None:
        return source
    files = table.files[0] if len(table.files) == 1 else f"{len(table.files)} files"
    rows = f"{table.rows:,} rows"
    if not table.whole:
        rows = f"only {rows} read, joins not checked"
    months = main_months(table)
    span = f"{year_month(months[0])} to {year_month(months[-1])}" if months else "no months"
    more = f", {table.unread} older files not read" if table.unread else ""
    return f"{source}: {files}, {rows}, {span}{more}"


def _content(column: "Column") -> str:
    """One line about a column without a fault."""
    role = f"{column.spec.role}, " if column.spec.role else ""
    filled = f"{column.filled / max(column.rows, 1):.1%}"
    text = f"{role}{column.spec.type}, {filled} filled"
    values, _ = column.numbers
    if len(values) and column.spec.type in ("number", "integer", "duration"):
        text += f", {values[0]:g} to {values[-1]:g}"
    elif column.spec.type == "category":
        text += f", {len(column.spec.categories) or len(column.written)} categories"
    return text
