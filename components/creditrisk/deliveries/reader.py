"""The one reader of a delivered CSV file: the ETL, its counting and `portfolio check` use it.

RFC 4180 as Arrow's CSV reader has it: lines end in LF, CRLF or CR, also mixed; a field that
begins with a quote ends with one; empty lines are no rows. What is added here: every row has a
number, a row that does not fit its header keeps its text and its place, and a quote left open
swallows no rows unseen. Rows of a file = rows that fit + misfits + blank rows.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow.csv import InvalidRow

from creditrisk.deliveries import arrow_rows
from creditrisk.deliveries.arrow_rows import parsed
from creditrisk.deliveries.header import check_header, split_header
from creditrisk.deliveries.lines import END, Below, Shape
from creditrisk.deliveries.plain_text import PlainText, plain_text
from creditrisk.deliveries.texts import (
    CODED,
    PLAIN,
    begin_with_space,
    each,
    equal_to,
    with_line_ends,
    with_rows,
)
from creditrisk.deliveries.wide import Unpivot, file_month
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.file_column import file_column
from creditrisk.portfolio.source import STAR
from creditrisk.storage import Store

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Misfit:
    """A delivered row that does not fit the header, or a line that a quote left open swallowed."""

    number: int
    text: str

    def fields(self, spec: SourceSpec) -> list[str]:
        """As far as it splits at all."""
        try:
            return next(csv.reader([self.text], delimiter=spec.delimiter), [])
        except csv.Error:  # a field beyond the module's limit, or line ends where none may be
            return self.text.split(spec.delimiter)


@dataclass(frozen=True)
class Rows:
    """Some rows of a file, in its order.

    `cells`: text by place in the header (`c0`, `c1`); null where nothing stands between two
    delimiters. `numbers`: of each row, from 1, the header not counted. `misfits`: those among
    these rows. `blank`: how many rows were left out, of nothing but delimiters and blanks, or of
    the header once more (files put together have it between them).
    """

    cells: pa.RecordBatch
    numbers: Numbers
    misfits: tuple[Misfit, ...]
    blank: int


class DeliveredRows:
    """A file under the reader; `sha256`, of its bytes as delivered, once all rows were taken."""

    def __init__(self, text: PlainText, coded: bool) -> None:
        self.key, self.spec, self._text = text.key, text.spec, text
        chunks = text.chunks()
        header, below = split_header(next(chunks), text.key, text.source, text.spec)
        check_header(header, text.spec, text.key, text.source)
        self._width, self._names = len(header), header
        self._wide = Unpivot(header, text.spec) if text.spec.wide else None
        self._month = file_month(text.key, text.source, text.spec)
        self.header = self._wide.header if self._wide else header + (STAR,) * bool(self._month)
        self._below = Below(below, chunks, text.spec.delimiter)
        # rows that end in a delimiter have one field more than the header
        fields = len(header) + self._below.ends_in_delimiter(len(header))
        kind = CODED if coded and not self._wide else PLAIN
        self._schema = pa.schema([(f"c{place}", kind) for place in range(fields)])
        self._shape = Shape(header, fields, text.spec)
        self._skipped: list[Misfit] = []  # by Arrow's count of rows
        self._counted = self._shift = 0  # Arrow's count; what a row's number exceeds it by

    @property
    def sha256(self) -> str:
        return self._text.sha256

    @property
    def cut(self) -> bool:
        """Whether the file ends without a line end, once all rows were taken."""
        return self._text.cut

    def place(self, column: str) -> int:
        """Of a described column in the header."""
        return self.header.index(column if self._wide else file_column(self.spec, column))

    def __iter__(self) -> Iterator[Rows]:
        for batch in self._batches():
            yield self._long(self._rows(batch))
        if self._skipped:  # below the last row that fits
            yield self._long(self._rows(pa.RecordBatch.from_pylist([], self._schema)))

    def _long(self, rows: Rows) -> Rows:
        if self._month:
            return replace(rows, cells=self._dated(rows.cells))
        if self._wide is None:
            return rows
        cells, numbers = self._wide.rows(rows.cells, rows.numbers)
        return replace(rows, cells=cells, numbers=numbers)

    def _dated(self, cells: pa.RecordBatch) -> pa.RecordBatch:
        """The cells under the header, and the month of the file behind them."""
        month = pa.repeat(pa.scalar(self._month), len(cells)).cast(self._schema.types[0])
        columns = [*cells.columns[: self._width], month]
        return pa.RecordBatch.from_arrays(columns, [f"c{n}" for n in range(len(columns))])

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self._below.end(len(self._schema))
        try:
            yield from parsed(self._below, self._schema, self.spec.delimiter, self._skip)
        except pa.ArrowInvalid as error:
            why = str(error).splitlines()[0]
            if "straddl" not in why:
                raise UserError(f"{self.key} is not CSV ({why}); deliver it again") from None
            raise UserError(
                f"{self.key} has a row of more than {arrow_rows.LONGEST_ROW >> 20} MB, below row"
                f" {self._counted + self._shift}: is a quote left open there? Deliver it again"
            ) from None

    def _skip(self, row: InvalidRow) -> str:
        self._skipped.append(Misfit(row.number, row.text))
        return "skip"

    def _rows(self, batch: pa.RecordBatch) -> Rows:
        counted, skipped = self._numbered(len(batch))
        headers = self._repeats_header(batch)
        kept = ~(_blank(batch) | headers)
        blank = len(batch) - int(kept.sum()) - self._text.own_headers(int(headers.sum()))
        rows = {one.number: self._shape.row(one.text) for one in skipped}
        more = {number: row for number, row in rows.items() if row}
        blank += sum(row == [] for row in rows.values())
        unfit = (one for one in skipped if rows[one.number] is None)
        lines = {one.number: self._shape.lines(one.text) for one in unfit}
        for place, text in self._not_rows(batch):
            kept[place] = False
            lines[int(counted[place])] = self._shape.lines(text)
        if more:
            batch, kept = with_rows(batch, [*more.values()]), np.append(kept, [True] * len(more))
            counted = np.append(counted, [*more])
        numbers = counted + self._shift
        misfits: list[Misfit] = []
        for number, texts in sorted(lines.items()):
            start = number + self._shift
            misfits += [Misfit(start + after, text) for after, text in enumerate(texts)]
            numbers[counted > number] += len(texts) - 1
            self._shift += len(texts) - 1
        cells, numbers = _those(batch, kept), numbers[kept]
        if more:
            order = np.argsort(numbers)
            cells, numbers = cells.take(pa.array(order)), numbers[order]
        return Rows(cells, numbers, tuple(misfits), blank)

    def _repeats_header(self, batch: pa.RecordBatch) -> NDArray[np.bool_]:
        first = batch.column(0)
        # a file that another one was put behind, its byte order mark with it; a page's form feed
        same = np.zeros(len(batch), dtype=bool)
        for mark in ("", "\ufeff", "\f"):
            same |= equal_to(first, f"{mark}{self._names[0]}")
        for column, name in zip(batch.columns[1:], self._names[1:], strict=False):
            if not same.any():
                break
            same &= equal_to(column, name)
        return same

    def _numbered(self, rows: int) -> tuple[Numbers, list[Misfit]]:
        """Arrow's count of the next rows that fit, and what it skipped before the last of them."""
        skipped = np.array([one.number for one in self._skipped], dtype=np.int64)
        every = np.arange(self._counted + 1, self._counted + rows + len(skipped) + 1)
        counted = np.setdiff1d(every, skipped, assume_unique=True)[:rows] if len(skipped) else every
        self._counted = int(counted[-1] if rows else every[-1])
        passed = [one for one in self._skipped if one.number <= self._counted]
        self._skipped = self._skipped[len(passed) :]
        return counted, passed

    def _not_rows(self, batch: pa.RecordBatch) -> Iterator[tuple[int, str]]:
        """Places and text of what Arrow took for rows: too wide, several lines, the file's end."""
        holding = {place for column in batch.columns for place in with_line_ends(column)}
        if len(batch) and batch.column(0)[-1].as_py() == END:
            holding.add(len(batch) - 1)
        beyond = _beyond(batch, self._width)
        for place in sorted(holding | beyond):
            cells = (column[place].as_py() or "" for column in batch.columns)
            text = self.spec.delimiter.join(cells)
            if place in beyond or self._shape.lines(text) != [text]:
                yield place, text


@contextmanager
def delivered_rows(
    landing: Store, key: str, source: str, spec: SourceSpec, coded: bool = False
) -> Iterator[DeliveredRows]:
    """Read a file: its header is checked at once, its rows as they are taken.

    `coded`: columns are dictionaries of their texts, where the table is not wide.

    A `UserError` names the file and what is wrong with it: cut short, another encoding, a column
    that is missing or there twice, a row without end. About 1 s of CPU per million rows.
    """
    with plain_text(landing, key, source, spec) as text:
        yield DeliveredRows(text, coded)


def _those(batch: pa.RecordBatch, kept: NDArray[np.bool_]) -> pa.RecordBatch:
    """Rows of a batch, without a copy where the rows that go are its last, as the file's end is."""
    rows = int(kept.sum())
    return batch.slice(0, rows) if kept[:rows].all() else batch.filter(pa.array(kept))


def _blank(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Rows in which nothing stands between the delimiters, or blanks alone."""
    # in most rows something stands in the first field: the others need no look
    places = np.flatnonzero(each(batch.column(0), begin_with_space, null=True))
    some = batch.take(pa.array(places))
    nothing = np.ones(len(places), dtype=bool)
    for column in some.columns if len(places) else ():
        nothing &= each(column, lambda texts: pc.equal(pc.utf8_trim(texts, SPACE), ""), null=True)
    blank = np.zeros(len(batch), dtype=bool)
    blank[places] = nothing
    return blank


def _beyond(batch: pa.RecordBatch, fields: int) -> set[int]:
    """Places of rows that have something in the field that the header lacks."""
    if batch.num_columns == fields:
        return set()
    present = batch.column(fields).is_valid().to_numpy(zero_copy_only=False)
    return {int(place) for place in np.flatnonzero(present)}
