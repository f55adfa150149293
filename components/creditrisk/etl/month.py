"""The ETL of a month: delivered files in, bronze, silver and gold of the lake out."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any

from creditrisk import contracts
from creditrisk.etl import quality
from creditrisk.etl.arrivals import first_month, refuse_gaps
from creditrisk.etl.gold import gold_months
from creditrisk.etl.inputs import Inputs
from creditrisk.etl.landing import Landing
from creditrisk.etl.layers import Run, clean_months
from creditrisk.etl.session import spark_session
from creditrisk.lake import Commit
from creditrisk.month import add_months, month_range
from creditrisk.period import Period
from creditrisk.storage import open_store

logger = logging.getLogger("creditrisk.etl")


@dataclass(frozen=True)
class Built:
    """A month's commits by table name, and its quality report as stored."""

    bronze: Mapping[str, Commit]
    silver: Mapping[str, Commit]
    gold: Mapping[str, Commit]
    quality: Mapping[str, Any]

    def quality_markdown(self) -> str:
        """The quality report to read."""
        return quality.markdown(self.quality)


def build_month(period: Period, landing: str) -> Built:
    """Build `as_of` from a folder of delivered files (path or URI).

    Months before it that are not in the lake are built first, as one backfill; what is
    committed from the same inputs is left alone, and then Spark does not even start.
    `UserError`: a file, column or month is missing or unusable. `GateError`: the quality
    policy blocks a month; its report is saved, its silver and gold are not committed.
    """
    folder = Landing(open_store(landing), period.portfolio)
    start = _start(period, folder, period.as_of, period.as_of)
    _build(period, folder, start, period.as_of)
    return _built(period)


def build_range(period: Period, landing: str, start: date, end: date) -> list[date]:
    """Build what is stale or missing from `start` to `end`, and what is missing before it.

    One Spark write per table for the whole range. Returns the months that are complete now;
    errors as above.
    """
    folder = Landing(open_store(landing), period.portfolio)
    start = _start(period, folder, start, end)
    _build(period, folder, start, end)
    return list(month_range(start, end))


def _start(period: Period, landing: Landing, start: date, end: date) -> date:
    """The oldest month missing before `start`, else `start` itself."""
    table = contracts.features(period.portfolio).table  # committed last: it closes a month
    closed = period.lake.months(table, upto=start)
    if not closed:
        return first_month(landing, end)
    return start if closed[-1] == start else add_months(closed[-1], 1)


def _build(period: Period, landing: Landing, start: date, end: date) -> None:
    months = list(month_range(start, end))
    inputs = Inputs(period, landing.deliveries(months))
    fresh = (inputs.fresh(month) and quality.load(period.store, month) for month in months)
    months = months[sum(1 for _ in takewhile(bool, fresh)) :]
    if not months:
        logger.info("etl %s: nothing has changed", end)
        return
    refuse_gaps(landing, inputs.deliveries, months, _begun(period, months[0]))
    spark = spark_session(period.store, sum(map(inputs.rows, months)))
    run = Run(period, spark, inputs, months)
    reports = clean_months(run)
    passed = [month for month, report in zip(months, reports, strict=False) if not report.blocked]
    if passed:
        gold_months(run, passed)
    reports[-1].gate()


def _begun(period: Period, month: date) -> set[str]:
    """Sources that had rows in the month before."""
    before = add_months(month, -1)
    return {
        source
        for source, spec in period.portfolio.sources.items()
        if (commit := period.lake.commit(contracts.bronze(source, spec).table, before))
        and commit.rows
    }


def _built(period: Period) -> Built:
    layers: dict[str, dict[str, Commit]] = {"bronze": {}, "silver": {}, "gold": {}}
    for contract in contracts.all_contracts(period.portfolio):
        if contract.layer in layers:
            commit = period.lake.need(contract.table, period.as_of)
            layers[contract.layer][contract.name] = commit
    report = quality.load(period.store, period.as_of)
    return Built(**layers, quality=report.body() if report else {})
