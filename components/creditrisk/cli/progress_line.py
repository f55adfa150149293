"""One line for a person who waits: what is done now, for how long, and what comes next."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from creditrisk.cli.app import progress
from creditrisk.errors import printable
from creditrisk.signals import stop_if_asked


class Waiting:
    """The line on a terminal; nothing in a log. `then`: what comes next."""

    def __init__(self, bar: Progress) -> None:
        self._bar, self._task = bar, bar.add_task("")

    def on(self, now: str, then: str = "") -> None:
        """Something else is done from now on, unless the person has asked to stop."""
        stop_if_asked()
        self._bar.reset(self._task, description=_line(now, then))

    def at(self, now: str, then: str = "") -> None:
        """The same is done, further on, unless the person has asked to stop."""
        stop_if_asked()
        self._bar.update(self._task, description=_line(now, then))


@contextmanager
def waiting(now: str = "", then: str = "") -> Iterator[Waiting]:
    """Show the line until what is inside ends."""
    text = TextColumn(
        "{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)
    )
    columns = SpinnerColumn(), TimeElapsedColumn(), text
    with Progress(
        *columns,
        console=progress,
        transient=True,
        refresh_per_second=4,
        disable=not progress.is_terminal,  # a log would get its empty lines
    ) as bar:
        line = Waiting(bar)
        line.on(now, then)
        yield line


def _line(now: str, then: str) -> str:
    return printable(f"{now}; then {then}" if then else now)
