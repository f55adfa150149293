"""A month of a large lender, task to task: scored with reasons, measured, decided.

A model is trained on the demo's simulated lender of 1,000 applications a month. Then the next
month, and the loans its outcomes are measured on, are enlarged in the lake: each row many times,
under customers of its own, every amount moved by a thousandth. That month is run under kfp.local
and watched from outside. The loan book keeps its size.
"""

import argparse
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from bench.figure import Figure
from bench.process_tree import measured
from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.cli.app import progress
from creditrisk.cli.demo import BACKFILLED, START, demo_policy
from creditrisk.contracts import LABELS, Contract
from creditrisk.lake import Lake
from creditrisk.portfolio import load_portfolio
from creditrisk.records.run import every_run_record
from creditrisk.storage import open_store
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import demo_scenario

ROWS = 1_000_000
MONTH = add_months(START, BACKFILLED + 1)  # the month after the first model
MATURING = 3  # months, in the demo's policy
LIMIT = 3600.0  # seconds
GIB = 2**30


def trained(work: Path) -> Path:
    """A folder with files and a store in which MONTH is the next to be run; made once."""
    folder = work / "trained"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        deliver(demo_scenario(), START, BACKFILLED + 2, 1, folder / "landing")
        before = f"{add_months(MONTH, -1)}"
        _creditrisk("backtest", folder, "--from", before, "--to", before)
        _creditrisk("backfill", folder, "--from", f"{MONTH}", "--to", f"{MONTH}")
        (folder / "done").touch()
    return folder


def enlarge(lake: Lake, contract: Contract, month: date, rows: int) -> None:
    """A new version of a month: its rows over and over, up to `rows`, as other customers'."""
    commit = lake.need(contract.table, month)
    single = lake.read_commits(contract, [commit])
    copies = -(-rows // len(single))
    random = np.random.default_rng(month.toordinal())
    parts = [_copy(single, number, random) for number in range(copies)]
    lake.write(
        contract,
        month,
        pa.concat_tables(parts).slice(0, rows),
        inputs=commit.inputs,
        code=commit.code,
    )


def _copy(rows: pa.Table, number: int, random: np.random.Generator) -> pa.Table:
    for place, field in enumerate(rows.schema):
        values = rows[field.name]
        if pt.is_floating(field.type):
            moved = 1 + random.uniform(-1e-3, 1e-3, len(rows))
            rows = rows.set_column(place, field, pc.multiply(values, pa.array(moved)))
        elif field.name.endswith("_id"):
            renamed = pc.replace_substring(values, "CUS_", f"CUS_{number}_")
            rows = rows.set_column(place, field, renamed)
    return rows


def run(folder: Path, rows: int) -> dict[str, Any]:
    """Enlarge, run the month, and say what it and each of its tasks cost."""
    store = open_store((folder / "store").as_uri())
    lake, features = Lake(store), contracts.features(load_portfolio())
    for contract, month in (
        (features, MONTH),
        (features, add_months(MONTH, -MATURING)),
        (LABELS, MONTH),
    ):
        enlarge(lake, contract, month, rows)
    cost = measured(_command("run", folder, "--as-of", f"{MONTH}"), LIMIT)
    if cost is None:
        raise SystemExit(f"stopped after {LIMIT:.0f} s")
    tasks = {
        one.task: {"seconds": one.seconds, "peak_gib": one.peak_mb / 1024, "status": one.status}
        for one in every_run_record(store)
        if one.as_of == f"{MONTH}" and one.task != "backfill"
    }
    return {
        "applications": rows,
        "columns": len(features.columns) - 4,  # but id, customer, month and what was up
        "seconds": cost.seconds,
        "cpu_seconds": cost.cpu_seconds,
        "peak_gib": cost.peak_bytes / GIB,
        "tasks": tasks,
    }


def _creditrisk(name: str, folder: Path, *words: str) -> None:
    subprocess.run(_command(name, folder, *words), check=True)


def _command(name: str, folder: Path, *words: str) -> list[str]:
    store = (folder / "store").absolute().as_uri()
    given = ("--data", f"{folder}/landing", "--store", store, "--policy", f"{demo_policy()}")
    return [sys.executable, "-c", "from creditrisk.cli import main; main()", name, *words, *given]


def figures(work: Path, rows: int = ROWS) -> list[Figure]:
    """What the month takes, and the memory of the task that takes most."""
    folder = work / "large_month" / "month"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(trained(folder.parent), folder)
    found = run(folder, rows)
    (work / "large_month.json").write_text(json.dumps(found, indent=1), "utf-8")
    for name, task in found["tasks"].items():
        text = f"{task['seconds']:8.1f} s{task['peak_gib']:8.2f} GiB  {task['status']}"
        progress.print(f"  {name:<15}{text}", highlight=False)
    what = f"month of {found['applications']:,} x {found['columns']}, from score to decision"
    return [
        Figure(what, found["cpu_seconds"], None),
        Figure(f"{what}, by the clock", found["seconds"] / 60, 10, "min"),
        Figure(f"{what}, memory", found["peak_gib"], 6, "GiB"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    given = parser.parse_args()
    for name, value, _, unit in figures(given.work.absolute(), given.rows):
        print(f"{name}: {value:.1f} {unit}")


if __name__ == "__main__":
    main()
