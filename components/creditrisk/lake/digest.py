"""The digest of a table's content: equal rows, equal digest, whatever wrote them.

    row    = sha256 of the row as JSON, columns in the contract's order, named c0, c1, ...
    bucket = sha256 of the sorted rows whose key's XXH64 is the same modulo 256
    table  = sha256 of schema and of the sorted buckets

A double enters the JSON as XXH64 of its bits, which maps 64 bits one to one: engines differ
in how they print a double. NaN is one value whatever its bits, and so are 0.0 and -0.0.
`creditrisk.stages.etl.table_digest` computes the same in Spark; a test holds the two together.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from creditrisk.contracts import ColumnType, Contract
from creditrisk.lake.xxh64 import hashes
from creditrisk.records.commits import canonical

_SEED = 42  # Spark's
_BUCKETS = 256
_SLICE = 50_000  # rows made text at once: of sixty columns 60 MB
_ESCAPES = str.maketrans(
    {chr(code): f"\\u{code:04X}" for code in range(0x20)}
    | {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}
)


def table_digest(contract: Contract, table: pa.Table) -> str:
    """The digest of rows in memory."""
    return under_schema(contract, folded_rows(contract, table))


def folded_rows(contract: Contract, table: pa.Table) -> str:
    """The folded buckets of rows in memory; "" of none."""
    if not table.num_rows:
        return ""
    parts = [table.slice(start, _SLICE) for start in range(0, table.num_rows, _SLICE)]
    rows = np.concatenate([_row_hashes(contract, part) for part in parts])
    buckets = np.concatenate([_buckets(contract, part) for part in parts])
    order = _in_order(rows, buckets)
    rows, buckets = rows[order].astype(">u8"), buckets[order]
    starts = np.flatnonzero(np.diff(buckets, prepend=-1))
    folded = (
        f"{buckets[start]:03d}{_sha(part.tobytes().hex())}"
        for start, part in zip(starts, np.split(rows, starts[1:]), strict=True)
    )
    return _fold(folded)


def under_schema(contract: Contract, buckets: str) -> str:
    """The table's digest, from the folded buckets; "" stands for no rows."""
    return _sha(f"{contract.schema_sha}{buckets}")


def combined_digest(digests: Mapping[str, str]) -> str:
    """One digest for several named ones."""
    return hashlib.sha256(canonical(dict(digests))).hexdigest()


def _row_hashes(contract: Contract, table: pa.Table) -> NDArray[np.uint64]:
    """Each row's sha256 (rows, 4) as numbers, which sort as its digits do."""
    pieces: list[pa.Array | str] = []
    for number, column in enumerate(contract.columns):
        values = table[column.name].combine_chunks()
        text = pc.coalesce(_JSON[column.type](values), "null")
        pieces += [f'{"," if number else "{"}"c{number}":', text]
    rows = pc.binary_join_element_wise(*pieces, "}", "").cast(pa.binary())
    hashed = b"".join(hashlib.sha256(row).digest() for row in rows.to_pylist())
    return np.frombuffer(hashed, ">u8").astype(np.uint64).reshape(-1, 4)


def _buckets(contract: Contract, table: pa.Table) -> NDArray[np.int64]:
    """Of each row by its key (rows,)."""
    types = {column.name: column.type for column in contract.columns}
    seeds = [_SEED] * table.num_rows
    for name in contract.key:
        values = _BYTES[types[name]](table[name].combine_chunks()).to_pylist()
        seeds = [
            seed if value is None else xxhash.xxh64_intdigest(value, seed)
            for value, seed in zip(values, seeds, strict=True)
        ]
    return (np.array(seeds, dtype=np.uint64) % _BUCKETS).astype(np.int64)


def _in_order(rows: NDArray[np.uint64], buckets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each row comes from once they are sorted by bucket, then by hash."""
    first = rows[:, 0]
    order = np.lexsort((first, buckets))
    if np.any(np.diff(first[order]) == 0):  # equal rows, or a wonder
        order = np.lexsort((*rows.T[::-1], buckets))
    return order


def _texts(values: pa.Array) -> pa.Array:
    values = values.cast(pa.string())
    if _any_escaped(values):
        escaped = (t if t is None else t.translate(_ESCAPES) for t in values.to_pylist())
        values = pa.array(escaped, pa.string())
    return _quoted(values)


def _any_escaped(values: pa.StringArray) -> bool:
    """Whether a byte of them is one that JSON escapes; looked at without making texts of them."""
    _, starts, data = values.buffers()
    if data is None:
        return False
    starts = np.frombuffer(starts, np.int32)[values.offset : values.offset + len(values) + 1]
    found = np.frombuffer(data, np.uint8)[starts[0] : starts[-1]]
    return bool(np.any((found < 0x20) | (found == ord('"')) | (found == ord("\\"))))


def _doubles(values: pa.Array) -> pa.Array:
    hashed = pa.array(hashes(_bits(values).view(np.uint64), _SEED).view(np.int64))
    return pc.if_else(values.is_null(), None, hashed.cast(pa.string()))


def _quoted(values: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', values.cast(pa.string()), '"', "")


def _bits(values: pa.Array) -> NDArray[np.float64]:
    """One form of each number (values,); 0 for null."""
    numbers = values.fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0  # -0.0 becomes 0.0
    return np.where(np.isnan(numbers), np.nan, numbers)


def _fixed(values: pa.Array, bits: pa.Array) -> pa.Array:
    laid_out = bits.view(pa.binary(bits.type.bit_width // 8))
    return pc.if_else(values.is_null(), None, laid_out)


def _fold(texts: Iterable[str]) -> str:
    return _sha("".join(sorted(texts)))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_JSON: Mapping[ColumnType, Callable[[pa.Array], pa.Array]] = {
    "string": _texts,
    "long": lambda values: values.cast(pa.string()),
    "double": _doubles,
    "boolean": lambda values: values.cast(pa.string()),
    "date": _quoted,
}
_BYTES: Mapping[ColumnType, Callable[[pa.Array], pa.Array]] = {  # as Spark lays a value out
    "string": lambda values: values.cast(pa.binary()),
    "long": lambda values: _fixed(values, values.fill_null(0)),
    "double": lambda values: _fixed(values, pa.array(_bits(values))),
    "boolean": lambda values: _fixed(values, values.fill_null(False).cast(pa.int32())),
    "date": lambda values: _fixed(values, values.cast(pa.int32()).fill_null(0)),
}
