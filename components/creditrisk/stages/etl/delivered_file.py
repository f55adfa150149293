"""One delivered CSV file, looked at before Spark reads it."""

import csv
import gzip
import hashlib
import io
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import IO, Any, cast

from creditrisk.calendar import first
from creditrisk.errors import UserError
from creditrisk.lake import combined_digest
from creditrisk.portfolio import ColumnSpec, SourceSpec
from creditrisk.stages.etl.casts import SPACE
from creditrisk.stages.etl.dates import read_date
from creditrisk.storage import Store

_CHUNK = 1 << 20
_LINES = 10_000  # hashed together
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class DeliveredFile:
    """A file that is whole, UTF-8, and has every column it needs."""

    key: str  # in the landing folder
    uri: str  # as Spark addresses it
    sha256: str  # of its bytes as delivered
    header: tuple[str, ...]
    months: Mapping[date, int]  # rows by the month they speak of; dates that cannot be read: none
    rows: int
    content: Mapping[date | None, str]  # by month (None: cannot be read) what its lines hash to
    arrived: str = ""  # when it came to be what it is, as the landing folder's listing tells

    def undescribed(self, needed: tuple[str, ...]) -> tuple[str, ...]:
        """Columns nobody asked for."""
        return tuple(column for column in self.header if column not in needed)


def inspect(landing: Store, key: str, source: str, spec: SourceSpec) -> DeliveredFile:
    """Read a file once: check that it is whole and has its columns, count and hash every month.

    A `UserError` names the file and what is wrong with it. About 2 s per million rows.
    """
    filesystem, root = landing.filesystem()
    with filesystem.open_input_stream(f"{root}/{key}", compression=None) as stream:
        raw = _Hashing(stream)
        plain = cast(io.RawIOBase, gzip.GzipFile(fileobj=raw) if key.endswith(".gz") else raw)
        with _readable(key, source, spec):
            encoding = "utf-8-sig" if spec.encoding == "utf-8" else spec.encoding
            text = io.TextIOWrapper(io.BufferedReader(plain, _CHUNK), encoding, newline="")
            header, said = _read(text, key, source, spec)
            while raw.read(_CHUNK):  # what gzip left unread
                pass
    name = spec.columns[spec.column("snapshot") or ""]
    rows: Counter[date | None] = Counter()
    sums: dict[date | None, dict[str, str]] = defaultdict(dict)
    for text_, count in said.rows.items():
        month = _month(text_, name)
        rows[month] += count
        sums[month][text_] = said.sums[text_].hexdigest()
    return DeliveredFile(
        key,
        landing.spark_uri(key),
        raw.sha256(),
        header,
        {month: count for month, count in rows.items() if month},
        rows.total(),
        {month: combined_digest(parts) for month, parts in sums.items()},
    )


class _Said:
    """Rows and hashed lines by the text in the snapshot column."""

    def __init__(self, header: tuple[str, ...]) -> None:
        start = hashlib.sha256(repr(header).encode())  # what a line says depends on it
        self.rows: Counter[str] = Counter()
        self.sums: dict[str, Any] = defaultdict(start.copy)

    def add(self, lines: Mapping[str, list[str]]) -> None:
        """Hash more lines; many at a time, because each call costs as much as a line."""
        for text, more in lines.items():
            self.sums[text].update("".join(more).encode())


def _read(text: IO[str], key: str, source: str, spec: SourceSpec) -> tuple[tuple[str, ...], _Said]:
    """The header, and what stands below it, by the text in the snapshot column."""
    csv.field_size_limit(sys.maxsize)  # a quote left open makes one field of the rest
    taken: list[str] = []
    rows = csv.reader(_remembered(text, taken), delimiter=spec.delimiter)
    header = tuple(next((row for row in rows if row), ()))
    if not header:
        raise UserError(f"{key} is empty; deliver it with a header line and rows")
    _check_header(header, spec, key, source)
    snapshot = header.index(spec.column("snapshot") or "")
    said, lines = _Said(header), defaultdict[str, list[str]](list)
    taken.clear()
    for number, row in enumerate(rows):
        if row:
            month = row[snapshot] if snapshot < len(row) else ""
            said.rows[month] += 1
            lines[month] += taken
        taken.clear()
        if number % _LINES == 0:
            said.add(lines)
            lines.clear()
    said.add(lines)
    return header, said


def _remembered(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


@contextmanager
def _readable(key: str, source: str, spec: SourceSpec) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        byte = error.object[error.start] if isinstance(error, UnicodeDecodeError) else None
        found = "" if byte is None else f" (byte {byte:02x})"
        raise UserError(
            f"{key} is not {spec.encoding.upper()}{found};"
            f" export it again, or say how it is written: sources.{source}.encoding"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{key} is cut short or damaged ({error}); deliver it again") from None
    except csv.Error as error:
        raise UserError(f"{key} is not CSV ({error}); deliver it again") from None


def _check_header(header: tuple[str, ...], spec: SourceSpec, key: str, source: str) -> None:
    needed = tuple(spec.columns)
    twice = sorted({column for column in needed if header.count(column) > 1})
    if twice:
        raise UserError(f"{key} has column {', '.join(twice)} more than once; deliver it once")
    missing = [column for column in needed if column not in header]
    if not missing:
        return
    for delimiter, name in _DELIMITERS.items():
        if len(header) == 1 and set(needed) & set(header[0].split(delimiter)):
            raise UserError(
                f"{key} separates its columns by {name};"
                f' say so: sources.{source}.delimiter: "{_escaped(delimiter)}"'
            )
    raise UserError(
        f"{key} lacks column {', '.join(missing)}; it has [{', '.join(header)}];"
        f" {_renamed(header, spec, missing)}under sources.{source}.columns"
    )


def _renamed(header: tuple[str, ...], spec: SourceSpec, missing: list[str]) -> str:
    """The portfolio line to write where a column looks like a missing one."""
    strange = {column.strip().lower(): column for column in header if column not in spec.columns}
    for name in missing:
        near = get_close_matches(name.strip().lower(), strange, n=1)
        if not near and len(missing) == len(strange) == 1:
            near = list(strange)
        if near:
            kept = "" if spec.columns[name].role else f"name: {spec.name_of(name)}, "
            return f'if "{strange[near[0]]}" is {name}, write "{strange[near[0]]}: {{{kept}...}}" '
    return "map it "


def _month(said: str, spec: ColumnSpec) -> date | None:
    day = read_date(said.strip(SPACE + spec.strip), spec)
    return first(day) if day else None


def _escaped(delimiter: str) -> str:
    return delimiter.replace("\t", "\\t")


class _Hashing(io.RawIOBase):
    """A byte stream that remembers the sha256 of what was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._digest = stream, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = bytes(self._stream.read(size))
        self._digest.update(data)
        return data

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # all we are given
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def sha256(self) -> str:
        return self._digest.hexdigest()
