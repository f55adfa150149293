"""Tables with a column per month: each row becomes one per month that holds something.

A `*` in a described name stands for the part that differs from month to month (`status_*` of
`status_2023_01`); the column `*` says what that part is: a month, or the months on book.
"""

import re
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.deliveries.delivered_month import read_count, read_month
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.file_column import file_column
from creditrisk.portfolio.file_name import month_of
from creditrisk.portfolio.source import STAR

Numbers = NDArray[np.int64]


class Unpivot:
    """A wide header, and rows under it made long.

    `header`: the described columns that are no month's, those with a `*`, and `*` itself.
    """

    def __init__(self, header: tuple[str, ...], spec: SourceSpec) -> None:
        fixed = [name for name in spec.columns if STAR not in name]
        self.header = (*fixed, *spec.starred, STAR)
        self._fixed = [header.index(file_column(spec, name)) for name in fixed]
        self._missing = [("", *spec.columns[name].missing) for name in spec.starred]
        found = {name: month_parts(header, name, spec) for name in spec.starred}
        parts = dict.fromkeys(part for places in found.values() for part in places)
        self._months = {part: [found[name].get(part) for name in spec.starred] for part in parts}

    def rows(self, cells: pa.RecordBatch, numbers: Numbers) -> tuple[pa.RecordBatch, Numbers]:
        """One row per row and month with a value; in the file's order."""
        made = [self._of_month(cells, numbers, part) for part in self._months]
        long = pa.Table.from_batches([batch for batch, _ in made])
        order = np.argsort(np.concatenate([kept for _, kept in made]), kind="stable")
        return _batch(long.take(pa.array(order))), np.concatenate([kept for _, kept in made])[order]

    def _of_month(
        self, cells: pa.RecordBatch, numbers: Numbers, part: str
    ) -> tuple[pa.RecordBatch, Numbers]:
        nothing = pa.nulls(len(cells), pa.string())
        values = [nothing if at is None else cells.column(at) for at in self._months[part]]
        fixed = [cells.column(place) for place in self._fixed]
        names = [f"c{place}" for place in range(len(self.header))]
        star = pa.repeat(pa.scalar(part), len(cells))
        batch = pa.RecordBatch.from_arrays([*fixed, *values, star], names)
        held = np.zeros(len(cells), dtype=bool)
        for column, missing in zip(values, self._missing, strict=True):
            text = pc.utf8_trim(column.fill_null(""), SPACE)
            held |= ~pc.is_in(text, pa.array(missing)).to_numpy(zero_copy_only=False)
        return batch.filter(pa.array(held)), numbers[held]


def file_month(key: str, source: str, spec: SourceSpec) -> str:
    """The month in the name of a file, where its rows are of that; else empty."""
    if not spec.in_file_names:
        return ""
    if month := month_of(key, spec.table):
        return month.isoformat()
    raise UserError(
        f"{key} has no month in its name, and sources.{source}.columns takes it from there"
        f' ("{STAR}"); deliver a file a month, or describe the column that has the date'
    )


def month_parts(header: tuple[str, ...], name: str, spec: SourceSpec) -> dict[str, int]:
    """Of each column of the file that a name with a `*` stands for: the part, and its place."""
    star = spec.columns[STAR]
    read = partial(read_count if star.type == "integer" else read_month, spec=star)
    shape = re.compile("(.+)".join(map(re.escape, name.split(STAR, 1))), re.DOTALL)
    found = ((shape.fullmatch(column), place) for place, column in enumerate(header))
    return {hit[1]: place for hit, place in found if hit and read(hit[1]) is not None}


def _batch(table: pa.Table) -> pa.RecordBatch:
    table = table.combine_chunks()
    columns = [c.chunk(0) if c.num_chunks else pa.array([], pa.string()) for c in table.columns]
    return pa.RecordBatch.from_arrays(columns, table.column_names)
