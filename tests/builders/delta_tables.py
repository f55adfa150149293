"""Tables of a lake as other engines read them, by name, through their Delta logs."""

import pyarrow as pa

from creditrisk.lake import COMMITTED_MONTH, Lake
from creditrisk.storage import Store
from creditrisk.storage.delta_place import delta_place


def log_of(store: Store, table: str):
    """The table as delta-rs opens it."""
    from deltalake import DeltaTable

    uri, settings = delta_place(store, f"lake/{table}")
    return DeltaTable(uri, storage_options=settings)


def by_delta_rs(store: Store, table: str) -> pa.Table:
    """Read by delta-rs into pandas, as `to_pandas` users have it, and back."""
    log = log_of(store, table)
    types = log.to_pyarrow_table().schema
    return pa.Table.from_pandas(log.to_pandas(), schema=types, preserve_index=False)


def by_polars(store: Store, table: str) -> pa.Table:
    """Read by Polars' own Parquet reader."""
    import polars

    uri, settings = delta_place(store, f"lake/{table}")
    of_server = {name: value for name, value in settings.items() if name.startswith("aws_")}
    return polars.read_delta(uri, storage_options=of_server or None).to_arrow()


def by_duckdb(store: Store, table: str) -> pa.Table:
    """Queried by DuckDB; its own extension for Delta comes from a server that CI does not ask."""
    import duckdb

    log = log_of(store, table).to_pyarrow_dataset()
    return duckdb.connect().register("delta_table", log).sql("FROM delta_table").to_arrow_table()


READERS = (by_delta_rs, by_polars, by_duckdb)


def committed(lake: Lake, table: str) -> pa.Table:
    """The newest commit of every month, by the manifests."""
    parts = [lake.as_committed(commit) for commit in lake.commits(table)]
    return pa.concat_tables(parts, promote_options="default")


def same_rows(found: pa.Table, want: pa.Table) -> bool:
    """Whether two tables hold the same rows in any order; the month of the folder apart."""
    names = want.column_names
    assert set(found.column_names) - set(names) <= {COMMITTED_MONTH}
    by_all = [(name, "ascending") for name in names]
    left = found.select(names).cast(want.schema).sort_by(by_all)
    return left.equals(want.sort_by(by_all))
