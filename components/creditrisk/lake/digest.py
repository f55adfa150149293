"""The digest of a table's content: equal rows, equal digest, whatever wrote them.

    row    = sha256 of the row as JSON, columns in the contract's order, named c0, c1, ...
    bucket = sha256 of the sorted rows whose key's XXH64 is the same modulo 256
    table  = sha256 of schema and of the sorted buckets

A double enters the JSON as XXH64 of its bits, which maps 64 bits one to one: engines differ
in how they print a double. NaN is one value whatever its bits, and so are 0.0 and -0.0.
`creditrisk.stages.etl.table_digest` computes the same in Spark; a test holds the two together.
"""

import hashlib
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

import pyarrow as pa
import xxhash

from creditrisk.contracts import ColumnType, Contract
from creditrisk.records.commits import canonical

T = TypeVar("T")
_SEED = 42  # Spark's
_BUCKETS = 256
_SIGN = 1 << 63
_EPOCH = date(1970, 1, 1)
_ESCAPES = str.maketrans(
    {chr(code): f"\\u{code:04X}" for code in range(0x20)}
    | {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}
)


def table_digest(contract: Contract, table: pa.Table) -> str:
    """The digest of rows in memory."""
    return under_schema(contract, folded_rows(contract, table))


def folded_rows(contract: Contract, table: pa.Table) -> str:
    """The folded buckets of rows in memory; "" of none. About 6 s of CPU per million rows."""
    columns = [
        [f'"c{number}":{text or "null"}' for text in _mapped(table[c.name], _JSON[c.type])]
        for number, c in enumerate(contract.columns)
    ]
    buckets: dict[int, list[str]] = defaultdict(list)
    for hashed, *parts in zip(_key_hashes(contract, table), *columns, strict=True):
        text = f"{{{','.join(parts)}}}"
        buckets[hashed % _BUCKETS].append(hashlib.sha256(text.encode()).hexdigest())
    folded = [f"{number:03d}{_fold(rows)}" for number, rows in buckets.items()]
    return _fold(folded) if folded else ""


def under_schema(contract: Contract, buckets: str) -> str:
    """The table's digest, from the folded buckets; "" stands for no rows."""
    return _sha(f"{contract.schema_sha}{buckets}")


def combined_digest(digests: Mapping[str, str]) -> str:
    """One digest for several named ones."""
    return hashlib.sha256(canonical(dict(digests))).hexdigest()


def _key_hashes(contract: Contract, table: pa.Table) -> list[int]:
    types = {column.name: column.type for column in contract.columns}
    hashes = [_SEED] * table.num_rows
    for name in contract.key:
        values = _mapped(table[name], _BYTES[types[name]])
        hashes = [
            seed if value is None else xxhash.xxh64_intdigest(value, seed)
            for value, seed in zip(values, hashes, strict=True)
        ]
    return hashes


def _mapped(column: pa.ChunkedArray, of: Callable[..., T]) -> Iterator[T | None]:
    """`of` every value, computed once for equal ones; None for null."""
    encoded = column.combine_chunks().dictionary_encode()
    known = [of(value) for value in encoded.dictionary.to_pylist()]
    return (None if at is None else known[at] for at in encoded.indices.to_pylist())


def _text(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"'


def _bits(value: float) -> bytes:
    one_form = 0.0 if value == 0 else value if value == value else float("nan")  # noqa: PLR0124 - NaN
    return struct.pack("<d", one_form)


def _double(value: float) -> str:
    unsigned = xxhash.xxh64_intdigest(_bits(value), _SEED)
    return str(unsigned - 2 * _SIGN if unsigned >= _SIGN else unsigned)


def _fold(texts: Iterable[str]) -> str:
    return _sha("".join(sorted(texts)))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_JSON: Mapping[ColumnType, Callable[..., str]] = {
    "string": _text,
    "long": str,
    "double": _double,
    "boolean": lambda value: "true" if value else "false",
    "date": lambda value: f'"{value.isoformat()}"',
}
_BYTES: Mapping[ColumnType, Callable[..., bytes]] = {  # as Spark lays a value out to hash it
    "string": str.encode,
    "long": lambda value: struct.pack("<q", value),
    "double": _bits,
    "boolean": lambda value: struct.pack("<i", value),
    "date": lambda value: struct.pack("<i", (value - _EPOCH).days),
}
