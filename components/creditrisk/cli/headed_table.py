"""What every command prints: tables under headings, and lines of a name and a text."""

from collections.abc import Collection, Iterable

from rich import box
from rich.table import Table

from creditrisk.cli.app import console


def headed_table(*headings: str, title: str = "", right: Collection[str] = ()) -> Table:
    """An empty table under its headings; those in `right` have numbers below them.

    What a terminal has no room for goes on in the next line: an id that is cut names nothing.
    """
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return table


def print_named(lines: Iterable[tuple[str, str]]) -> None:
    """A text that a terminal has no room for goes on below itself; in a log it stays one line."""
    rows = list(lines)
    if console.is_terminal:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")  # an id that is cut names nothing
        for row in rows:
            table.add_row(*row)
        console.print(table)
        return
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        console.print(f"{name:<{width}}  {text}", soft_wrap=True)
