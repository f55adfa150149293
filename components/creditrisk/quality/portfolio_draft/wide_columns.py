"""Columns that differ by a month, or by months on book, alone: a table in width."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from creditrisk.quality.portfolio_draft.words import meaning, words

_MONTH = re.compile(r"((?:19|20)\d\d)([-_. ]?)(?:0[1-9]|1[0-2])(?!\d)")
_COUNT = re.compile(r"(?<!\d)\d{1,3}$")
_FEWEST = 4  # columns of one kind: fewer are chance
# without a month in them, numbered columns are of months where they tell how a loan stands
_OF_LOANS = ("status", "late", "days", "balance", "paid", "due", "on book")


@dataclass(frozen=True)
class WideColumns:
    """The names, a `*` for the part that differs, of columns of one kind; how the part is read."""

    names: tuple[str, ...]
    columns: frozenset[str]  # that they stand for
    star: dict[str, str]  # the description of the part


def wide_columns(header: Sequence[str]) -> WideColumns | None:
    """What of a header is a column a month; None where nothing is."""
    for kind in (_MONTH, _COUNT):
        groups: dict[str, list[str]] = defaultdict(list)
        for name in header:
            if found := kind.search(name):
                groups[f"{name[: found.start()]}*{name[found.end() :]}"].append(name)
        names = [name for name, columns in groups.items() if len(columns) >= _FEWEST]
        if kind is _COUNT:
            names = [name for name in names if words(name) & meaning(*_OF_LOANS)]
        if names:
            columns = [column for name in names for column in groups[name]]
            return WideColumns(tuple(names), frozenset(columns), _part(columns[0]))
    return None


def _part(column: str) -> dict[str, str]:
    month = _MONTH.search(column)
    if month is None:
        return {"role": "month_on_book", "type": "integer"}
    return {"role": "snapshot", "type": "date", "format": f"yyyy{month[2]}MM"}
