"""Rows as Arrow's CSV reader parses them, and that it lets go of the file however this ends."""

from collections.abc import Callable, Iterator
from threading import Event
from weakref import finalize

import pyarrow as pa
from pyarrow import csv
from pyarrow.csv import InvalidRow

from creditrisk.deliveries.lines import Below

LONGEST_ROW = 1 << 23  # bytes: a longer one is a quote left open, or no table
_PATIENCE = 10.0  # seconds: a block is read in milliseconds


def parsed(
    below: Below, schema: pa.Schema, delimiter: str, skip: Callable[[InvalidRow], str]
) -> Iterator[pa.RecordBatch]:
    """Batches of text; `skip` takes a row that does not fit. `ArrowInvalid` says what is no CSV.

    Arrow reads ahead in a thread of its own. In Python's last moments that thread would abort the
    process, or keep it for ever: it is waited for, after an error and where not all is taken.
    """
    released = Event()
    try:
        yield from _batches(below, schema, delimiter, skip, released)
    except pa.ArrowInvalid:
        if below.fault is None:
            raise
    finally:
        below.stop()
        released.wait(_PATIENCE)
    if below.fault:
        raise below.fault


def _batches(
    below: Below,
    schema: pa.Schema,
    delimiter: str,
    skip: Callable[[InvalidRow], str],
    released: Event,
) -> Iterator[pa.RecordBatch]:
    reader = csv.open_csv(
        _file(below, released),  # no name for it here: an error would hold it
        csv.ReadOptions(
            use_threads=False,  # else a row that does not fit has no number
            block_size=LONGEST_ROW,
            column_names=schema.names,
        ),
        csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
        csv.ConvertOptions(
            check_utf8=False,  # it was decoded
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    try:
        yield from reader
    finally:
        reader.close()
        del reader


def _file(below: Below, released: Event) -> pa.PythonFile:
    source = _Source(below)
    finalize(source, released.set)
    return pa.PythonFile(source, "r")


class _Source:
    """The file that Arrow reads; gone once Arrow has done with it."""

    closed = False

    def __init__(self, below: Below) -> None:
        self.read = below.read  # no method of its own, whose frame an error would hold

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
