"""Which month a delivered row is of: the snapshot's; else the start's, plus the months on book.

A figure of the economy is of the month it is published in.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.calendar_month import add_months
from creditrisk.deliveries.dates import same_day
from creditrisk.deliveries.delivered_month import read_count, read_month
from creditrisk.deliveries.reader import DeliveredRows
from creditrisk.deliveries.texts import distinct
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE

UNKNOWN = -1  # the code of a month that cannot be read
Codes = NDArray[np.int64]
V = TypeVar("V", date, int)


def month_codes(file: DeliveredRows, cells: pa.RecordBatch) -> tuple[list[date], Codes]:
    """The months that rows are of, and each row's place among them; -1 where it cannot be read."""
    if not file.spec.month_columns:  # of a file that nobody has described yet
        return [], np.full(len(cells), UNKNOWN)
    dated, *counted = file.spec.month_columns
    months, codes = text_months(cells.column(file.place(dated)), file.spec.columns[dated])
    if not counted:
        return _merged([_later(month, file.spec.lag or 0) for month in months], codes)
    name = counted[0]
    counts, places = _coded(cells.column(file.place(name)), file.spec.columns[name], read_count)
    known = (codes != UNKNOWN) & (places != UNKNOWN)
    both = np.where(known, codes * len(counts) + places, UNKNOWN)
    return _merged([_later(month, count) for month in months for count in counts], both)


def text_months(texts: pa.Array, spec: ColumnSpec) -> tuple[list[date], Codes]:
    """The months that the texts of a date column speak of, and each text's place among them."""
    return _coded(texts, spec, read_month)


def misfit_month(file: DeliveredRows, fields: Sequence[str]) -> date | None:
    """The month a row that does not fit is of, where it has a date where others have theirs."""
    if file.spec.wide:
        return None  # it is of many
    texts = [fields[place] if place < len(fields) else "" for place in range(len(file.header))]
    cells = [pa.array([text], pa.string()) for text in texts]
    names = [f"c{place}" for place in range(len(cells))]
    months, codes = month_codes(file, pa.RecordBatch.from_arrays(cells, names))
    return None if codes[0] == UNKNOWN else months[codes[0]]


def _coded(
    texts: pa.Array, spec: ColumnSpec, read: Callable[[str, ColumnSpec], V | None]
) -> tuple[list[V], Codes]:
    """The distinct values of a column, and each row's place among them; -1 where there is none.

    Times of a day are cut off first, where they can be: a file of clicks has as many of them as
    rows.
    """
    timed = spec.type == "date" and not spec.partial
    trimmed = pc.utf8_trim(distinct(texts), SPACE + spec.strip)
    coded = (same_day(trimmed, spec) if timed else trimmed).dictionary_encode()
    found = [read(text or "", spec) for text in coded.dictionary.to_pylist()]
    values = sorted({value for value in found if value is not None})
    place = {value: number for number, value in enumerate(values)}
    codes = np.array([UNKNOWN if value is None else place[value] for value in found] + [UNKNOWN])
    of_text = codes[_filled(coded.indices, len(found))]
    if not isinstance(texts, pa.DictionaryArray):
        return values, of_text
    return values, np.append(of_text, UNKNOWN)[_filled(texts.indices, len(of_text))]


def _filled(codes: pa.Array, null: int) -> Codes:
    return np.asarray(codes.fill_null(null).to_numpy(zero_copy_only=False))


def _later(month: date, count: int) -> date | None:
    """The month so many later; None beyond the years 1 to 9999 (9999-12-31 says: never)."""
    try:
        return add_months(month, count)
    except ValueError:
        return None


def _merged(months: Sequence[date | None], codes: Codes) -> tuple[list[date], Codes]:
    """Equal months under one code."""
    distinct = sorted({month for month in months if month})
    place = {month: number for number, month in enumerate(distinct)}
    found = [UNKNOWN if month is None else place[month] for month in months]
    return distinct, np.array([*found, UNKNOWN], dtype=np.int64)[codes]
