"""A place to try a challenger: the lender's store is read, what comes of it is written beside it.

A ratio that only the tried portfolio has is computed as its months are read, by the same formula
as gold's: an idea costs a training, not a backfill.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk import contracts
from creditrisk.contracts import Contract
from creditrisk.lake import Commit, Lake
from creditrisk.period import Period
from creditrisk.portfolio import Portfolio
from creditrisk.records.audit import Trail
from creditrisk.storage import ConflictError, Object, Store, open_audit_store


class OverlayStore:
    """A store that shows `base` and whatever has been written to `own`; `base` never changes."""

    def __init__(self, base: Store, own: Store) -> None:
        self.base, self.own, self.uri = base, own, own.uri

    def exists(self) -> bool:
        return self.base.exists()

    def read(self, key: str) -> bytes:
        try:
            return self.own.read(key)
        except KeyError:
            return self.base.read(key)

    @contextmanager
    def open(self, key: str) -> Iterator[BufferedReader]:
        with ExitStack() as held:
            try:
                file = held.enter_context(self.own.open(key))
            except KeyError:
                file = held.enter_context(self.base.open(key))
            yield file

    def write(self, key: str, data: bytes) -> None:
        self.own.write(key, data)

    def create(self, key: str, data: bytes) -> None:
        self.own.create(key, data)

    def tag(self, key: str) -> str | None:
        return self.own.tag(key) or self.base.tag(key)

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        if self.tag(key) != expected:
            raise ConflictError(f"{self.uri}/{key} changed meanwhile")
        self.own.write(key, data)

    def delete(self, key: str) -> None:
        self.own.delete(key)

    def unlock(self) -> bool:
        return self.own.unlock()

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from sorted({*self.base.keys(prefix), *self.own.keys(prefix)})

    def objects(self, prefix: str = "") -> Iterator[Object]:
        found = {object.key: object for object in self.base.objects(prefix)}
        yield from (found | {object.key: object for object in self.own.objects(prefix)}).values()

    def versions(self, prefix: str) -> None:  # noqa: ARG002 - a view keeps none
        return None

    def output(self, key: str) -> AbstractContextManager[IO[bytes]]:
        return self.own.output(key)

    def spark_uri(self, key: str) -> str:
        return self.base.spark_uri(key)


class DerivingLake(Lake):
    """A lake whose features have every ratio of a portfolio, kept there or not."""

    def __init__(self, store: Store, portfolio: Portfolio) -> None:
        super().__init__(store)
        self.portfolio = portfolio

    def _shaped(self, contract: Contract, commit: Commit, table: pa.Table) -> pa.Table:
        if contract.table == contracts.features(self.portfolio).table:
            table = with_ratios(table, self.portfolio)
        return super()._shaped(contract, commit, table)


@dataclass(frozen=True)
class Workbench(Period):
    """A month of a `OverlayStore` store; its audit trail is the workbench's own.

    `ledger`: the lender's audit trail, for windows that are read here are spent there.
    """

    @cached_property
    def lake(self) -> Lake:
        return DerivingLake(self.store, self.portfolio)

    @cached_property
    def trail(self) -> Trail:
        return Trail(self._overlay.own)

    @cached_property
    def ledger(self) -> Trail:
        return Trail(open_audit_store(self._overlay.base))

    @property
    def _overlay(self) -> OverlayStore:
        assert isinstance(self.store, OverlayStore)  # noqa: S101 - `workbench` made it
        return self.store


def with_ratios(table: pa.Table, portfolio: Portfolio) -> pa.Table:
    """The rows of gold features with the portfolio's ratios they lack; null over nothing or 0."""
    for name, derived in portfolio.derived.items():
        if name not in table.column_names and {*derived.ratio} <= {*table.column_names}:
            above, below = (table[part].cast(pa.float64()) for part in derived.ratio)
            some = pc.if_else(pc.equal(below, 0.0), pa.scalar(None, pa.float64()), below)
            table = table.append_column(name, pc.divide(above, some))
    return table
