"""One delivered CSV file, looked at before anything is made of it: counted and hashed by month."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from creditrisk.deliveries.reader import DeliveredRows, Rows, delivered_rows
from creditrisk.deliveries.row_month import UNKNOWN, misfit_month, month_codes
from creditrisk.portfolio import SourceSpec
from creditrisk.storage import Store

RECIPE = "2:"  # of a content's digest; that of release 0.1.0, without a mark, hashed lines
_DIGEST = re.compile("[0-9a-f]{32}$")


@dataclass(frozen=True)
class DeliveredFile:
    """A file that is whole, and has every column it needs.

    `months`: rows by the month they speak of; dates that cannot be read: none. `rows`: all but
    the blank ones. `content`: by month (None: cannot be read) what its rows hash to.
    """

    key: str  # in the landing folder
    sha256: str  # of its bytes as delivered
    header: tuple[str, ...]
    months: Mapping[date, int]
    rows: int
    misfits: int
    blank: int
    content: Mapping[date | None, str]
    cut: bool = False  # it ends without a line end
    arrived: str = ""  # when it came to be what it is, as the landing folder's listing tells

    def undescribed(self, needed: tuple[str, ...]) -> tuple[str, ...]:
        """Columns nobody asked for."""
        return tuple(column for column in self.header if column not in needed)


def inspect(landing: Store, key: str, source: str, spec: SourceSpec) -> DeliveredFile:
    """Read a file once: check that it is whole and has its columns, count and hash every month.

    Errors as `delivered_rows`.
    """
    rows: Counter[date | None] = Counter()
    misfits = blank = 0
    with delivered_rows(landing, key, source, spec) as file:
        hashes: dict[date | None, _Hash] = defaultdict(partial(_Hash, file.header))
        for some in file:
            blank += some.blank
            misfits += len(some.misfits)
            for month, cells in by_month(file, some):
                rows[month] += len(cells)
                hashes[month].add(cells)
            for misfit in some.misfits:
                month = misfit_month(file, misfit.fields(spec))
                rows[month] += 1
                hashes[month].add_text(misfit.text)
    return DeliveredFile(
        key=key,
        sha256=file.sha256,
        header=file.header,
        months={month: count for month, count in rows.items() if month},
        rows=rows.total(),
        misfits=misfits,
        blank=blank,
        cut=file.cut,
        content={month: found.digest() for month, found in hashes.items()},
    )


def comparable(one: str | None, other: str | None) -> bool:
    """Whether two digests of content differ only where the content does."""
    recipes = {text.startswith(RECIPE) for text in (one, other) if text and _DIGEST.search(text)}
    return len(recipes) < 2


def by_month(file: DeliveredRows, rows: Rows) -> Iterator[tuple[date | None, pa.RecordBatch]]:
    """The rows that fit, by the month they speak of; each month's in the file's order."""
    months, codes = month_codes(file, rows.cells)
    present = np.unique(codes)
    for code in present:
        month = None if code == UNKNOWN else months[code]
        whole = len(present) == 1
        yield month, rows.cells if whole else rows.cells.filter(pa.array(codes == code))


class _Hash:
    """What the rows of a month hash to, however they come in batches: lengths apart from text."""

    def __init__(self, header: Iterable[str]) -> None:
        self._header = list(header)
        self._sums = [(xxhash.xxh3_128(), xxhash.xxh3_128()) for _ in self._header]
        self._others = xxhash.xxh3_128()

    def add(self, rows: pa.RecordBatch) -> None:
        for (lengths, texts), column in zip(self._sums, rows.columns, strict=False):
            # -1 where nothing stands: "" is another thing
            held = pc.binary_length(column).fill_null(-1)
            lengths.update(held.to_numpy(zero_copy_only=False).tobytes())
            texts.update(_bytes(column))

    def add_text(self, text: str) -> None:
        self._others.update(f"{len(text)}:{text}".encode())

    def digest(self) -> str:
        whole = xxhash.xxh3_128(repr(self._header).encode())
        for lengths, texts in (*self._sums, (self._others, xxhash.xxh3_128())):
            whole.update(lengths.digest() + texts.digest())
        return f"{RECIPE}{whole.hexdigest()}"


def _bytes(column: pa.Array) -> bytes | memoryview:
    """The text of a column, cell after cell."""
    _, offsets, data = column.buffers()
    if data is None:
        return b""
    ends = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return memoryview(data)[ends[0] : ends[-1]]
