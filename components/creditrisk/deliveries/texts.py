"""Columns of text as the reader yields them: plain, or as codes of a batch's distinct texts.

Arrow finds the distinct texts while it parses, for no more than it costs to copy each text.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

PLAIN = pa.string()
CODED = pa.dictionary(pa.int32(), pa.string())


def each(
    column: pa.Array, tell: Callable[[pa.StringArray], pa.BooleanArray], null: bool = False
) -> NDArray[np.bool_]:
    """What `tell` says of each row's text, asked once where a text is there often."""
    if not isinstance(column, pa.DictionaryArray):
        return _mask(tell(column), null)
    codes = column.indices.fill_null(len(column.dictionary))
    found = np.append(_mask(tell(column.dictionary), null), null)
    return np.asarray(found[codes.to_numpy(zero_copy_only=False)])


def distinct(column: pa.Array) -> pa.StringArray:
    """The texts of a column, some of which stand in no row any more; plain ones as they stand."""
    return column.dictionary if isinstance(column, pa.DictionaryArray) else column


def _mask(found: pa.BooleanArray, null: bool) -> NDArray[np.bool_]:
    return np.asarray(found.fill_null(null).to_numpy(zero_copy_only=False))
