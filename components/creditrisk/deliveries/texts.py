"""Columns of text as the reader yields them: plain, or as codes of a batch's distinct texts.

Arrow finds the distinct texts while it parses, for no more than it costs to copy each text.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.portfolio.column import SPACE

PLAIN = pa.string()
CODED = pa.dictionary(pa.int32(), pa.string())
_BLANK = np.isin(np.arange(256), [one.encode()[0] for one in SPACE])  # by a text's first byte


def each(
    column: pa.Array, tell: Callable[[pa.StringArray], pa.BooleanArray], null: bool = False
) -> NDArray[np.bool_]:
    """What `tell` says of each row's text, asked once where a text is there often."""
    if not isinstance(column, pa.DictionaryArray):
        return _mask(tell(column), null)
    found = np.append(_mask(tell(column.dictionary), null), null)
    if not found[:-1].any() and not (null and column.null_count):
        return np.zeros(len(column), dtype=bool)
    codes = column.indices.fill_null(len(column.dictionary))
    return np.asarray(found[codes.to_numpy(zero_copy_only=False)])


def begin_with_space(texts: pa.StringArray) -> pa.BooleanArray:
    """Texts that are empty or may begin with a blank: their first byte is one's."""
    _, ends, data = texts.buffers()
    starts = np.frombuffer(ends, dtype=np.int32)[texts.offset :][: len(texts) + 1]
    held = np.frombuffer(data or b"", dtype=np.uint8)
    found = np.diff(starts) == 0
    found[~found] = _BLANK[held[starts[:-1][~found]]]
    return pa.array(found, mask=~np.asarray(texts.is_valid(), dtype=bool))


def distinct(column: pa.Array) -> pa.StringArray:
    """The texts of a column, some of which stand in no row any more; plain ones as they stand."""
    return column.dictionary if isinstance(column, pa.DictionaryArray) else column


def equal_to(column: pa.Array, text: str) -> NDArray[np.bool_]:
    """Of each row, whether it is this text."""
    return each(column, lambda texts: pc.equal(texts, text), null=not text)


def with_line_ends(column: pa.Array) -> list[int]:
    """Places of cells that hold a line end; in most columns none does, as their bytes show."""
    buffer = distinct(column).buffers()[2]
    if buffer is None:
        return []
    held = np.frombuffer(buffer, dtype=np.uint8)
    if not ((held == ord("\n")) | (held == ord("\r"))).any():
        return []
    found = each(column, lambda texts: pc.match_substring_regex(texts, "[\r\n]"))
    return [int(place) for place in np.flatnonzero(found)]


def with_rows(batch: pa.RecordBatch, rows: list[list[str]]) -> pa.RecordBatch:
    """The batch and, below it, rows by their fields; null in the columns that they lack."""
    columns = []
    for place, column in enumerate(batch.columns):
        cells = pa.array([(row[place : place + 1] or [""])[0] or None for row in rows], PLAIN)
        coded = cells.dictionary_encode() if column.type == CODED else cells
        columns.append(pa.concat_arrays([column, coded]))
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _mask(found: pa.BooleanArray, null: bool) -> NDArray[np.bool_]:
    return np.asarray(found.fill_null(null).to_numpy(zero_copy_only=False))
