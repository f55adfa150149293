"""Whether the first line of a file nobody has described is its header, and the only one."""

import csv
import re
from collections import Counter
from collections.abc import Sequence

from creditrisk.deliveries.header import DELIMITERS
from creditrisk.errors import UserError

_NUMBER = re.compile(r"[-+]?\d[\d.,]*%?")
_MOST = 0.5
_NEARLY_ALL = 0.9
_FEWEST = 3  # columns
Rows = Sequence[Sequence[str]]


def refuse_no_header(lines: list[str], delimiter: str, key: str) -> None:
    """`UserError` where lines stand above the header, where it has two lines, or where it has none.

    `lines`: the first of the file, those that are blank left out.
    """
    if above := _lines_above(lines):
        raise UserError(
            f"{key} names its columns below {above} other lines:"
            " deliver it without what stands above its header"
        )
    rows = _rows(lines, delimiter)
    if _names_twice(rows):
        raise UserError(
            f"{key} names its columns in its second line, too: deliver it with one header line"
        )
    if _is_row(rows):
        raise UserError(
            f"{key} begins with a row, and no line names its columns: deliver it with a header line"
        )


def _rows(lines: list[str], delimiter: str) -> Rows:
    try:
        return [*csv.reader(lines, delimiter=delimiter)]
    except csv.Error:  # an endless field: the reader of all rows says what is wrong
        return []


def _lines_above(lines: list[str]) -> int:
    """How many lines that no delimiter splits, as a title, stand above many of several fields."""
    split = [[len(row) for row in _rows(lines, mark)] for mark in DELIMITERS]
    if any(counts[:1] != [1] for counts in split):
        return 0
    commonest = [(Counter(counts).most_common(1)[0], counts) for counts in split]
    found = [
        counts.index(width)
        for (width, rows), counts in commonest
        if width >= _FEWEST and rows > _MOST * len(counts)
    ]
    return max(found, default=0)


def _names_twice(rows: Rows) -> bool:
    """Whether the second line has a name in nearly every column that is of numbers below it."""
    if len(rows) <= _FEWEST:
        return False
    columns = [*zip(*rows[1:], strict=False)]
    numbers = [names for names, *cells in columns if _share_of_numbers(cells) > _NEARLY_ALL]
    named = [name for name in numbers if name.strip() and not _NUMBER.fullmatch(name.strip())]
    return len(named) >= _FEWEST and len(named) > _NEARLY_ALL * len(numbers)


def _share_of_numbers(cells: Sequence[str]) -> float:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in filled) / max(len(filled), 1)


def _is_row(rows: Rows) -> bool:
    """Whether half of its fields are values of their own columns; names hardly ever are."""
    columns = [(first, {*cells}) for first, *cells in zip(*rows, strict=False) if first.strip()]
    known = sum(first in cells for first, cells in columns)
    return known >= _FEWEST and known >= _MOST * len(columns)
