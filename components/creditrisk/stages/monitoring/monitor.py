"""Measure the month: what the 2/3 rule, business rules, dashboard and alerts read.

One table, a row per number. What a metric means, and where it acts: docs/monitoring.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow.compute as pc

from creditrisk.contracts import FINDINGS, QUARANTINE, SCORES, features
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters
from creditrisk.model.matured_loans import newest_matured, outcomes
from creditrisk.model.validated_states import files_behind
from creditrisk.model.version import load_version
from creditrisk.period import Period
from creditrisk.records.card import same_trees, validated_version
from creditrisk.records.quality import load_report
from creditrisk.records.validation import read_validation
from creditrisk.stages.monitoring.applications import measure_applications
from creditrisk.stages.monitoring.concentration import of_grades
from creditrisk.stages.monitoring.finding import Finding, findings_table
from creditrisk.stages.monitoring.grade_migration import grade_shares, migration
from creditrisk.stages.monitoring.loan_book import loan_book
from creditrisk.stages.monitoring.matured import measure_matured
from creditrisk.stages.monitoring.portfolio_metrics import (
    application_metrics,
    bad_rate,
    out_of_range,
    record_anomalies,
    score_metrics,
)
from creditrisk.stages.monitoring.reference import reference_rows
from creditrisk.stages.monitoring.score_overrides import score_overrides
from creditrisk.stages.monitoring.service_levels import service
from creditrisk.stages.monitoring.stress import stressed


@dataclass
class Measured:
    """Findings so far, and what they were made from."""

    findings: list[Finding] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding], commits: Iterable[Commit]) -> None:
        self.findings += findings
        self.inputs |= {commit.key: commit.digest for commit in commits}


def monitor(period: Period, version: str) -> Commit:
    """Commit the findings of `as_of`; "" (no champion) leaves the portfolio's figures only."""
    measured = Measured(inputs={"policy": period.policy.sha})
    gold = period.lake.need(features(period.portfolio).table, period.as_of)
    _portfolio(period, gold, measured)
    _published(period, version, measured)
    if version:
        model = load_version(period.store, version)
        for one in same_trees(period.store, version):
            measured.inputs |= files_behind(period.store, one)
        reference = reference_rows(period, model)
        measured.add([], reference.commits)
        measured.add(*measure_matured(period, model, reference))
        found, read = measure_applications(period, model, gold, reference)
        measured.add(_of_month(period, found), read)
    table = findings_table(measured.findings, version, period.as_of)
    return period.lake.write(
        FINDINGS, period.as_of, table, inputs=measured.inputs, code=period.code
    )


def numbers_of(period: Period, commit: Commit) -> dict[str, float]:
    """Headline values of a commit of findings, by metric: no single features, no segments."""
    rows = period.lake.read_commits(FINDINGS, [commit]).to_pylist()
    return {
        row["metric"]: row["value"]
        for row in rows
        if row["segment"] == "all"
        and row["value"] is not None
        and np.isfinite(row["value"])
        and (":" not in row["metric"] or row["metric"].startswith("source_outage:"))
    }


def _portfolio(period: Period, gold: Commit, measured: Measured) -> None:
    aside = period.lake.commit(QUARANTINE.table, period.as_of)
    counts = application_metrics(gold.rows, aside.rows if aside else None)
    measured.add(_of_month(period, counts), [gold, *([aside] if aside else [])])
    measured.add(_of_month(period, [record_anomalies(period, gold)]), [gold])
    ranges = out_of_range(load_report(period.store, period.as_of), period.portfolio)
    measured.add(_of_month(period, ranges), [])
    measured.add(*loan_book(period))
    measured.add(service(period), [])
    measured.add(*score_overrides(period))
    policy = period.policy.outcome
    for mob in sorted({policy.early_mob, policy.mob}):
        cohort = newest_matured(period.as_of, mob, policy.reporting_lag)
        known = outcomes(period, [cohort], mob)
        loans = known.labels
        cluster = clusters(loans["customer_id"])
        found = bad_rate(loans["bad"].to_numpy(), mob, cohort, cluster)
        label_as_of = max(loans["snapshot_date"], default=None)
        measured.add([replace(found, label_as_of=label_as_of)], known.commits)


def _published(period: Period, version: str, measured: Measured) -> None:
    """Figures of the scores of record, and moves between their grades."""
    rows = period.lake.read(SCORES, [period.as_of])
    own = rows.filter(pc.equal(rows["model_version"], version)).to_pandas()
    # not an input by its digest: a later version's rows beside them change nothing here
    found = score_metrics(own, period.policy, period.portfolio.currency)
    found += grade_shares(own, period.policy)
    validated = (
        read_validation(period.store, validated_version(period.store, version)) if version else None
    )
    found.append(of_grades(own, validated, period.policy))
    pds = own["pd"].dropna().to_numpy(dtype=float)
    found += stressed(pds, period.policy, period.portfolio.currency)
    measured.add(_of_month(period, found), [])
    if version:
        measured.add(migration(period, version, own), [])


def _of_month(period: Period, findings: Iterable[Finding]) -> list[Finding]:
    return [replace(finding, cohort=f"{period.as_of:%Y-%m}") for finding in findings]
