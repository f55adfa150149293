"""Sheets of values as an Excel file: a number is a number with a format, a text stays a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal

from creditrisk.errors import straight

Kind = Literal["text", "number", "ratio", "p", "share", "count", "money"]
Value = str | float | int | date | None
Columns = tuple[tuple[str, Kind], ...]
_FORMATS: dict[Kind, str] = {
    "text": "",
    "number": "0.000",
    "ratio": "0.00",
    "p": '[<0.001]"< 0.001";0.000',
    "share": "0.0%",
    "count": "#,##0",
    "money": "#,##0",
}
_LONGEST = 32_000  # units of UTF-16: a cell holds 32,767, and with more Excel opens no file
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for the start of one
_STATES = {"green": "#C6E5C9", "amber": "#FFE3A8", "red": "#F6B5AE", "critical": "#D9534A"}
_WIDEST = 80
_LINE = 15.0  # points, of a row
_AROUND = 3  # letters, beside a text that fits
_LETTER = 1.15  # of a column's unit: a spreadsheet with another font breaks lines earlier
_A4 = 9


@dataclass(frozen=True)
class Grid:
    """A titled table of a sheet; a column is its heading and how its numbers are shown."""

    title: str
    columns: Sequence[tuple[str, Kind]]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True)
class Sheet:
    """A sheet and its tables, one below the other."""

    name: str
    grids: Sequence[Grid]


def texts(*names: str) -> Columns:
    return tuple((name, "text") for name in names)


def workbook(sheets: Sequence[Sheet], title: str, made: date) -> bytes:
    """The file's bytes: the same sheets, the same bytes. `made`: what it says of its making."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - whoever writes no workbook waits for none

    held = BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with Workbook(held, safe) as book:
        at = datetime(made.year, made.month, made.day)
        book.set_properties({"title": title, "created": at})
        writer = _Writer(book)
        for sheet in sheets:
            writer.sheet(sheet)
    return held.getvalue()


class _Writer:
    """One open workbook and its formats."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 - of a library that is imported late
        self._book, self._formats = book, dict[tuple[str, ...], Any]()

    def sheet(self, sheet: Sheet) -> None:
        page = self._book.add_worksheet(sheet.name)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        row, widths = 0, _widths(sheet.grids)
        for grid in sheet.grids:
            row = self._grid(page, grid, row, widths) + 1
        for column, width in enumerate(widths):
            page.set_column(column, column, width)

    def _grid(self, page: Any, grid: Grid, row: int, widths: Sequence[int]) -> int:  # noqa: ANN401 - as above
        """Write a table from `row` on, and return the row below it."""
        page.write_string(row, 0, _fitting(grid.title), self._format(bold=True, font_size=13))
        last = len(grid.columns) - 1
        spans = _spans(grid, len(widths))
        room = [*widths[:last], sum(widths[last:]) if spans else widths[last]]
        first = row + 1
        if any(name for name, _ in grid.columns):
            self._heading(page, grid, first)
            first += 1
        for down, values in enumerate(grid.rows, start=first):
            page.set_row(down, _LINE * _lines(values, room))
            if spans:
                page.merge_range(down, last, down, len(widths) - 1, "", self._text(""))
            for column, (value, (_, kind)) in enumerate(zip(values, grid.columns, strict=True)):
                self._cell(page, (down, column), value, kind)
        return first + len(grid.rows)

    def _heading(self, page: Any, grid: Grid, row: int) -> None:  # noqa: ANN401 - as above
        for column, (name, kind) in enumerate(grid.columns):
            how = {"align": "left", "indent": 1} if kind == "text" else {"align": "right"}
            heading = self._format(bold=True, bottom=1, text_wrap=True, valign="top", **how)
            page.write_string(row, column, _fitting(name), heading)

    def _cell(self, page: Any, at: tuple[int, int], value: Value, kind: Kind) -> None:  # noqa: ANN401 - as above
        if isinstance(value, date):
            how = self._format(num_format="yyyy-mm-dd", align="left", valign="top")
            page.write_datetime(*at, value, how)
        elif isinstance(value, str):
            page.write_string(*at, _fitting(value), self._text(value))
        elif value is not None and math.isfinite(value):
            page.write_number(*at, value, self._format(num_format=_FORMATS[kind], valign="top"))

    def _text(self, value: str) -> Any:  # noqa: ANN401 - as above
        given = {"text_wrap": True, "valign": "top", "align": "left", "indent": 1}
        if value.startswith(_FORMULA):
            given |= {"quote_prefix": True}  # it stays a text when somebody edits the cell
        if colour := _STATES.get(value):
            given |= {"bg_color": colour}
        return self._format(**given)

    def _format(self, **given: object) -> Any:  # noqa: ANN401 - as above
        key = tuple(f"{name}={value}" for name, value in sorted(given.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(given)
        return self._formats[key]


def _fitting(text: str) -> str:
    """What a cell shows of a text: as much as it holds, nothing that turns it around."""
    units = straight(text).encode("utf-16-le", "replace")
    return units[: 2 * _LONGEST].decode("utf-16-le", "ignore")


def _widths(grids: Sequence[Grid]) -> list[int]:
    """By column, room for its longest text, within reason; a wider one is wrapped.

    The last text of a table that is narrower than its sheet has all columns to the right.
    """
    columns = max((len(grid.columns) for grid in grids), default=0)
    found = [10] * columns
    for grid in grids:
        for row in ([name for name, _ in grid.columns], *grid.rows):
            for column, value in enumerate(row):
                length = len(value) if isinstance(value, str) else 10
                width = min(_WIDEST, length + _AROUND)
                if column == len(grid.columns) - 1 and _spans(grid, columns):
                    found[-1] = max(found[-1], width - sum(found[column:-1]))
                else:
                    found[column] = max(found[column], width)
    return found


def _spans(grid: Grid, columns: int) -> bool:
    """Whether the last column of a table is a text with room to its right."""
    return len(grid.columns) < columns and grid.columns[-1][1] == "text"


def _lines(row: Sequence[Value], room: Sequence[int]) -> int:
    """How many lines the longest text of a row takes."""
    return max(
        math.ceil(_LETTER * len(value) / width)
        if isinstance(value, str) and len(value) + _AROUND > width
        else 1
        for value, width in zip(row, room, strict=True)
    )
