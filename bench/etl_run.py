"""One process that builds months of the lake, for `bench.etl` to measure from outside."""

import argparse
import json
import os
import time
from datetime import date

from bench.process_tree import cpu_seconds
from creditrisk.calendar_month import month_range, parse_month
from creditrisk.period import Period
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.stages.etl.month import build_month, build_range
from creditrisk.storage import open_store


def period_at(store: str, month: date) -> Period:
    """A month of the reference portfolio, under the policy as shipped."""
    return Period(month, load_policy(), load_portfolio(), open_store(store), "bench")


def month_by_month(store: str, landing: str, months: list[date]) -> None:
    """Build each month on its own; one line of JSON per month on standard output."""
    for month in months:
        started, before = time.perf_counter(), cpu_seconds(os.getpid())
        build_month(period_at(store, month), landing)
        seconds, cpu = time.perf_counter() - started, cpu_seconds(os.getpid()) - before
        print(json.dumps({"month": str(month), "seconds": seconds, "cpu_seconds": cpu}), flush=True)


def main() -> None:
    """`etl_run (months|backfill) STORE LANDING FROM TO`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("how", choices=("months", "backfill"))
    parser.add_argument("store")
    parser.add_argument("landing")
    parser.add_argument("start")
    parser.add_argument("end")
    given = parser.parse_args()
    start, end = parse_month(given.start, "start"), parse_month(given.end, "end")
    if given.how == "months":
        month_by_month(given.store, given.landing, list(month_range(start, end)))
    else:
        build_range(period_at(given.store, end), given.landing, start, end)


if __name__ == "__main__":
    main()
