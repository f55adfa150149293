"""What a page is made of. A page is drawn twice from the same blocks: by Dash, and as one file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import plotly.graph_objects as go

from creditrisk.reports.dashboard.reading import Shares


@dataclass(frozen=True)
class Badge:
    """A state in a word: never a colour alone."""

    state: str
    text: str = ""


@dataclass(frozen=True)
class Link:
    """A page of the store, by its key."""

    text: str
    key: str


@dataclass(frozen=True)
class MonthLink:
    """The page of another month, by its first day."""

    text: str
    month: str


@dataclass(frozen=True)
class Command:
    """What to type; a click marks all of it."""

    text: str


Cell = str | Badge | Link | MonthLink | Command
_LONG = 48  # characters
_FEW = 4  # headings; fewer are seen at a glance


@dataclass(frozen=True)
class Table:
    """Rows of cells below `columns`; those named in `numbers` stand to the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[str] = ()

    def folded(self, shown: int) -> "list[Table | Fold]":
        """The first rows, and the others where somebody asks: each costs a browser milliseconds."""
        if len(self.rows) <= shown:
            return [self]
        more = replace(self, caption=f"{self.caption}, the rest", rows=self.rows[shown:])
        return [replace(self, rows=self.rows[:shown]), Fold(f"{len(more.rows)} more rows", more)]

    def without_empty(self, name: str) -> "Table":
        """Without a column in which no row says anything."""
        n = self.columns.index(name)
        if any(row[n] for row in self.rows):
            return self
        rows = [(*row[:n], *row[n + 1 :]) for row in self.rows]
        return replace(self, columns=(*self.columns[:n], *self.columns[n + 1 :]), rows=rows)


@dataclass(frozen=True)
class Chart:
    """A figure that answers the question in its title, and the same in a table.

    `scrolls`: a column per month, too many for a phone; it opens at the newest, on the right, where
    the names of its rows are.
    """

    id: str
    title: str
    note: str
    figure: go.Figure
    table: Table
    wide: bool = False
    scrolls: bool = False


@dataclass(frozen=True)
class Explorer:
    """A heat map of features by month, and the distributions behind each of its cells.

    `shares`: feature -> month -> share per bin; `champions`: month -> version; `frozen`: version ->
    feature -> the reference; `feature` and `month`: the cell shown first.
    """

    chart: Chart
    shares: Mapping[str, Mapping[str, Sequence[float]]]
    champions: Mapping[str, str]
    frozen: Mapping[str, Mapping[str, Shares]]
    feature: str
    month: str

    @property
    def features(self) -> Sequence[str]:
        """What can be chosen."""
        return sorted({*self.shares, self.feature})

    @property
    def months(self) -> Sequence[str]:
        return list(self.champions)

    def both(self, feature: str, month: str) -> tuple[Shares, Sequence[float]]:
        """The reference, and the month's shares on its bins; empty where nothing was compared."""
        then = self.frozen.get(self.champions.get(month, ""), {}).get(feature, Shares())
        return then, self.shares.get(feature, {}).get(month, ())


@dataclass(frozen=True)
class Card:
    """One number, or one light."""

    title: str
    value: str
    note: str = ""
    state: str = ""
    badge: str = ""  # in place of the state's own word


@dataclass(frozen=True)
class Cards:
    """Cards side by side."""

    label: str
    cards: Sequence[Card]


@dataclass(frozen=True)
class Notice:
    """Something to know before all else."""

    kind: Literal["info", "warn", "fail"]
    text: str


@dataclass(frozen=True)
class Lines:
    """Sentences, one below the other."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Facts:
    """Single facts by name; each a cell or several."""

    label: str
    facts: Sequence[tuple[str, Sequence[Cell]]]
    half: bool = False  # two stand side by side


@dataclass(frozen=True)
class Fold:
    """A table that opens when somebody asks; `summary` says what is in it."""

    summary: str
    table: Table


Block = Table | Chart | Explorer | Cards | Notice | Lines | Facts | Fold


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it; what is not `printed` is for the screen alone.

    `of`: the version that its numbers measure.
    """

    title: str
    blocks: Sequence[Block]
    printed: bool = True
    of: str = ""


@dataclass(frozen=True)
class Page:
    """One page: `lead` says in a sentence what there is to know, `state` whether it is well.

    `links`: the pages that belong to it.
    """

    name: str
    title: str
    lead: str
    sections: Sequence[Section]
    state: str = ""
    links: Sequence[Cell] = ()

    @property
    def contents(self) -> Mapping[str, str]:
        """Headings below the first, by their place; none where the page is short or has links."""
        titles = {f"{self.name}-{n}": part.title for n, part in enumerate(self.sections)}
        found = {place: title for place, title in [*titles.items()][1:] if title}
        return {} if self.links or len(found) < _FEW else found


def explorer_of(page: Page) -> Explorer | None:
    """The page's heat map, if it has one."""
    return next((block for block in _blocks(page) if isinstance(block, Explorer)), None)


def chart_of(page: Page, id: str) -> Chart | None:
    """A figure of the page, the heat map's among them; None where none is called so."""
    drawn = (b.chart if isinstance(b, Explorer) else b for b in _blocks(page))
    return next((chart for chart in drawn if isinstance(chart, Chart) and chart.id == id), None)


def table_of(page: Page, id: str) -> Table | None:
    """The table of a figure, or one that is folded away under this caption."""
    folded = [block.table for block in _blocks(page) if isinstance(block, Fold)]
    chart = chart_of(page, id)
    return chart.table if chart else next((one for one in folded if one.caption == id), None)


def _blocks(page: Page) -> Iterator[Block]:
    return (block for section in page.sections for block in section.blocks)


def is_long(cell: Cell) -> bool:
    """Whether a cell may be broken into lines."""
    return isinstance(cell, str) and len(cell) > _LONG
