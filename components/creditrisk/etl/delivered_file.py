"""One delivered CSV file, looked at before Spark reads it."""

import csv
import gzip
import hashlib
import io
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, cast

from creditrisk.errors import UserError
from creditrisk.month import first
from creditrisk.portfolio import SourceSpec
from creditrisk.storage import Store

_CHUNK = 1 << 20
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
# Spark's pattern letters; quoted text and anything rarer is refused by name
_PATTERN = {
    **{"yyyy": "%Y", "yy": "%y", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d"},
    **{"HH": "%H", "H": "%H", "mm": "%M", "ss": "%S"},
}


@dataclass(frozen=True)
class DeliveredFile:
    """A file that is whole, UTF-8, and has every column it needs."""

    key: str  # in the landing folder
    uri: str  # as Spark addresses it
    sha256: str  # of its bytes as delivered
    header: tuple[str, ...]
    months: Mapping[date, int]  # rows by the month they speak of; dates that cannot be read: none
    rows: int

    def undescribed(self, needed: tuple[str, ...]) -> tuple[str, ...]:
        """Columns nobody asked for."""
        return tuple(column for column in self.header if column not in needed)


def inspect(landing: Store, key: str, source: str, spec: SourceSpec) -> DeliveredFile:
    """Read a file once: hash it, check that it is whole, UTF-8 and has its columns, count rows.

    A `UserError` names the file and what is wrong with it. About 1 s per million rows.
    """
    filesystem, root = landing.filesystem()
    with filesystem.open_input_stream(f"{root}/{key}", compression=None) as stream:
        raw = _Hashing(stream)
        plain = cast(io.RawIOBase, gzip.GzipFile(fileobj=raw) if key.endswith(".gz") else raw)
        with _readable(key):
            text = io.TextIOWrapper(io.BufferedReader(plain, _CHUNK), "utf-8-sig", newline="")
            header, counts = _read(text, key, source, spec)
            while raw.read(_CHUNK):  # what gzip left unread
                pass
    name = spec.columns[spec.column("snapshot") or ""]
    months: Counter[date] = Counter()
    for said, count in counts.items():
        if month := _month(said, name.format):
            months[month] += count
    return DeliveredFile(
        key, landing.spark_uri(key), raw.sha256(), header, dict(months), counts.total()
    )


def _read(
    text: IO[str], key: str, source: str, spec: SourceSpec
) -> tuple[tuple[str, ...], Counter[str]]:
    """The header, and how often each text stands in the snapshot column."""
    csv.field_size_limit(sys.maxsize)  # a quote left open makes one field of the rest
    rows = (row for row in csv.reader(text) if row)
    header = tuple(next(rows, ()))
    if not header:
        raise UserError(f"{key} is empty; deliver it with a header line and rows")
    _check_header(header, tuple(spec.columns), key, source)
    snapshot = header.index(spec.column("snapshot") or "")
    return header, Counter(row[snapshot] if snapshot < len(row) else "" for row in rows)


@contextmanager
def _readable(key: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        found = error.object[error.start : error.start + 1].hex()
        raise UserError(f"{key} is not UTF-8 (byte {found}); export it again as UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{key} is cut short or damaged ({error}); deliver it again") from None
    except csv.Error as error:
        raise UserError(f"{key} is not CSV ({error}); deliver it again") from None


def _check_header(header: tuple[str, ...], needed: tuple[str, ...], key: str, source: str) -> None:
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise UserError(f"{key} has column {', '.join(twice)} more than once; deliver it once")
    missing = [column for column in needed if column not in header]
    if not missing:
        return
    for delimiter, name in _DELIMITERS.items():
        if len(header) == 1 and set(needed) & set(header[0].split(delimiter)):
            raise UserError(f"{key} separates its columns by {name}; deliver it with commas")
    raise UserError(
        f"{key} lacks column {', '.join(missing)}; it has [{', '.join(header)}];"
        f" map it under sources.{source}.columns"
    )


def _month(said: str, pattern: str) -> date | None:
    python = re.sub(r"([A-Za-z])\1*", lambda found: _letter(found[0], pattern), pattern)
    try:
        return first(datetime.strptime(said.strip(), python).date())
    except ValueError:
        return None


def _letter(letters: str, pattern: str) -> str:
    if letters not in _PATTERN:
        raise UserError(
            f"date format '{pattern}': {letters} is not supported; use {', '.join(_PATTERN)}"
        )
    return _PATTERN[letters]


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
