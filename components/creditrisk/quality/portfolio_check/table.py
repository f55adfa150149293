"""A delivered table, read for a survey: its described columns, text by text, up to a bound."""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from creditrisk.calendar import first
from creditrisk.portfolio import Role, SourceSpec
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.storage import Store

MOST_ROWS = 1_000_000  # of a table: enough to see what it is like, read in seconds
_BLOCK = 1 << 24


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of a source: all of them, or `MOST_ROWS`, those of its newest files first."""

    source: str
    spec: SourceSpec
    files: tuple[str, ...]  # read, oldest first
    columns: dict[str, Column]  # by delivered name
    misfits: int  # rows that do not split into the header's fields
    whole: bool
    unread: int = 0  # files older than those that were read

    @property
    def rows(self) -> int:
        return next(iter(self.columns.values())).rows

    def column(self, role: Role) -> Column | None:
        """The column of a role."""
        return self.columns.get(self.spec.column(role) or "")

    @cached_property
    def months(self) -> list[date]:
        """The months rows speak of, oldest first."""
        return sorted(set(self._months) - {date.min})

    @cached_property
    def month_codes(self) -> NDArray[np.int64]:
        """Per row, place of its month in `months`; -1 where its date cannot be read."""
        snapshot = self.column("snapshot")
        assert snapshot is not None  # noqa: S101 - every source has one, or there is no table
        place = {month: number for number, month in enumerate(self.months)}
        return np.array([place.get(m, -1) for m in self._months], dtype=np.int64)[snapshot.codes]

    @cached_property
    def _months(self) -> list[date]:
        snapshot = self.column("snapshot")
        readings = snapshot.readings if snapshot else []
        return [first(value) if isinstance(value, date) else date.min for value, _ in readings]


def header_of(store: Store, key: str, spec: SourceSpec) -> tuple[str, ...]:
    """The first line of a file; empty where it has none."""
    with _opened(store, key) as stream:
        encoding = "utf-8-sig" if spec.encoding == "utf-8" else spec.encoding
        text = io.TextIOWrapper(stream, encoding, newline="")
        return tuple(next((row for row in csv.reader(text, delimiter=spec.delimiter) if row), ()))


def read_table(store: Store, source: str, spec: SourceSpec, keys: list[str]) -> Table:
    """Read files of a source, the newest first, until the bound is reached.

    `OSError`, `UnicodeError` and `pyarrow.ArrowInvalid` say that a file is damaged.
    """
    batches: list[pa.RecordBatch] = []
    misfits: list[int] = []
    read: list[str] = []
    rows, whole = 0, True
    for key in reversed(keys):
        for batch in _batches(store, key, spec, misfits):
            batches.append(batch.slice(0, MOST_ROWS - rows))
            rows += len(batches[-1])
            if rows >= MOST_ROWS:
                break
        read.insert(0, key)
        if rows >= MOST_ROWS:
            whole = False
            break
    schema = pa.schema([(name, pa.string()) for name in spec.columns])
    table = pa.Table.from_batches(batches, schema)
    columns = {name: _column(name, spec, table[name]) for name in spec.columns}
    unread = len(keys) - len(read)
    return Table(source, spec, tuple(read), columns, len(misfits), whole, unread)


def _batches(
    store: Store, key: str, spec: SourceSpec, misfits: list[int]
) -> Iterator[pa.RecordBatch]:
    def skip(row: arrow_csv.InvalidRow) -> str:
        misfits.append(row.actual_columns)
        return "skip"

    with _opened(store, key) as stream:
        yield from arrow_csv.open_csv(
            stream,
            arrow_csv.ReadOptions(block_size=_BLOCK, encoding=spec.encoding),
            arrow_csv.ParseOptions(
                delimiter=spec.delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(spec.columns, pa.string()),
                include_columns=list(spec.columns),
            ),
        )


def _opened(store: Store, key: str) -> io.BufferedReader:
    filesystem, root = store.filesystem()
    stream = filesystem.open_input_stream(f"{root}/{key}", compression=None)
    raw = cast(io.RawIOBase, gzip.GzipFile(fileobj=stream) if key.endswith(".gz") else stream)
    return io.BufferedReader(raw, _BLOCK)


def _column(name: str, spec: SourceSpec, values: pa.ChunkedArray) -> Column:
    coded = values.dictionary_encode().combine_chunks()
    coded = coded if isinstance(coded, pa.DictionaryArray) else coded.chunk(0)
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Column(name, spec.columns[name], coded.dictionary.to_pylist(), codes)
