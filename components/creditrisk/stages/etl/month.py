"""The ETL of a month: delivered files in, bronze, silver and gold of the lake out."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from pyspark.sql import SparkSession

from creditrisk import contracts
from creditrisk.calendar_month import add_months, month_range
from creditrisk.deliveries.landing import Landing, landing_uri
from creditrisk.errors import printable
from creditrisk.lake import Commit
from creditrisk.period import Period
from creditrisk.quality.page import stored_page
from creditrisk.records.champion_outcome import champion_outcome
from creditrisk.records.quality import QualityReport, load_report
from creditrisk.stages.etl.arrivals import first_month, refuse_gaps
from creditrisk.stages.etl.corrections import note, outdated, warning
from creditrisk.stages.etl.executors import by_executors
from creditrisk.stages.etl.gold import gold_months
from creditrisk.stages.etl.inputs import Inputs
from creditrisk.stages.etl.layers import Run, clean_months
from creditrisk.stages.etl.pii_hash import needed_key
from creditrisk.stages.etl.spark_faults import answering
from creditrisk.storage import open_store

logger = logging.getLogger("creditrisk.stages.etl")


@dataclass(frozen=True)
class Built:
    """A month's commits by table name, and its quality report."""

    bronze: Mapping[str, Commit]
    silver: Mapping[str, Commit]
    gold: Mapping[str, Commit]
    quality: QualityReport | None
    page: str  # the report to read, HTML


def build_month(period: Period, landing: str) -> Built:
    """Build `as_of` from a folder of delivered files (path or URI).

    Months before it that are not in the lake are built first, as one backfill; what is
    committed from the same inputs is left alone, and then Spark does not even start. Where a
    month before has changed since it was built, the log and the quality report say so.
    `UserError`: a file, column or month is missing or unusable. `GateError`: the quality
    policy blocks a month; its report is saved, its silver and gold are not committed.
    """
    landing = landing_uri(landing)
    folder = Landing(open_store(landing), period.portfolio)
    start = _start(period, folder, period.as_of, period.as_of)
    before = outdated(period, folder, _closed(period, upto=add_months(start, -1)))
    text = warning(before, period.as_of, landing) if before else ""
    try:
        _build(period, folder, start, period.as_of)
    finally:  # a month that is blocked has a report, too
        note(period, before, text)
        if before:
            logger.warning("etl %s: %s", period.as_of, printable(text))
    return _built(period)


def build_range(
    period: Period,
    landing: str,
    start: date,
    end: date,
    on_table: Callable[[str], None] = lambda _: None,
) -> list[date]:
    """Build what is stale or missing from `start` to `end`, and what is missing before it.

    One Spark write per table for the whole range; `on_table` hears of each. Returns the
    months that are complete now; errors as above. The log names months outside the range
    that now rest on what is no more.
    """
    landing = landing_uri(landing)
    folder = Landing(open_store(landing), period.portfolio)
    start = _start(period, folder, start, end)
    _build(period, folder, start, end, on_table)
    others = [month for month in _closed(period) if not start <= month <= end]
    if reasons := outdated(period, folder, others):
        logger.warning("%s", printable(warning(reasons, max(*others, end), landing)))
    return list(month_range(start, end))


def _start(period: Period, landing: Landing, start: date, end: date) -> date:
    """The oldest month missing before `start`, else `start` itself."""
    closed = _closed(period, upto=start)
    if not closed:
        return first_month(landing, end)
    return start if closed[-1] == start else add_months(closed[-1], 1)


def _closed(period: Period, upto: date | None = None) -> list[date]:
    """Months that are complete: features are committed last."""
    return period.lake.months(contracts.features(period.portfolio).table, upto)


def _build(
    period: Period,
    landing: Landing,
    start: date,
    end: date,
    on_table: Callable[[str], None] = lambda _: None,
) -> None:
    months = list(month_range(start, end))
    inputs = Inputs(period, landing.deliveries(months))
    fresh = (inputs.fresh(month) and load_report(period.store, month) for month in months)
    months = months[sum(1 for _ in takewhile(bool, fresh)) :]
    if not months:
        logger.info("etl %s: nothing has changed", end)
        return
    refuse_gaps(landing, inputs.deliveries, months, _begun(period, months[0]))
    for source, spec in period.portfolio.sources.items():
        needed_key(source, spec)  # a missing key is refused before anything is written
    rows = sum(map(inputs.rows, months))

    def write(spark: SparkSession) -> list[QualityReport]:
        fresh = Inputs(period, inputs.deliveries)  # begun again: what is committed is seen
        return _write(Run(period, spark, fresh, months, on_table=on_table))

    with answering(period.store, landing.store):
        reports = by_executors(write, period.store, rows=rows)
    for report in reports:
        report.gate()


def _write(run: Run) -> list[QualityReport]:
    """Build all tables; the reports of complete months, then the newest one's."""
    reports = clean_months(run)
    passed = [report for report in reports if not report.blocked]
    complete = gold_months(run, passed) if passed else []
    return [*complete, reports[-1]]


def _begun(period: Period, month: date) -> dict[str, date]:
    """When each source last had rows: a snapshot before `month`; ever, if it may skip months."""
    last = add_months(month, -1)
    sources = period.portfolio.sources.items()
    ever = {
        source: before
        for source, spec in sources
        if spec.role == "outcomes" or spec.pauses
        if (before := _last_with_rows(period, contracts.bronze(source, spec).table, last))
    }
    return ever | {
        source: before
        for source, spec in sources
        for before in (add_months(month, -ago) for ago in range(spec.every, 0, -1))
        if (commit := period.lake.commit(contracts.bronze(source, spec).table, before))
        and commit.rows
    }


def _last_with_rows(period: Period, table: str, upto: date) -> date | None:
    months = reversed(period.lake.months(table, upto=upto))  # mostly the newest
    return next((month for month in months if period.lake.need(table, month).rows), None)


def _built(period: Period) -> Built:
    layers: dict[str, dict[str, Commit]] = {"bronze": {}, "silver": {}, "gold": {}}
    own = champion_outcome(period.store, period.as_of, period.policy.outcome)
    absent = set() if own else {contracts.CHAMPION_LABELS.table}
    for contract in contracts.all_contracts(period.portfolio):
        if contract.layer in layers and contract.table not in absent:
            commit = period.lake.need(contract.table, period.as_of)
            layers[contract.layer][contract.name] = commit
    report = load_report(period.store, period.as_of)
    page = stored_page(period.store, period.as_of)
    return Built(**layers, quality=report, page=page)
