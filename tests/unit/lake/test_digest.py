"""The digest made of whole columns is the one its recipe gives row by row."""

import hashlib
import math
import struct
from collections import defaultdict
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.contracts import Column, Contract
from creditrisk.lake import digest, table_digest

TABLE = Contract(
    "bronze",
    "every_type",
    "one row per text and size",
    ("text", "size"),
    (
        Column("text", "string"),
        Column("size", "double"),
        Column("number", "long"),
        Column("flag", "boolean"),
        Column("day", "date"),
    ),
)
OTHER_KEY = replace(TABLE, key=("day", "flag", "number", "text"))
OTHER_NAN = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000123))[0]
ROWS = st.lists(
    st.tuples(
        st.none() | st.text(max_size=8) | st.sampled_from(['"', "\\", "\x00\x1f", "é 漢 😀 \x7f"]),
        st.none() | st.floats() | st.sampled_from([0.0, -0.0, math.nan, OTHER_NAN]),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.booleans(),
        st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
    ),
    max_size=12,
)


def by_recipe(table: Contract, rows: list[tuple]) -> str:
    """As the module's docstring says it, one row at a time."""
    buckets = defaultdict(list)
    for row in rows:
        text, size, *rest = row
        key = 42
        for name in table.key:
            value = row[table.names.index(name)]
            key = key if value is None else xxhash.xxh64_intdigest(laid_out(value), key)
        cells = [quoted(text), hashed(size), *map(plain, rest)]
        written = ",".join(f'"c{number}":{cell}' for number, cell in enumerate(cells))
        buckets[key % 256].append(sha(f"{{{written}}}"))
    folded = sorted(f"{number:03d}{sha(''.join(sorted(of)))}" for number, of in buckets.items())
    return sha(table.schema_sha + (sha("".join(folded)) if rows else ""))


def laid_out(value: object) -> bytes:
    """As Spark hashes it: truth and days are numbers of four bytes."""
    match value:
        case str():
            return value.encode()
        case float():
            return bits(value)
        case bool():
            return struct.pack("<i", value)
        case date():
            return struct.pack("<i", (value - date(1970, 1, 1)).days)
        case _:
            return struct.pack("<q", value)


def bits(value: float) -> bytes:
    return struct.pack("<d", math.nan if math.isnan(value) else value + 0.0)


def hashed(value: float | None) -> str:
    if value is None:
        return "null"
    return str(struct.unpack("<q", struct.pack("<Q", xxhash.xxh64_intdigest(bits(value), 42)))[0])


def quoted(text: str | None) -> str:
    if text is None:
        return "null"
    short = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}
    plain = {'"': r"\"", "\\": r"\\"} | short
    escaped = (plain.get(c, f"\\u{ord(c):04X}" if ord(c) < 32 else c) for c in text)
    return f'"{"".join(escaped)}"'


def plain(value: object) -> str:
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return "null" if value is None else str(value).lower()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("contract", [TABLE, OTHER_KEY])
@given(ROWS)
def test_whole_columns_give_what_rows_one_by_one_give(contract, rows):
    columns = list(zip(*rows, strict=True)) or [()] * len(TABLE.columns)
    names = TABLE.arrow.names
    table = pa.table(dict(zip(names, map(list, columns), strict=True)), TABLE.arrow)
    assert table_digest(contract, table) == by_recipe(contract, rows)


@pytest.mark.parametrize("slice_", [1, 7, 100])
def test_how_many_rows_are_looked_at_once_makes_no_difference(monkeypatch, slice_):
    rows = [(f"r{n}" if n % 5 else 'a "quote"', n / 3, n, n % 2 == 0, None) for n in range(40)]
    table = pa.table(
        dict(zip(TABLE.arrow.names, map(list, zip(*rows, strict=True)), strict=True)), TABLE.arrow
    )
    monkeypatch.setattr(digest, "_SLICE", slice_)
    assert table_digest(TABLE, table) == by_recipe(TABLE, rows)
