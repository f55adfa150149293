"""Writes simulated tables the way the reference data arrives: a gzip CSV per table and month.

Published facts: header line, fields quoted only where needed, quotes doubled, LF line ends.
Bytes depend on scenario, first month, seed and the file's own month alone: the gzip header holds
neither time nor name.
"""

import gzip
from datetime import date
from pathlib import Path

import pandas as pd

from creditrisk.errors import UserError
from creditrisk.synthetic.portfolio import Portfolio
from creditrisk.synthetic.scenario import Scenario


def deliver(
    scenario: Scenario, first_month: date, months: int, seed: int, root: Path, *, since: int = 1
) -> list[Path]:
    """Write `<root>/<table>/<YYYY-MM-DD>.csv.gz` for months `since` to `months`, counted from 1.

    A month of events outage has no events file. Returns the files, in order of month and table.
    """
    if since < 1 or months < since:
        raise UserError(f"deliver months {since} to {months}: give 1 <= since <= months")
    portfolio = Portfolio(scenario, seed, first_month)
    written = []
    for month in range(since, months + 1):
        for name, table in portfolio.tables(month).items():
            path = root / name / f"{portfolio.day(month):%Y-%m-%d}.csv.gz"
            if table.empty:
                path.unlink(missing_ok=True)  # left by another scenario
            else:
                _write(table, path)
                written.append(path)
    return written


def _write(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, lineterminator="\n").encode()
    partial = path.with_suffix(".part")  # a reader never sees half a file
    partial.write_bytes(gzip.compress(text, compresslevel=6, mtime=0))
    partial.replace(path)
