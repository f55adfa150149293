"""Bronze: rows as delivered, all text, each with the file and the row it came from."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark import SparkContext

from creditrisk import contracts
from creditrisk.contracts import Contract
from creditrisk.deliveries.delivered_file import DeliveredFile
from creditrisk.deliveries.landing import Delivery
from creditrisk.deliveries.reader import DeliveredRows, Rows, delivered_rows
from creditrisk.deliveries.row_month import misfit_month, month_codes
from creditrisk.errors import UserError
from creditrisk.lake import data_key
from creditrisk.stages.etl.commit import Written, data_file, month_folder
from creditrisk.stages.etl.executors import task_each
from creditrisk.storage import Store

_FILES_AT_ONCE = 4
_GATHERED = 100_000  # rows of a row group
HELD = 64 << 20  # bytes of a file's rows that wait for others of their month


def write_bronze(
    store: Store, delivery: Delivery, months: list[date], executors: SparkContext | None = None
) -> Written:
    """Write one row per delivered row of some months; nobody sees them before they are published.

    In a file that holds every month a row belongs to its snapshot's month; one whose month
    is unknown, or lies outside all that was delivered, belongs to the file's newest, the
    delivery it came with. In a file of one month every row belongs to that month, whatever
    it says. A file that changed since it was looked at is a `UserError`. With `executors`, each of
    several files is a task of theirs.
    """
    contract = contracts.bronze(delivery.source, delivery.spec)
    folder = data_key(contract, months[0]).rpartition("/")[0]

    files = list(enumerate(delivery.files))
    copy = partial(_copied, store, delivery, frozenset(months), folder)
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        if executors and len(files) > 1:
            written = task_each(executors, copy, files)
        else:
            written = list(pool.map(copy, files))
        pairs = [(month, key) for keys in written for month, key in keys.items()]
        looked = pool.map(lambda pair: data_file(store, pair[1], contract, pair[0]), pairs)
        found = defaultdict(list)
        for (month, _), file in zip(pairs, looked, strict=True):
            found[month].append(file)
    return Written(contract, {month: tuple(files) for month, files in found.items()})


def _copied(
    store: Store,
    delivery: Delivery,
    months: frozenset[date],
    folder: str,
    numbered: tuple[int, DeliveredFile],
) -> dict[date, str]:
    """Write the rows that a delivered file has of some months; the key of each month's file."""
    number, file = numbered
    contract = contracts.bronze(delivery.source, delivery.spec)
    with ExitStack() as held:
        sinks = _Sinks(store, contract, folder, f"part-{number:05d}.parquet", held)
        _copy(delivery, file, months, sinks)
        sinks.flush()
    return sinks.keys


def _copy(delivery: Delivery, file: DeliveredFile, months: frozenset[date], out: "_Sinks") -> None:
    own = next((month for month, one in delivery.monthly.items() if one.key == file.key), None)
    with delivered_rows(delivery.landing, file.key, delivery.source, delivery.spec) as rows:
        for some in rows:
            for month, part in _by_month(rows, some, delivery, own):
                if month in months:
                    out.add(month, _as_bronze(rows, part, file, out.contract))
    if rows.sha256 != file.sha256:
        raise UserError(f"{file.key} changed while it was read; run the month again")


@dataclass(frozen=True)
class _Part:
    """Rows of one month: those that fit, and the numbers and texts of those that do not."""

    cells: pa.RecordBatch
    numbers: NDArray[np.int64]
    misfits: Mapping[int, str]


def _by_month(
    file: DeliveredRows, rows: Rows, delivery: Delivery, own: date | None
) -> Iterator[tuple[date, _Part]]:
    if own:
        yield own, _Part(rows.cells, rows.numbers, {one.number: one.text for one in rows.misfits})
        return
    known, codes = month_codes(file, rows.cells)
    month_of = [delivery.month_of(month) for month in known] + [delivery.newest]  # -1: the last
    misfits: dict[date, dict[int, str]] = defaultdict(dict)
    for one in rows.misfits:
        month = delivery.month_of(misfit_month(file, one.fields(file.spec)))
        misfits[month][one.number] = one.text
    days = np.array([month.toordinal() for month in month_of])[codes]
    for month in {*misfits, *(month_of[code] for code in np.unique(codes))}:
        mine = days == month.toordinal()
        cells = rows.cells if mine.all() else rows.cells.filter(pa.array(mine))
        yield month, _Part(cells, rows.numbers[mine], misfits[month])


def _as_bronze(
    file: DeliveredRows, part: _Part, delivered: DeliveredFile, contract: Contract
) -> pa.Table:
    """Rows in the bronze contract, in the file's order."""
    count, misfits = len(part.cells), sorted(part.misfits.items())
    extra = len(misfits)
    columns = {
        name: pa.concat_arrays([part.cells.column(file.place(name)), pa.nulls(extra, pa.string())])
        for name in file.spec.columns
    }
    columns |= {
        "source_file": pa.repeat(pa.scalar(delivered.key), count + extra),
        "source_sha256": pa.repeat(pa.scalar(delivered.sha256), count + extra),
        "source_row": pa.array(np.append(part.numbers, [number for number, _ in misfits])),
        "unreadable": pa.concat_arrays(
            [pa.nulls(count, pa.string()), pa.array([text for _, text in misfits], pa.string())]
        ),
    }
    table = pa.table({name: columns[name] for name in contract.names}).cast(contract.arrow)
    return table.sort_by("source_row") if extra else table


class _Sinks:
    """One Parquet file per month, opened when it gets its first rows."""

    def __init__(
        self, store: Store, contract: Contract, folder: str, name: str, open_: ExitStack
    ) -> None:
        self.contract, self.keys = contract, dict[date, str]()
        self._store, self._folder, self._name, self._open = store, folder, name, open_
        self._writers: dict[date, pq.ParquetWriter] = {}
        self._held: dict[date, list[pa.Table]] = defaultdict(list)
        self._bytes = Counter[date]()

    def add(self, month: date, rows: pa.Table) -> None:
        """Hold rows until there are enough of their month, or too many of all months."""
        if not rows.num_rows:
            return
        self._held[month].append(rows)
        self._bytes[month] += rows.nbytes
        if sum(map(len, self._held[month])) >= _GATHERED:
            self._write(month)
        while self._bytes.total() > HELD:
            self._write(self._bytes.most_common(1)[0][0])

    def flush(self) -> None:
        for month in list(self._held):
            self._write(month)

    def _write(self, month: date) -> None:
        rows = pa.concat_tables(self._held.pop(month))
        del self._bytes[month]
        if month not in self._writers:
            self.keys[month] = f"{month_folder(self._folder, month)}/{self._name}"
            sink = self._open.enter_context(self._store.output(self.keys[month]))
            writer = pq.ParquetWriter(sink, self.contract.arrow)
            self._writers[month] = self._open.enter_context(writer)
        self._writers[month].write_table(rows, row_group_size=_GATHERED)
