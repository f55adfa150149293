"""What a table promises: columns, types, key, grain, what each column may hold."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ColumnType = Literal["string", "long", "double", "boolean", "date"]
PARTITION = "snapshot_date"

_ARROW: dict[ColumnType, pa.DataType] = {
    "string": pa.string(),
    "long": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
_SPARK: dict[ColumnType, str] = {
    "string": "STRING",
    "long": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True)
class Column:
    """A column of a table of ours, and which values it may hold."""

    name: str
    type: ColumnType
    text: str = ""
    required: bool = False  # never null; columns of the key never are
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()  # nothing else; of a list: its members
    members: bool = False  # a list, its members separated by bars
    hashed: bool = False  # PII: an HMAC-SHA256 in hex
    unit: str = ""

    @property
    def spark(self) -> str:
        """Its type as Spark calls it."""
        return _SPARK[self.type]


@dataclass(frozen=True)
class Contract:
    """A table: `layer/name`, one partition per month, unique by key within a month."""

    layer: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    # rows in every month once begun, about as many as in the month before (policy.quality)
    steady: bool = False

    @property
    def table(self) -> str:
        return f"{self.layer}/{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.required or c.name in self.key)

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema([(column.name, _ARROW[column.type]) for column in self.columns])

    @property
    def ddl(self) -> str:
        return ", ".join(f"`{column.name}` {column.spark}" for column in self.columns)

    @property
    def schema_sha(self) -> str:
        """sha256 over names and types in order."""
        return hashlib.sha256(self.ddl.encode()).hexdigest()


def counts(names: Sequence[str], text: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, "long", text, low=0) for name in names)
