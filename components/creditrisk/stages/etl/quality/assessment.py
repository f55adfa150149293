"""The month's report in the order it comes about: counts, then silver described, then gold."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from creditrisk.calendar_month import add_months
from creditrisk.contracts import LOAN_MONTHS, QUARANTINE, Contract
from creditrisk.deliveries.landing import Delivery
from creditrisk.period import Period
from creditrisk.policy import Severity
from creditrisk.portfolio import SourceSpec
from creditrisk.quality.page import write_page
from creditrisk.records.quality import Check, DeliveredFile, QualityReport, load_report, save_report
from creditrisk.stages.etl.commit import Written
from creditrisk.stages.etl.quality.comparison import (
    gold_columns,
    lying_apart,
    marked,
    moved,
    silver_columns,
)
from creditrisk.stages.etl.quality.measure import profile
from creditrisk.stages.etl.quality.tally import Tally, judged

_DESCRIBED = ("bronze", "silver")  # before the gate; gold is written behind it


def counted(
    period: Period,
    month: date,
    tallies: Sequence[Tally],
    before: Mapping[str, int],
    deliveries: Mapping[str, Delivery],
) -> QualityReport:
    """What cleaning counted, judged. `before`: rows kept a month ago, of each source."""
    files = {source: delivery.file(month) for source, delivery in deliveries.items()}
    return QualityReport(
        as_of=month,
        portfolio=period.portfolio.name,
        policy=period.policy.sha,
        checks=tuple(judged(month, tallies, before, period.policy.quality, deliveries)),
        outages=(),
        inputs={
            source: DeliveredFile(file=file.key, sha256=file.sha256, arrived=file.arrived)
            for source, file in files.items()
            if file
        },
        profiles=(),
        compared_with=None,
    )


def described(
    period: Period, reports: Sequence[QualityReport], written: Mapping[str, Written]
) -> list[QualityReport]:
    """Consecutive months with bronze and silver described, up to the first that is blocked.

    Each is compared with the month before it, in the store or among them: a month alone and a
    month of a backfill say the same.
    """
    found: list[QualityReport] = []
    before = _month_before(period, reports[0])
    tables = [w for w in written.values() if w.contract.layer in _DESCRIBED]
    for report in reports:
        before = _described(period, report, tables, before)
        found.append(before)
        if before.blocked:
            break
    return found


def with_gold(
    period: Period, report: QualityReport, written: Mapping[str, Written], down: Sequence[str]
) -> QualityReport:
    """The month's report, complete: gold described, and the sources that were down."""
    tables = [w for w in written.values() if w.contract.layer == "gold"]
    outages = [_outage(period, report, source) for source in down]
    report = report.replace(outages=tuple(down), checks=(*report.checks, *outages))
    report = _described(period, report, tables, _month_before(period, report))
    return report.replace(checks=(*report.checks, *_without_start(period, report)))


def keep(period: Period, report: QualityReport) -> None:
    """Write or replace the month's report and its page."""
    save_report(period.store, report)
    write_page(period.store, report, period.policy.quality)


def _month_before(period: Period, report: QualityReport) -> QualityReport | None:
    return load_report(period.store, add_months(report.as_of, -1))


def _described(
    period: Period, report: QualityReport, tables: Sequence[Written], before: QualityReport | None
) -> QualityReport:
    month, limits = report.as_of, period.policy.quality
    profiles, checks = list(report.profiles), list(report.checks)
    for table in tables:
        if table.contract == QUARANTINE:  # its rows are counted by reason
            continue
        old = before.profile(table.contract.layer, table.contract.name) if before else None
        files = table.files.get(month, ())
        now = profile(period.store, period.portfolio, table.contract, files, limits, old)
        sources = _judged(period, report, table.contract)
        profiles.append(marked(now, sources))
        checks += moved(profiles[-1], sources, limits)
        if table.contract.layer == "silver":
            checks += lying_apart(profiles[-1], period.portfolio.sources[table.contract.name])
    return report.replace(
        checks=tuple(checks),
        profiles=tuple(profiles),
        compared_with=before.as_of if before else None,
    )


def _judged(period: Period, report: QualityReport, contract: Contract) -> dict[str, SourceSpec]:
    """The columns of a table that are judged, and the sources they come from."""
    portfolio = period.portfolio
    if contract.layer == "silver":
        return silver_columns(portfolio.sources[contract.name])
    return gold_columns(portfolio, report.outages) if contract.name == "features" else {}


def _without_start(period: Period, report: QualityReport) -> Iterator[Check]:
    """Rows of loans that begin with their application, and whose application is not known."""
    source, spec = period.portfolio.servicing
    rows, dated = report.profile("silver", source), report.profile("gold", LOAN_MONTHS.name)
    if not (spec.undated_loans and rows and dated and dated.rows < rows.rows):
        return
    count, share = rows.rows - dated.rows, 1 - dated.rows / rows.rows
    text = f"{source}: {count:,} of {rows.rows:,} rows are in no loan month, as no application"
    text += " by then bears the number of their loan"
    severity: Severity = "warn" if share > period.policy.quality.max_quarantined_share else "info"
    yield Check("gold", dated.table, "no start", "", count, rows.rows, share, severity, text)


def _outage(period: Period, report: QualityReport, source: str) -> Check:
    """An optional source that covers hardly anyone; by the policy it may block, optional or not."""
    found = report.profile("silver", source)
    rows = found.rows if found else 0
    return Check(
        layer="gold",
        table="features",
        rule="outage",
        column="",
        count=rows,
        rows=rows,
        share=1.0,
        severity=period.policy.quality.rules.outage,
        text=f"{source} is down: its columns are null ({rows:,} rows arrived)",
    )
