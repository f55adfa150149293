"""Gold of some consecutive months: histories and loan months, then features and labels."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from pyspark.sql import DataFrame

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.contracts import CHAMPION_LABELS, LABELS, LOAN_MONTHS, Contract
from creditrisk.model.matured_loans import newest_matured
from creditrisk.policy import Outcome
from creditrisk.records.quality import QualityReport
from creditrisk.stages.etl.commit import Draft, read_back
from creditrisk.stages.etl.features import features
from creditrisk.stages.etl.frames import by_snapshot, table
from creditrisk.stages.etl.history import history
from creditrisk.stages.etl.labels import labels, outcome_labels, with_defaults
from creditrisk.stages.etl.layers import Run
from creditrisk.stages.etl.loan_months import SIGHT, begun, loan_months, with_application
from creditrisk.stages.etl.outages import coverage, outages
from creditrisk.stages.etl.quality.assessment import keep, with_gold


def gold_months(run: Run, passed: Sequence[QualityReport]) -> list[QualityReport]:
    """Gold of months whose silver this run has written; features last, they close a month.

    Takes their reports and returns them complete, up to the first that is blocked after all:
    its gold is not committed.
    """
    months = [report.as_of for report in passed]
    with ThreadPoolExecutor() as pool:
        outcomes = pool.submit(_write_outcomes, run, months)
        down = _write_features(run, months)
        outcomes.result()
    tables = {name: found for name, found in run.tables().items() if name.startswith("gold/")}
    contents = read_back(run.spark, run.period.store, list(tables.values()))
    reports = []
    for month, report in zip(months, passed, strict=True):
        names = [source for source, when in down.items() if month in when]
        reports.append(with_gold(run.period, report, tables, names))
        keep(run.period, reports[-1])
        if reports[-1].blocked:
            break
        run.publish(tables, [month], contents)
    return reports


def _write_outcomes(run: Run, months: list[date]) -> None:
    run.write([_draft(LOAN_MONTHS, _loan_months(run, months))])
    run.write([_draft(LABELS, _labels(run, months, run.period.policy.outcome))])
    if own := run.inputs.champion_outcome:
        run.write([_draft(CHAMPION_LABELS, _labels(run, months, own))])


def _write_features(run: Run, months: list[date]) -> dict[str, tuple[date, ...]]:
    """Histories, then features; returns when which optional source was down."""
    run.write(_histories(run, months))
    down = _outages(run, months)
    portfolio = run.period.portfolio
    rows = features(
        portfolio, _applications(run, months), _known(run, months), _figures(run, months), down
    )
    run.write([_draft(contracts.features(portfolio), rows)])
    return down


def _histories(run: Run, months: list[date]) -> list[Draft]:
    before = add_months(months[0], -1)
    return [
        _draft(
            contracts.history(events),
            history(
                events,
                run.committed(contracts.history(events), before, before),
                run.rows(_silver(run, events.name), months),
                months[0],
                months[-1],
            ),
        )
        for events in run.period.portfolio.events
    ]


def _loan_months(run: Run, months: list[date]) -> DataFrame:
    name, spec = run.period.portfolio.servicing
    if spec.role == "outcomes":  # no panel, no months
        return table(run.spark, LOAN_MONTHS, [])
    oldest = add_months(months[0], -SIGHT * spec.every)
    before = run.committed(LOAN_MONTHS, oldest, add_months(months[0], -1))
    rows = run.rows(_silver(run, name), months)
    if spec.undated_loans:
        rows = begun(spec, rows, _ever_applied(run, months))
    return loan_months(spec, rows, before, _numbered(run))


def _ever_applied(run: Run, months: list[date]) -> DataFrame:
    contract = _silver(run, run.period.portfolio.base[0])
    oldest = min((*run.inputs.commits(contract.table), months[0]))
    known = run.committed(contract, oldest, add_months(months[0], -1))
    return known.unionByName(run.rows(contract, months))


def _labels(run: Run, months: list[date], outcome: Outcome) -> DataFrame:
    name, spec = run.period.portfolio.servicing
    start, end = months[0], months[-1]
    oldest = newest_matured(start, outcome.mob, outcome.reporting_lag)
    contract = _silver(run, name) if spec.role == "outcomes" else LOAN_MONTHS
    known = run.committed(contract, oldest, add_months(start, -1))
    rows = known.unionByName(run.rows(contract, months))
    if spec.role == "outcomes":
        loans = with_defaults(spec, with_application(spec, rows, _numbered(run)), outcome)
        upto = min(end, spec.known_until or end)
        return outcome_labels(loans, outcome, start, upto, spec.within)
    return labels(rows, outcome, start, end, spec.every)


def _numbered(run: Run) -> bool:
    return bool(run.period.portfolio.base[1].column("application"))


def _outages(run: Run, months: list[date]) -> dict[str, tuple[date, ...]]:
    portfolio = run.period.portfolio
    if not portfolio.optional_sources:
        return {}
    applications, known = _applications(run, months), _known(run, months)
    delivered = {
        source: {m for m, files in run.written[_silver(run, source).table].files.items() if files}
        for source in portfolio.optional_sources
    }
    limit = run.period.policy.quality.outage_coverage
    return outages(delivered, coverage(portfolio, applications, known), months, limit)


def _applications(run: Run, months: list[date]) -> dict[str, DataFrame]:
    sources = run.period.portfolio.by_role("applications")
    return {name: run.rows(_silver(run, name), months) for name, _ in sources}


def _figures(run: Run, months: list[date]) -> dict[str, DataFrame]:
    """Of each macro source, what was published up to each month, and so long before as it holds."""
    found = {}
    for name, spec in run.period.portfolio.by_role("macro"):
        silver = _silver(run, name)
        oldest, last = add_months(months[0], 1 - spec.every), add_months(months[0], -1)
        found[name] = run.rows(silver, months)
        if spec.every > 1:
            found[name] = run.committed(silver, oldest, last).unionByName(found[name])
    return found


def _known(run: Run, months: list[date]) -> dict[str, DataFrame]:
    return {
        events.name: run.rows(contracts.history(events), months)
        for events in run.period.portfolio.events
    }


def _silver(run: Run, source: str) -> Contract:
    return contracts.silver(source, run.period.portfolio.sources[source])


def _draft(contract: Contract, rows: DataFrame) -> Draft:
    return Draft(contract, by_snapshot(rows, contract))
