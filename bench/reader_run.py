"""One process that turns delivered text into Parquet, for `bench.etl_figures` to measure."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bench.etl_run import period_at
from bench.large_delivery import MONTHS, START
from creditrisk.calendar_month import add_months, month_range
from creditrisk.deliveries.landing import Landing, landing_uri
from creditrisk.portfolio import load_portfolio
from creditrisk.stages.etl.bronze import write_bronze
from creditrisk.storage import open_store


def ours(landing: str, out: Path) -> None:
    """Bronze of every month, without Spark."""
    months = list(month_range(START, add_months(START, MONTHS - 1)))
    period = period_at(out.as_uri(), months[-1])
    folder = Landing(open_store(landing_uri(landing)), period.portfolio)
    for delivery in folder.deliveries(months).values():
        write_bronze(period.store, delivery, months)


def in_duckdb(landing: str, out: Path) -> None:
    """A table for each source, all text."""
    db = duckdb.connect()
    db.execute("SET threads = 2; SET preserve_insertion_order = false")
    for name, spec in load_portfolio().sources.items():
        rows = db.read_csv(f"{landing}/{spec.table}/*.csv.gz", all_varchar=True)
        rows.write_parquet(f"{out}/{name}.parquet", compression="snappy")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        {"ours": ours, "duckdb": in_duckdb}[sys.argv[1]](sys.argv[2], Path(folder))
