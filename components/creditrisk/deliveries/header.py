"""The header line of a delivered file: where it ends, and whether it names what is described."""

import csv
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NoReturn

from creditrisk.deliveries.lines import lines_of
from creditrisk.deliveries.wide import month_parts
from creditrisk.errors import UserError, printable
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.file_column import file_column, reads
from creditrisk.portfolio.source import STAR

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MOST_COLUMNS = 10_000
_LOOKED_AT = 30  # lines below the first, for a header that stands further down


def split_header(
    text: bytes, key: str, source: str, spec: SourceSpec
) -> tuple[tuple[str, ...], bytes]:
    """The header's columns, and what of `text` stands below it.

    `text`: the beginning of the file, UTF-8, whole lines or all there is. Lines of nothing
    but delimiters and Excel's `sep=` line above the header are passed over.
    """
    taken: list[bytes] = []
    header: list[str] = []
    try:
        for header in csv.reader(_remembered(text, taken), delimiter=spec.delimiter):
            if any(map(str.strip, header)) and not _names_delimiter(header, key, source, spec):
                break
        else:
            header = []
    except csv.Error as error:
        raise UserError(
            f"{key} has no header that can be read ({error}); deliver it again"
        ) from None
    if not any(header):
        raise UserError(f"{key} is empty; deliver it with a header line and rows")
    if len(header) > _MOST_COLUMNS:
        raise UserError(f"{key} has {len(header):,} columns; at most {_MOST_COLUMNS:,} are read")
    if _swallows_rows(header, spec.delimiter):
        raise UserError(f"{key} leaves a quote open in its header line; deliver it again")
    below = text[sum(map(len, taken)) :]
    if place := _further_down(header, below, spec):
        raise UserError(
            f"{key} names its columns below {len(taken) + place - 1} other lines:"
            " deliver it without what stands above its header"
        )
    return tuple(header), below


def _swallows_rows(header: list[str], delimiter: str) -> bool:
    """Whether rows became a part of a column's name, as a quote was left open before it."""
    return any(
        line.count(delimiter) >= max(place, 2)  # such a line has as many fields as the header
        for place, name in enumerate(header)
        for line in re.split("[\r\n]+", name)[1:]
    )


def check_header(header: tuple[str, ...], spec: SourceSpec, key: str, source: str) -> None:
    """`UserError` where a described column is missing or there twice.

    What the file calls its other columns is not repeated: where the header line is missing, it
    is a person's data.
    """
    needed = tuple(dict.fromkeys(described(header, spec)))
    twice = sorted({column for column in needed if header.count(column) > 1})
    if twice:
        raise UserError(f"{key} has column {', '.join(twice)} more than once; deliver it once")
    missing = [column for column in needed if column not in header]
    if not missing:
        return
    if len(header) == 1 and (mark := _between(header[0], needed)):
        _refuse_delimiter(mark, key, source)
    if len(missing) == len(needed) and not _alike(header, needed):
        raise UserError(
            f"{key} has none of the described columns ({', '.join(needed)}) in its first line,"
            f" which has {len(header)} fields: is the header line missing? Deliver it with one"
        )
    raise UserError(
        f"{key} lacks column {', '.join(missing)};"
        f" {_renamed(header, spec, missing)}under sources.{source}.columns"
    )


def described(header: tuple[str, ...], spec: SourceSpec) -> Iterator[str]:
    """The columns that a file must have; of a wide table, those that it has of each month."""
    for name in spec.columns:
        if name not in spec.starred:
            yield from () if name == STAR and spec.monthly else (file_column(spec, name),)
        elif parts := month_parts(header, name, spec):
            yield from (header[place] for place in parts.values())
        else:
            yield name


def _further_down(header: list[str], below: bytes, spec: SourceSpec) -> int:
    """Which line below has all described columns, from 1; 0 where the first has any, or none."""
    needed = {file_column(spec, name) for name in spec.columns if name not in spec.starred}
    needed -= {STAR} if spec.in_file_names else set()
    if not needed or needed & {*header}:
        return 0
    lines = (line.decode() for line in below[: 1 << 16].splitlines()[:_LOOKED_AT])
    rows = csv.reader(lines, delimiter=spec.delimiter)
    return next((place for place, row in enumerate(rows, 1) if needed <= {*row}), 0)


def _between(line: str, needed: tuple[str, ...]) -> str:
    """What stands between described columns in a line that was not split; empty: nothing does."""

    def names(mark: str) -> int:
        return len({*needed} & {part.strip(' "') for part in line.split(mark)})

    marks = sorted({one for one in line if not one.isalnum() and one not in '"_'})
    best = max(marks, key=names, default="")
    if not best or not names(best):
        return ""
    return next((best * n for n in (3, 2) if names(best * n) == names(best)), best)


def _refuse_delimiter(mark: str, key: str, source: str) -> NoReturn:
    what = f"{key} separates its columns by {DELIMITERS.get(mark, printable(repr(mark)))}"
    if len(mark) > 1 or not mark.isascii():
        raise UserError(f"{what}; a delimiter is one character of ASCII: export it again")
    raise UserError(f'{what}; say so: sources.{source}.delimiter: "{_escaped(mark)}"')


def _alike(header: tuple[str, ...], needed: tuple[str, ...]) -> bool:
    """Whether columns are described but for case, blanks or what cannot be seen."""
    return not {*map(_folded, header)}.isdisjoint(map(_folded, needed))


def _folded(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _remembered(text: bytes, taken: list[bytes]) -> Iterator[str]:
    for line in lines_of(text):
        taken.append(line)
        yield line.decode()


def _names_delimiter(row: list[str], key: str, source: str, spec: SourceSpec) -> bool:
    """Whether a row is the line in which Excel names the delimiter."""
    line = spec.delimiter.join(row).strip('"')
    if not line.startswith("sep=") or len(line) > len("sep=") + 1:
        return False
    named = line.removeprefix("sep=") or spec.delimiter
    if named != spec.delimiter:
        raise UserError(
            f"{key} names another delimiter in its first line, sep={named};"
            f' say so: sources.{source}.delimiter: "{_escaped(named)}"'
        )
    return True


def _renamed(header: tuple[str, ...], spec: SourceSpec, missing: list[str]) -> str:
    """The portfolio line to write where a column looks like a missing one."""
    known = {*described(header, spec)}
    strange = {column.strip().lower(): column for column in header if column not in known}
    for name in missing:
        near = get_close_matches(name.strip().lower(), strange, n=1)
        if not near and len(missing) == len(strange) == 1:
            near = list(strange)
        if near:
            of = name if name in spec.starred else reads(spec, name)
            kept = "" if spec.columns[of].role else f"name: {spec.name_of(of)}, "
            shown = shortened(strange[near[0]])
            return f'if "{shown}" is {name}, write "{shown}: {{{kept}...}}" '
    if not strange:
        return "deliver it, or take it out "
    return f"map one of the {len(strange)} that are not described "


def shortened(text: str) -> str:
    """A text of a delivery as a message may hold it."""
    return printable(text if len(text) <= 40 else f"{text[:37]}...")


def _escaped(delimiter: str) -> str:
    return printable(delimiter)
