"""Single loans of a lake: an id and a PD each."""

from datetime import date

import pyarrow as pa

from creditrisk.lake import Commit, Lake
from tests.builders.lake_writers import LOANS, MONTHS

JANUARY, FEBRUARY, MARCH = MONTHS[:3]


def rows(*pairs: tuple[str, float | None], month: date = JANUARY) -> pa.Table:
    """A month of `LOANS`."""
    loans = [{"loan_id": id, "pd": pd, "snapshot_date": month} for id, pd in pairs]
    return pa.Table.from_pylist(loans, schema=LOANS.arrow)


def write(lake: Lake, table: pa.Table, month: date = JANUARY, **inputs: str) -> Commit:
    """Commit them."""
    return lake.write(LOANS, month, table, inputs=inputs or {"bronze": "1"}, code="test")
