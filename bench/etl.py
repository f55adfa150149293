# ruff: noqa: S608 - every name in a query comes from our own portfolio file
"""`make bench-etl`: what the ETL costs, month by month and by size. Minutes to an hour: no test.

Writes `build/bench/etl.json` and prints it as tables. Every measurement is a process of its own,
seen from outside: wall time, CPU of all its processes, resident memory of all of them added up.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.etl_run import period_at
from bench.figure import machine
from bench.large_delivery import MONTHS, START, delivery
from bench.process_tree import Cost, measured
from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.cli.app import console, progress
from creditrisk.records.run import now

ROOT = Path("build/bench/etl")
OUT = Path("build/bench/etl.json")
LIMIT = 7200.0  # seconds for one measurement
REFERENCE_SECONDS = 103.0  # bronze, silver, gold of the reference system, on its quiet machine
GIB = 2**30
Figures = dict[str, Any]


def months_of_a_portfolio() -> Figures:
    """24 months of 1,000 applications in one process; the 25th in a process of its own."""
    landing, store = delivery(ROOT, 2), _empty("months")
    end = add_months(START, MONTHS - 1)
    command = _ours("months", store, landing, str(START), str(add_months(end, -1)))
    months = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            months.append(json.loads(line))
            progress.print(line, end="", highlight=False)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    cold = measured(_ours("months", store, landing, str(end), str(end)), LIMIT)
    cpu = [month["cpu_seconds"] for month in months]
    rest = range(3, len(cpu) + 1)  # Java is still compiling in the first ones
    flat = {
        "24_to_2": cpu[23] / cpu[1],
        "24_to_12": cpu[23] / cpu[11],
        "rise_per_month": float(np.polyfit(rest, cpu[2:], 1)[0]) / float(np.mean(cpu[2:])),
    }
    return {"months": months, "flat": flat, "cold_month": _figures(cold)}


def by_size(sizes: Iterable[int]) -> dict[str, Figures]:
    """Bronze to gold of all months as one backfill, ours and in DuckDB, side by side."""
    found: dict[str, Figures] = {}
    for size in sizes:
        landing, store, plain = delivery(ROOT, size), _empty("lake"), _empty("duckdb")
        end = add_months(START, MONTHS - 1)
        ours = measured(_ours("backfill", store, landing, str(START), str(end)), LIMIT)
        single = measured(
            [sys.executable, "-m", "bench.duckdb_etl", str(landing), str(plain)], LIMIT
        )
        found[f"{size}"] = {
            "rows": _rows(store) if ours else {},
            "ours": _figures(ours),
            "duckdb": _figures(single),
            "different": _different(store, plain) if ours and single else None,
        }
        for line in _size_lines(f"{size}", found[f"{size}"]):
            progress.print(line)
        shutil.rmtree(store)
        shutil.rmtree(plain)
    return found


def exponent(found: dict[str, Figures], who: str, what: str) -> float | None:
    """Slope of log cost over log size; 1 is proportional."""
    known = [(int(size), run[who][what]) for size, run in found.items() if run[who]]
    if len(known) < 2:
        return None
    size, cost = np.log(np.array(known)).T
    return float(np.polyfit(size, cost, 1)[0])


def _ours(how: str, store: Path, landing: Path, start: str, end: str) -> list[str]:
    module = [sys.executable, "-m", "bench.etl_run"]
    return [*module, how, str(store), str(landing), start, end]


def _empty(name: str) -> Path:
    folder = (ROOT / name).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _figures(cost: Cost | None) -> Figures | None:
    return asdict(cost) | {"peak_gib": cost.peak_bytes / GIB} if cost else None


def _rows(store: Path) -> dict[str, int]:
    """Rows delivered, by source."""
    period = period_at(str(store), START)
    return {
        source: sum(commit.rows for commit in period.lake.commits(f"bronze/{source}"))
        for source in period.portfolio.sources
    }


def _different(store: Path, plain: Path) -> list[str]:
    """What the two do not agree on: filled values and sums per column, outcomes per horizon."""
    period = period_at(str(store), START)
    features = contracts.features(period.portfolio)
    numbers = [c.name for c in features.columns if c.type in ("double", "long")]
    texts = [c.name for c in features.columns if c.type in ("string", "date")]
    asked = [f'count("{name}"), sum("{name}")' for name in numbers]
    asked += [f'count("{name}"), count(DISTINCT "{name}")' for name in texts]
    outcomes = "mob, count(*), count(bad), sum(bad), sum(months_observed)"
    queries = {
        features.table: f"SELECT count(*), {', '.join(asked)} FROM {{}}",
        contracts.LABELS.table: f"SELECT {outcomes} FROM {{}} GROUP BY mob ORDER BY mob",
    }
    different = []
    for table, query in queries.items():
        commits = period.lake.commits(table)
        files = [uri.removeprefix("file://") for uri in period.lake.spark_uris(commits)]
        theirs = plain / f"{table.rpartition('/')[2]}.parquet"
        here, there = (
            np.array(duckdb.execute(query.format(f"read_parquet({which})")).fetchall(), dtype=float)
            for which in (files, [str(theirs)])
        )
        if here.shape != there.shape or not np.allclose(here, there, rtol=1e-9, atol=0):
            different.append(f"{table}: {here.tolist()} here, {there.tolist()} there")
    return different


def _machine() -> dict[str, str]:
    return {
        "when": now(),
        "cpu": machine(),
        "memory_gib": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / GIB:.0f}",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--no-months", action="store_true", help="only the sizes")
    given = parser.parse_args()
    os.environ["CREDITRISK_PII_KEY"] = "a key that hides nothing, of a bench"
    before = _machine()
    found: Figures = {} if given.no_months else months_of_a_portfolio()
    sizes = by_size(given.sizes)
    found |= {
        "machine": before | {"load_after": _machine()["load"]},
        "sizes": sizes,
        "exponent": {
            who: {what: exponent(sizes, who, what) for what in ("seconds", "cpu_seconds")}
            for who in ("ours", "duckdb")
        },
        "reference_seconds": REFERENCE_SECONDS,
    }
    OUT.write_text(json.dumps(found, indent=1), "utf-8")
    show(found)


def show(found: Figures) -> None:
    """The figures as tables."""
    console.print(" ".join(f"{name} {value}" for name, value in found["machine"].items()))
    if months := found.get("months"):
        console.print("month   seconds   CPU s")
        for number in (2, 12, 24):
            month = months[number - 1]
            console.print(f"{number:5} {month['seconds']:9.1f} {month['cpu_seconds']:7.1f}")
        if cold := found["cold_month"]:
            console.print(f" cold {cold['seconds']:9.1f} {cold['cpu_seconds']:7.1f}")
        text = ", ".join(f"{name} {value:.3f}" for name, value in found["flat"].items())
        console.print(f"CPU: {text}", highlight=False)
    console.print(" size          rows   who      seconds   CPU s   peak GiB")
    for size, run in found["sizes"].items():
        for line in _size_lines(size, run):
            console.print(line)
    console.print(f"exponent: {json.dumps(found['exponent'])}", highlight=False)
    console.print(f"reference system at 1x: {found['reference_seconds']:.0f} s")


def _size_lines(size: str, run: Figures) -> list[str]:
    lines = []
    for who in ("ours", "duckdb"):
        cost = run[who]
        text = f"  stopped after {LIMIT / 60:.0f} minutes"
        if cost:
            text = f"{cost['seconds']:9.1f} {cost['cpu_seconds']:7.1f} {cost['peak_gib']:10.2f}"
        lines.append(f"{size:>4}x {sum(run['rows'].values()):13,}   {who:6} {text}")
    different = run["different"]
    if different is not None:
        lines.append("      the same content" if not different else f"      {different}")
    return lines


if __name__ == "__main__":
    main()
