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
_WIDEST = 70


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
        page.fit_to_pages(1, 0)
        row = 0
        for grid in sheet.grids:
            row = self._grid(page, grid, row) + 1
        for column, width in enumerate(_widths(sheet.grids)):
            page.set_column(column, column, width)

    def _grid(self, page: Any, grid: Grid, row: int) -> int:  # noqa: ANN401 - as above
        page.write_string(row, 0, _fitting(grid.title), self._format(bold=True, font_size=13))
        heading = self._format(bold=True, bottom=1, text_wrap=True, valign="top")
        for column, (name, _) in enumerate(grid.columns):
            page.write_string(row + 1, column, _fitting(name), heading)
        for down, values in enumerate(grid.rows, start=row + 2):
            for column, (value, (_, kind)) in enumerate(zip(values, grid.columns, strict=True)):
                self._cell(page, (down, column), value, kind)
        return row + 2 + len(grid.rows)

    def _cell(self, page: Any, at: tuple[int, int], value: Value, kind: Kind) -> None:  # noqa: ANN401 - as above
        if isinstance(value, date):
            page.write_datetime(*at, value, self._format(num_format="yyyy-mm-dd", align="left"))
        elif isinstance(value, str):
            page.write_string(*at, _fitting(value), self._text(value))
        elif value is not None and math.isfinite(value):
            page.write_number(*at, value, self._format(num_format=_FORMATS[kind], valign="top"))

    def _text(self, value: str) -> Any:  # noqa: ANN401 - as above
        given = {"text_wrap": True, "valign": "top"}
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
    """By column, room for its longest text, within reason; a wider one is wrapped."""
    columns = max((len(grid.columns) for grid in grids), default=0)
    found = [10] * columns
    for grid in grids:
        for row in ([name for name, _ in grid.columns], *grid.rows):
            for column, value in enumerate(row):
                length = len(value) if isinstance(value, str) else 10
                found[column] = max(found[column], min(_WIDEST, length + 2))
    return found
