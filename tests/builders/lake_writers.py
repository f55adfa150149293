"""What another process does to a lake, in tests that kill it or race with it."""

import os
from collections.abc import Iterator, Mapping
from datetime import date
from multiprocessing.connection import Connection

import pandas  # noqa: F401 - pyarrow loads it on first use: in every child, if not here
import pyarrow as pa
import pyarrow.dataset

from creditrisk.calendar_month import add_months
from creditrisk.contracts import Column, Contract
from creditrisk.lake import Commit, Lake
from creditrisk.storage import Store, open_store

LOANS = Contract(
    "gold",
    "loans",
    "one row per loan",
    ("loan_id",),
    (Column("loan_id", "string"), Column("pd", "double"), Column("snapshot_date", "date")),
)
MONTHS = [add_months(date(2024, 1, 1), n) for n in range(8)]


def rows(month: date, pd: float, count: int = 40) -> pa.Table:
    """A month's rows, all with one PD: half a month, or two mixed, would show."""
    loans = [{"loan_id": f"L{n}", "pd": pd, "snapshot_date": month} for n in range(count)]
    return pa.Table.from_pylist(loans, schema=LOANS.arrow)


def write_month(
    lake: Lake, month: date, pd: float, contract: Contract = LOANS, table: pa.Table | None = None
) -> Commit:
    """Commit a month, by default all loans with one PD; another PD is another input."""
    table = rows(month, pd) if table is None else table
    return lake.write(contract, month, table, inputs={"pd": f"{pd}"}, code="test")


def write_months(uri: str, pd: float = 0.1) -> Iterator[Commit]:
    """Commit every month, one after the other."""
    lake = Lake(open_store(uri))
    for month in MONTHS:
        yield write_month(lake, month, pd)


def corrected_lake(store: Store) -> Lake:
    """Every month, then the first of them corrected."""
    list(write_months(store.uri))
    lake = Lake(store)
    write_month(lake, MONTHS[0], 0.2)
    return lake


def write_all(uri: str, pd: float, pipe: Connection, environment: Mapping[str, str]) -> None:
    """The same as a process's whole life; says through the pipe that it begins."""
    os.environ.update(environment)
    pipe.send("begins")
    for _ in write_months(uri, pd):
        pass
