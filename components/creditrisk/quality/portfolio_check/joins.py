"""Rows of a table as keys that another table has, too."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.quality.portfolio_check.column import NEVER, Column, month_at, month_count
from creditrisk.quality.portfolio_check.table import Table

Counts = NDArray[np.int64]


def application_ids(table: Table) -> pa.StringArray:
    """Of each row: the application's number, else its customer and month."""
    if number := table.column("application"):
        return number.trimmed.take(pa.array(number.codes))
    return with_month(customer_column(table), row_months(table))


def customer_column(table: Table) -> Column:
    return table.columns[table.spec.column("customer") or ""]


def row_months(table: Table) -> Counts:
    """Of each row its month as a count; `NEVER` where it cannot be read."""
    return np.array([*map(month_count, table.months), NEVER])[table.month_codes]


def first_rows(column: Column) -> Counts:
    """Of each text the first row that holds it."""
    first = np.zeros(len(column.written), dtype=np.int64)
    first[column.codes[::-1]] = np.arange(column.rows)[::-1]  # what is assigned last stays
    return first


def with_month(customer: Column, months: Counts) -> pa.StringArray:
    """Of each row, customer and month as the ETL makes an application's number of them."""
    counts, places = np.unique(months, return_inverse=True)
    names = ["_" if count == NEVER else f"_{month_at(count)}" for count in counts.tolist()]
    who = customer.trimmed.take(pa.array(customer.codes))
    return pc.binary_join_element_wise(who, pa.array(names, pa.string()).take(pa.array(places)), "")


def places_among(texts: pa.StringArray, among: pa.StringArray) -> Counts:
    """Of each text its place among others, -1 where it is not there."""
    return np.asarray(pc.index_in(texts, among).fill_null(-1).to_numpy(zero_copy_only=False))


def how_many_among(texts: pa.StringArray, others: pa.StringArray) -> int:
    """How many of the texts are there."""
    return pc.sum(pc.is_in(texts, others)).as_py() or 0
