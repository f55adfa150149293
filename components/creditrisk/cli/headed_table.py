"""A table as every command prints one."""

from collections.abc import Collection

from rich import box
from rich.table import Table


def headed_table(*headings: str, title: str = "", right: Collection[str] = ()) -> Table:
    """An empty table under its headings; those in `right` have numbers below them.

    What a terminal has no room for goes on in the next line: an id that is cut names nothing.
    """
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return table
