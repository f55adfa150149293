"""Whether a table's values keep its contract, by each column's own statistics.

Of a Parquet file that is mostly in its footer (nulls, lowest, highest), so that no row is read
again; only columns of categories are, and of those the distinct values.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from creditrisk.contracts.contract import Column, Contract

_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Held:
    """What a column holds; `low` and `high` are null where there is no value, or NaN."""

    rows: int
    nulls: int
    low: Any = None
    high: Any = None
    values: frozenset[str] = frozenset()  # of a column with categories


def check_table(contract: Contract, month: date, table: pa.Table) -> None:
    """`RuntimeError` where rows about to be written break the contract."""
    _refuse(contract, month, ((c, _held(c, table.column(c.name))) for c in contract.columns))


def check_file(contract: Contract, month: date, file: pq.ParquetFile) -> None:
    """`RuntimeError` where a file that was written breaks the contract."""
    there, promised = _typed(file.schema_arrow), _typed(contract.arrow)
    if there != promised:
        raise RuntimeError(
            f"{contract.table} {month}: has columns {there}; its contract says {promised}"
        )
    text = [column for column in contract.columns if column.categories]
    names = [column.name for column in text]
    values = file.read(columns=names) if names else None
    found: list[tuple[Column, Held]] = []
    for place, column in enumerate(contract.columns):
        held = _footer(column, file, place)
        if values is not None and column.categories:
            held = _held(column, values.column(column.name))
        found.append((column, held))
    _refuse(contract, month, found)


def _refuse(contract: Contract, month: date, found: Iterable[tuple[Column, Held]]) -> None:
    required = contract.required
    for column, held in found:
        if fault := _fault(column, held, column.name in required):
            raise RuntimeError(f"{contract.table} {month}: {column.name} {fault}")


def _fault(column: Column, held: Held, required: bool) -> str:
    """What is wrong with a column; empty if nothing is. No text of a row is repeated."""
    if required and held.nulls:
        return f"is null in {held.nulls:,} of {held.rows:,} rows and never may be"
    if held.nulls == held.rows:
        return ""
    if column.low is not None or column.high is not None:
        low = -math.inf if column.low is None else column.low
        high = math.inf if column.high is None else column.high
        if held.low is None or not (low <= held.low and held.high <= high):
            return f"holds {held.low} to {held.high}; its contract says {low:g} to {high:g}"
    if strange := held.values - {*column.categories, ""}:
        return f"holds values that are no category of it ({len(strange)})"
    if column.hashed and not all(_HASH.fullmatch(str(end)) for end in (held.low, held.high)):
        return "is PII and holds something that is not its hash"
    return ""


def _held(column: Column, values: pa.ChunkedArray) -> Held:
    rows, nulls = len(values), values.null_count
    if column.categories:
        distinct = pc.unique(values).drop_null().to_pylist()
        parts = (text.split("|") if column.members else [text] for text in distinct)
        return Held(rows, nulls, values=frozenset(part for found in parts for part in found))
    if nulls == rows or not _bounded(column):
        return Held(rows, nulls)
    if pa.types.is_floating(values.type) and pc.any(pc.is_nan(values)).as_py():
        return Held(rows, nulls)
    ends = pc.min_max(values)
    return Held(rows, nulls, ends["min"].as_py(), ends["max"].as_py())


def _bounded(column: Column) -> bool:
    """Whether its ends matter; those of dates never do, and Python has not all that Spark has."""
    return column.low is not None or column.high is not None or column.hashed


def _footer(column: Column, file: pq.ParquetFile, place: int) -> Held:
    """By the footer; read where that does not say, as of values too long for it."""
    found = _statistics(file, place)
    filled = [one for one in found or () if one.num_values]
    bounded = _bounded(column) and filled
    if found is None or (bounded and not all(one.has_min_max for one in filled)):
        return _held(column, file.read(columns=[column.name]).column(0))
    rows, nulls = file.metadata.num_rows, sum(one.null_count for one in found)
    if not bounded:
        return Held(rows, nulls)
    return Held(rows, nulls, min(one.min for one in filled), max(one.max for one in filled))


def null_count(file: pq.ParquetFile, name: str) -> int:
    """Missing values of a column, by the file's footer; read where that does not say."""
    found = _statistics(file, file.schema_arrow.get_field_index(name))
    if found is None:
        return int(file.read([name]).column(0).null_count)
    return sum(one.null_count for one in found)


def _statistics(file: pq.ParquetFile, place: int) -> list[Any] | None:
    """Of each row group; null where one of them does not even count what is missing."""
    groups = range(file.metadata.num_row_groups)
    found = [file.metadata.row_group(group).column(place).statistics for group in groups]
    return found if all(one is not None and one.has_null_count for one in found) else None


def _typed(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema)
