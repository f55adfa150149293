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
from creditrisk.storage import open_store

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


def write_months(uri: str, pd: float = 0.1) -> Iterator[Commit]:
    """Commit every month, one after the other."""
    lake = Lake(open_store(uri))
    for month in MONTHS:
        yield lake.write(LOANS, month, rows(month, pd), inputs={"pd": f"{pd}"}, code="test")


def write_all(uri: str, pd: float, pipe: Connection, environment: Mapping[str, str]) -> None:
    """The same as a process's whole life; says through the pipe that it begins."""
    os.environ.update(environment)
    pipe.send("begins")
    for _ in write_months(uri, pd):
        pass
