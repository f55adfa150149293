"""The ETL's figures for the report: months, sizes beside DuckDB, and the reader alone."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.commands import COPIES
from bench.etl import by_size, exponent, months_of_a_portfolio
from bench.figure import Figure
from bench.large_delivery import delivery
from bench.whole_runs import cost_of

SIZES = (1, 10, 100)


def months(_: Path) -> list[Figure]:
    """A cold month, a warm one, and whether months stay as they are."""
    found = months_of_a_portfolio()
    cpu = [month["cpu_seconds"] for month in found["months"][2:]]
    return [
        Figure("ETL of a cold month, 1,000 applications", found["cold_month"]["cpu_seconds"], 22),
        Figure("ETL of a warm month, 1,000 applications", sum(cpu) / len(cpu), 9),
        Figure("ETL of month 24, times month 2", found["flat"]["24_to_2"], 1.2, "x"),
    ]


def sizes(_: Path, wanted: Sequence[int] = SIZES) -> list[Figure]:
    """What a backfill costs by size; the largest beside DuckDB."""
    found = by_size(wanted)
    last = f"{max(wanted)}"
    ours, duck = found[last]["ours"], found[last]["duckdb"]
    cpu = {size: run["ours"]["cpu_seconds"] for size, run in found.items()}
    grown = exponent(found, "ours", "cpu_seconds")
    return [
        *(Figure(f"backfill at {size}x", seconds, None) for size, seconds in cpu.items()),
        Figure(f"backfill at {last}x, times DuckDB", cpu[last] / duck["cpu_seconds"], 3, "x"),
        Figure(f"backfill at {last}x, memory", ours["peak_gib"], 6, "GiB"),
        *([Figure("backfill, exponent of CPU over size", grown, 1.1, "")] if grown else []),
    ]


def reader(work: Path) -> list[Figure]:
    """Delivered text to Parquet of all sources, a million rows: ours and DuckDB's."""
    landing = f"{delivery(work, COPIES)}"
    ours, duck = (
        cost_of([sys.executable, "-m", "bench.reader_run", who, landing])
        for who in ("ours", "duckdb")
    )
    times = ours.cpu_seconds / duck.cpu_seconds
    return [
        Figure("the reader, times DuckDB's CSV to Parquet", times, 1.5, "x"),
        Figure("the reader, memory", ours.peak_bytes / 2**30, None, "GiB"),
    ]
