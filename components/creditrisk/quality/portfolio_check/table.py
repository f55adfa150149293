"""A delivered table, read for a survey: its described columns, text by text, up to a bound."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditrisk.deliveries.header import split_header
from creditrisk.deliveries.plain_text import plain_text
from creditrisk.deliveries.reader import Misfit, delivered_rows
from creditrisk.deliveries.row_month import misfit_month, month_codes
from creditrisk.deliveries.texts import CODED
from creditrisk.errors import printable
from creditrisk.portfolio import ColumnSpec, Role, SourceSpec
from creditrisk.portfolio.file_name import month_of
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.storage import Store

MOST_ROWS = 1_000_000  # of a table: enough to see what it is like, read in seconds


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of a source: all of them, or `MOST_ROWS`, those of its newest files first."""

    source: str
    spec: SourceSpec
    files: tuple[str, ...]  # read, oldest first
    columns: dict[str, Column]  # by delivered name
    months: list[date]  # rows are of, oldest first
    month_codes: NDArray[np.int64]  # per row, place in `months`; -1 where it cannot be read
    misfits: Mapping[date | None, int]  # rows that do not split, by month; None: cannot be read
    first_misfit: str  # where one is, and what is wrong with it
    blank: int  # rows of nothing but delimiters
    whole: bool
    unread: int = 0  # files older than those that were read
    misdated: tuple[tuple[int, int], ...] = ()  # of each file of a month: rows of another; all
    cut: tuple[str, ...] = ()  # files that end without a line end
    span: tuple[date, date] = (date.min, date.max)  # months of the portfolio; others are astray

    @cached_property
    def files_of(self) -> frozenset[date]:
        """Months that have a file of their own."""
        months = (month_of(key, self.spec.table) for key in self.files)
        return frozenset(month for month in months if month)

    @property
    def delivered(self) -> dict[date, int]:
        """Rows of each month; of months that have a file of their own, 1."""
        rows = zip(self.months, self.rows_of_months[1:].tolist(), strict=True)
        return dict.fromkeys(self.files_of, 1) or dict(rows)

    @property
    def rows(self) -> int:
        return len(self.month_codes)

    @cached_property
    def rows_of_months(self) -> NDArray[np.int64]:
        """Rows whose month cannot be read, then those of each month."""
        return self.by_month(None)

    def by_month(self, rows: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Of some rows, or all: how many have no month that can be read, then of each month."""
        codes = self.month_codes if rows is None else self.month_codes[rows]
        return np.bincount(codes + 1, minlength=len(self.months) + 1)

    def column(self, role: Role) -> Column | None:
        """The column of a role."""
        return self.columns.get(self.spec.column(role) or "")


def header_of(store: Store, source: str, spec: SourceSpec, key: str) -> tuple[str, ...]:
    """The columns of a file, whatever it lacks; a `UserError` where it has none."""
    with plain_text(store, key, source, spec) as text:
        header, _ = split_header(next(text.chunks()), key, source, spec)
    return header


def read_table(store: Store, source: str, spec: SourceSpec, keys: list[str]) -> Table:
    """Read files of a source, the newest first, until the bound is reached.

    A `UserError` says what is wrong with a file.
    """
    batches: list[pa.RecordBatch] = []
    dated: list[tuple[list[date], NDArray[np.int64]]] = []
    read: list[str] = []
    cut: list[str] = []
    misdated: list[tuple[int, int]] = []
    misfits: Counter[date | None] = Counter()
    first_misfit = ""
    rows = blank = 0
    for key in reversed(keys):
        own, begun, earlier = month_of(key, spec.table), rows, len(dated)
        with delivered_rows(store, key, source, spec, coded=True) as file:
            places = [file.place(name) for name in spec.columns]
            for some in file:
                cells = some.cells.select(places).rename_columns(list(spec.columns))
                batches.append(cells.slice(0, MOST_ROWS - rows))
                of_month, codes = month_codes(file, some.cells)
                dated.append((of_month, codes[: len(batches[-1])]))
                rows += len(batches[-1])
                for one in some.misfits:
                    fields = one.fields(spec)
                    misfits[own or misfit_month(file, fields)] += 1
                    first_misfit = first_misfit or _misfit(key, one, len(fields), len(file.header))
                blank += some.blank
                if rows >= MOST_ROWS:
                    break
        read.insert(0, key)
        cut += [key] * file.cut
        if own:
            others = sum(_others(own, *one) for one in dated[earlier:])
            misdated.append((others, rows - begun))
        if rows >= MOST_ROWS:
            break
    parts = {name: [batch.column(name) for batch in batches] for name in spec.columns}
    columns = {name: _column(name, spec.columns[name], found) for name, found in parts.items()}
    unread = len(keys) - len(read)
    return Table(
        source,
        spec,
        tuple(read),
        columns,
        *_joined(dated),
        misfits,
        first_misfit,
        blank,
        rows < MOST_ROWS,
        unread,
        tuple(misdated),
        tuple(cut),
    )


def _misfit(key: str, one: Misfit, fields: int, columns: int) -> str:
    several = "field" if fields == 1 else "fields"
    found = f"{fields} {several}, not {columns}" if fields != columns else "a quote left open"
    return f"row {one.number:,} of {printable(key)} has {found}"


def _others(own: date, months: list[date], codes: NDArray[np.int64]) -> int:
    """Rows of a month that is known and not the file's own."""
    return sum(int((codes == code).sum()) for code, month in enumerate(months) if month != own)


def _joined(
    dated: list[tuple[list[date], NDArray[np.int64]]],
) -> tuple[list[date], NDArray[np.int64]]:
    """Months of several batches under one code each."""
    every = sorted(
        {months[code] for months, codes in dated for code in np.unique(codes) if code >= 0}
    )
    place = {month: number for number, month in enumerate(every)}
    parts = [
        np.array([*(place.get(month, -1) for month in months), -1], dtype=np.int64)[codes]
        for months, codes in dated
    ]
    return every, np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _column(name: str, spec: ColumnSpec, parts: list[pa.Array]) -> Column:
    coded = [part if part.type == CODED else part.dictionary_encode() for part in parts]
    whole = pa.concat_arrays(coded) if coded else pa.array([], CODED)
    texts = pa.concat_arrays([whole.dictionary, pa.array([""])])  # of cells with nothing in them
    indices = whole.indices
    codes = (indices.fill_null(len(texts) - 1) if indices.null_count else indices).to_numpy()
    counts = np.bincount(codes, minlength=len(texts))
    kept = counts > 0  # not of rows that were left out
    if not kept[:-1].all():
        codes = (np.cumsum(kept, dtype=np.int32) - 1)[codes]
    return Column(name, spec, texts.filter(pa.array(kept)), codes, counts[kept])
