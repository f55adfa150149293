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
from creditrisk.lake.xxh64 import Bits, hashes
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
    rows = _json(contract, table).cast(pa.binary())
    hashed = b"".join(hashlib.sha256(row).digest() for row in rows.to_pylist())
    return np.frombuffer(hashed, ">u8").astype(np.uint64).reshape(-1, 4)


def _json(contract: Contract, table: pa.Table) -> pa.StringArray:
    """Each row as JSON (rows,)."""
    pieces: list[pa.Array | str] = []
    between = "{"
    for number, column in enumerate(contract.columns):
        values = table[column.name].combine_chunks()
        texts, mark = _TEXTS[column.type](values), _MARKS[column.type]
        between += f'{"," if number else ""}"c{number}":'
        if values.null_count:
            marked = pc.binary_join_element_wise(mark, texts, mark, "")
            pieces += [between, pc.coalesce(marked, "null")]
            between = ""
        else:  # mostly: its marks are written with what stands between columns
            pieces += [between + mark, texts]
            between = mark
    return pc.binary_join_element_wise(*pieces, between + "}", "")


def _buckets(contract: Contract, table: pa.Table) -> NDArray[np.int64]:
    """Of each row by its key (rows,)."""
    types = {column.name: column.type for column in contract.columns}
    seeds = np.full(table.num_rows, _SEED, dtype=np.uint64)
    for number, name in enumerate(contract.key):
        values = table[name].combine_chunks()
        if types[name] != "string":
            hashed = hashes(_NUMBERS[types[name]](values), seeds)
        elif number:
            hashed = _hashed_texts(values, seeds)
        else:  # all have one seed: each text is hashed once
            coded = values.dictionary_encode()
            places = coded.indices.fill_null(0).to_numpy()
            found = _hashed_texts(coded.dictionary, seeds[: len(coded.dictionary)])
            hashed = found[places] if len(found) else seeds
        seeds = np.where(values.is_valid().to_numpy(zero_copy_only=False), hashed, seeds)
    return (seeds % np.uint64(_BUCKETS)).astype(np.int64)


def _hashed_texts(texts: pa.StringArray, seeds: Bits) -> Bits:
    """Of each text its hash, of what is null that of the empty text."""
    pairs = zip(texts.cast(pa.binary()).to_pylist(), seeds.tolist(), strict=True)
    found = [xxhash.xxh64_intdigest(text or b"", seed) for text, seed in pairs]
    return np.array(found, dtype=np.uint64)


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
    return values


def _any_escaped(values: pa.StringArray) -> bool:
    """Whether a byte of them is one that JSON escapes; looked at without making texts of them."""
    _, starts, data = values.buffers()
    if data is None:
        return False
    starts = np.frombuffer(starts, np.int32)[values.offset : values.offset + len(values) + 1]
    found = np.frombuffer(data, np.uint8)[starts[0] : starts[-1]]
    return bool(np.any((found < 0x20) | (found == ord('"')) | (found == ord("\\"))))


def _doubles(values: pa.Array) -> pa.Array:
    hashed = hashes(_bits(values).view(np.uint64), np.array([_SEED], dtype=np.uint64))
    texts = pa.array(hashed.view(np.int64)).cast(pa.string())
    return pc.if_else(values.is_null(), None, texts) if values.null_count else texts


def _plain(values: pa.Array) -> pa.Array:
    return values.cast(pa.string())


def _bits(values: pa.Array) -> NDArray[np.float64]:
    """One form of each number (values,); 0 for null."""
    numbers = values.fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0  # -0.0 becomes 0.0
    return np.where(np.isnan(numbers), np.nan, numbers)


def _fold(texts: Iterable[str]) -> str:
    return _sha("".join(sorted(texts)))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_TEXTS: Mapping[ColumnType, Callable[[pa.Array], pa.Array]] = {
    "string": _texts,
    "long": _plain,
    "double": _doubles,
    "boolean": _plain,
    "date": _plain,
}
_MARKS: Mapping[ColumnType, str] = {
    "string": '"',
    "long": "",
    "double": "",
    "boolean": "",
    "date": '"',
}
_NUMBERS: Mapping[ColumnType, Callable[[pa.Array], Bits | NDArray[np.uint32]]] = {
    # as Spark lays a value out: in eight bytes, or in four
    "long": lambda values: values.fill_null(0).to_numpy().view(np.uint64),
    "double": lambda values: _bits(values).view(np.uint64),
    "boolean": lambda values: values.fill_null(False).cast(pa.uint32()).to_numpy(),
    "date": lambda values: values.cast(pa.int32()).fill_null(0).to_numpy().view(np.uint32),
}
