"""Bronze and silver of some consecutive months: one Spark write per table for all of them.

A month alone and a month inside a backfill take the same path, so their digests agree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from time import monotonic

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.deliveries.landing import Delivery
from creditrisk.period import Period
from creditrisk.records.quality import QualityReport
from creditrisk.stages.etl.bronze import write_bronze
from creditrisk.stages.etl.commit import Draft, Written, noted, publish, read_back, write
from creditrisk.stages.etl.frames import table, table_by_folder, union
from creditrisk.stages.etl.inputs import Inputs
from creditrisk.stages.etl.quality.assessment import counted, described, keep
from creditrisk.stages.etl.quality.tally import Tally, kept
from creditrisk.stages.etl.silver import Checked, check
from creditrisk.stages.etl.table_digest import Content
from creditrisk.storage.location import in_bucket

Contents = Mapping[tuple[str, date], Content]
Tallied = tuple[date, Tally]


@dataclass(frozen=True)
class Run:
    """One run over consecutive months: what it reads, what it has written so far."""

    period: Period
    spark: SparkSession
    inputs: Inputs
    months: list[date]
    written: dict[str, Written] = field(default_factory=dict)
    on_table: Callable[[str], None] = lambda _: None  # hears of each table that was written

    def write(self, drafts: Sequence[Draft]) -> None:
        """Write tables; nobody sees them before `publish`."""
        for written in write(self.period.store, drafts, self.months):
            self.add(written)

    def add(self, written: Written) -> None:
        """Take note of a table that was written."""
        self.written[written.contract.table] = written
        self.on_table(written.contract.table)

    def executors(self, delivery: Delivery) -> SparkContext | None:
        """Executors of a cluster that reach what was delivered and the store, where there are."""
        context, stores = self.spark.sparkContext, (delivery.landing, self.period.store)
        remote = not (context.master or "").startswith("local")
        return context if remote and all(in_bucket(s.uri) for s in stores) else None

    def tables(self) -> dict[str, Written]:
        """What was written so far, in the order tables are committed."""
        return {name: self.written[name] for name in self.inputs.tables if name in self.written}

    def rows(self, contract: contracts.Contract, months: Sequence[date]) -> DataFrame:
        """Rows of a table written by this run."""
        uris = self.written[contract.table].uris(self.period.store, months)
        return table(self.spark, contract, uris)

    def committed(self, contract: contracts.Contract, start: date, end: date) -> DataFrame:
        """Rows of a table committed by earlier runs, of months from `start` to `end`."""
        found = self.inputs.commits(contract.table).items()
        commits = [commit for month, commit in found if start <= month <= end]
        return table(self.spark, contract, self.period.lake.spark_uris(commits))

    def publish(self, tables: Iterable[str], months: Iterable[date], contents: Contents) -> None:
        """Commit what was written and read back, in the tables' order."""
        for month in months:
            for name in tables:
                made_from = self.inputs.tables[name](month)
                content = contents.get((name, month))
                commit = publish(self.period, self.written[name], month, content, made_from)
                self.inputs.committed(commit)


def clean_months(run: Run) -> list[QualityReport]:
    """Bronze of every month, silver of those that may pass; the reports, oldest first.

    The last report is a blocked one, or the last month's. Reports are saved before silver is
    committed: who finds silver finds its report.
    """
    portfolio = run.period.portfolio
    with ThreadPoolExecutor() as pool:  # planning takes as long as running: no source waits
        cleaned = list(pool.map(lambda source: clean_source(run, source), portfolio.sources))
    checked = [part for part, _ in cleaned]
    reports = _reports(run, [tally for _, found in cleaned for tally in found])
    _write_set_aside(run, checked, reports)
    for part in checked:
        part.held.unpersist()
    contents = read_back(run.spark, run.period.store, list(run.tables().values()))
    bronzes = [contracts.bronze(*item).table for item in portfolio.sources.items()]
    run.publish(bronzes, run.months, contents)
    reports = described(run.period, reports, run.tables())
    for report in reports:
        keep(run.period, report)
    passed = [report.as_of for report in reports if not report.blocked]
    silvers = [name for name in run.tables() if name not in bronzes]
    run.publish(silvers, passed, contents)
    return reports


def clean_source(run: Run, source: str) -> tuple[Checked, list[Tallied]]:
    """Write bronze and silver of a source; its cleaned rows, and what struck them by month."""
    spec = run.period.portfolio.sources[source]
    delivered = contracts.bronze(source, spec)
    delivery = run.inputs.deliveries[source]
    started = monotonic()
    written = write_bronze(run.period.store, delivery, run.months, run.executors(delivery))
    run.add(noted(written, started))
    uris = run.written[delivered.table].uris(run.period.store)
    part = check(source, spec, table_by_folder(run.spark, delivered, uris))
    tallies = [  # in one order, whichever Spark found them in: a report says the same each time
        (month, Tally(source, column, rule, count, tuple(samples)))
        for _, month, column, rule, count, samples in sorted(part.tallies().collect())
    ]
    run.write([Draft(contracts.silver(source, spec), part.kept(), as_delivered=True)])
    return part, tallies


def _write_set_aside(
    run: Run, checked: Sequence[Checked], reports: Sequence[QualityReport]
) -> None:
    with_issues = {check.table for report in reports for check in report.checks if not check.column}
    parts = [part.set_aside() for part in checked if part.source in with_issues]
    if parts:
        run.write([Draft(contracts.QUARANTINE, union(parts))])
    else:  # mostly: then no job looks for what is not there
        run.add(noted(Written(contracts.QUARANTINE, {}), monotonic()))


def _reports(run: Run, found: Iterable[Tallied]) -> list[QualityReport]:
    """The months' reports up to the first blocked one."""
    tallies: dict[date, list[Tally]] = {month: [] for month in run.months}
    for month, tally in found:
        tallies[month].append(tally)
    reports: list[QualityReport] = []
    before = _kept_before(run)
    for month in run.months:
        report = counted(run.period, month, tallies[month], before, run.inputs.deliveries)
        reports.append(report)
        if report.blocked:
            break
        before = {source: kept(tallies[month], source) for source in run.period.portfolio.sources}
    return reports


def _kept_before(run: Run) -> dict[str, int]:
    month = add_months(run.months[0], -1)
    found = {
        source: run.period.lake.commit(contracts.silver(source, spec).table, month)
        for source, spec in run.period.portfolio.sources.items()
    }
    return {source: commit.rows for source, commit in found.items() if commit}
