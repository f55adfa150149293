"""Names that a description gives: each is one thing to Spark, to a folder and to a reader."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from creditrisk.portfolio.table_roles import OUR_NAMES

if TYPE_CHECKING:
    from creditrisk.portfolio import Portfolio
    from creditrisk.portfolio.source import SourceSpec

Fault = tuple[tuple[str, ...], str]  # where in the file, and what is wrong there

_NAME = re.compile(r"\w+(?:[ -]\w+)*")
_LONGEST = 100  # a file's name holds 255 bytes, a folder's path more of them
_TAKEN = "quarantine"  # beside the tables of the lender, in silver
_IN_FIELDS = {'"', "\n", "\r", "\0"}


def odd_names(portfolio: "Portfolio") -> Iterator[Fault]:
    """Names of the lender's own with more in them than letters, digits, `_`, `-` and blanks."""
    given: list[tuple[str, tuple[str, ...]]] = [
        (name, ("sources", name)) for name in portfolio.sources
    ]
    given += [(name, ("derived", name)) for name in portfolio.derived]
    for source, spec in portfolio.sources.items():
        for column, column_spec in spec.columns.items():
            if column_spec.name:
                given.append((column_spec.name, ("sources", source, "columns", column, "name")))
    for name, place in given:
        if not _NAME.fullmatch(name):
            yield place, f"'{name}' is no name: write letters, digits, _, - and single blanks"
        elif len(name) > _LONGEST:
            yield place, f"a name of {len(name)} characters: write at most {_LONGEST}"
    for name in portfolio.derived:
        if name.casefold() in OUR_NAMES:
            yield ("derived", name), f"{name} is a name of ours: give yours another name"
    for source, spec in portfolio.sources.items():
        for column in spec.columns:
            if not spec.name_of(column):
                place = ("sources", source, "columns", column)
                yield place, "a name in which nothing can be seen; add name: and one of your own"
        if source.casefold() == _TAKEN:
            yield ("sources", source), f"{source} is a table of ours: give yours another name"


def odd_files(source: "SourceSpec") -> Iterator[tuple[str, str]]:
    """Why no file of the landing can be a table's, or be split into its columns."""
    table, delimiter = source.table, source.delimiter
    if {"", ".", ".."} & {*table.split("/")} or not table.isprintable():
        yield "table", f"'{table}' is no name of a file in the folder of deliveries"
    elif not table.strip():
        yield "table", "a blank names no file in the folder of deliveries"
    elif table.endswith((".csv", ".csv.gz")):
        yield "table", "the name of a table is without its ending: leave out .csv, .csv.gz"
    if delimiter.isalnum() or delimiter in _IN_FIELDS or not delimiter.isascii():
        yield "delimiter", f"{delimiter!r} stands within fields, or is not ASCII: no delimiter"


def alike(names: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[Fault]:
    """Names (and where each stands) that Spark or a reader would take for one."""
    seen: dict[str, str] = {}
    for name, place in names:
        folded = unicodedata.normalize("NFC", name).strip().casefold()
        if seen.setdefault(folded, name) != name:
            yield place, f"'{name}' and '{seen[folded]}' are one name but for case or blanks"
