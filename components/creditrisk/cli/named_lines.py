"""Lines of a name and a text: what `status`, `explain` and `registry show` print."""

from collections.abc import Iterable

from rich.table import Table

from creditrisk.cli.app import console


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
