"""Measure the month: what the 2/3 rule reads, the business rules and the month's page.

Outcomes: the version's PDs on matured cohorts newer than any it was developed on, by gold
features, for the scores published then may be an older champion's. Stability: the month's
applications against the version's frozen profile.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from creditrisk.contracts import FINDINGS, QUARANTINE, SCORES, features
from creditrisk.lake import Commit
from creditrisk.model.matrix import PLAIN, mask_states
from creditrisk.model.outage import dark_features
from creditrisk.model.validation_record import files_behind, load_validation
from creditrisk.model.version import ModelVersion, Reference, load_version
from creditrisk.monitoring.anomalies import record_anomalies
from creditrisk.monitoring.calibration import calibration_axis
from creditrisk.monitoring.discrimination import discrimination_axis
from creditrisk.monitoring.event_window import last_months
from creditrisk.monitoring.finding import Finding, findings_table
from creditrisk.monitoring.pool import collect, newest_matured, outcomes
from creditrisk.monitoring.portfolio_metrics import application_metrics, bad_rate, score_metrics
from creditrisk.monitoring.stability import Scores, outage, stability_axis
from creditrisk.period import Period


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
        measured.inputs |= files_behind(period.store, version)
        _matured(period, model, measured)
        _current(period, model, gold, measured)
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
        and not row["metric"].startswith(("csi:", "missing:"))
    }


def _portfolio(period: Period, gold: Commit, measured: Measured) -> None:
    aside = period.lake.commit(QUARANTINE.table, period.as_of)
    counts = application_metrics(gold.rows, aside.rows if aside else None)
    measured.add(_of_month(period, counts), [gold, *([aside] if aside else [])])
    measured.add(_of_month(period, [record_anomalies(period, gold)]), [gold])
    policy = period.policy.outcome
    for mob in sorted({policy.early_mob, policy.mob}):
        cohort = newest_matured(period.as_of, mob, policy.reporting_lag)
        known = outcomes(period, cohort, mob)
        found = bad_rate(known.labels["bad"].to_numpy(), mob, cohort)
        label_as_of = max(known.labels["snapshot_date"], default=None)
        measured.add([replace(found, label_as_of=label_as_of)], known.commits)


def _published(period: Period, version: str, measured: Measured) -> None:
    """Figures of the scores of record."""
    rows = period.lake.read(SCORES, [period.as_of])
    own = rows.filter(pc.equal(rows["model_version"], version)).to_pandas()
    # not an input by its digest: a later version's rows beside them change nothing here
    found = score_metrics(own, period.policy, period.portfolio.currency)
    measured.add(_of_month(period, found), [])


def _matured(period: Period, model: ModelVersion, measured: Measured) -> None:
    """The two axes that need outcomes."""
    validated = load_validation(period.store, model.id)
    newer_than = date.fromisoformat(model.card["newest_development_cohort"])
    pool = collect(period, int(model.card["label"]["mob"]), newer_than, validated)
    pds = model.predict(pool.rows) if len(pool.rows) else np.empty(0)
    states = mask_states(pool.rows, period.portfolio) if len(pool.rows) else np.empty(0, np.str_)
    reference = validated.expected_auc(states)
    limits, mode = period.policy.monitoring, period.policy.rule.mode
    findings = [
        *discrimination_axis(pool.bad, pds, reference, limits, mode),
        *calibration_axis(pool.bad, pds, limits, mode),
    ]
    where = (
        f"cohorts {pool.span}"
        if pool.cohorts
        else f"no cohort after {newer_than:%Y-%m} has matured"
    )
    if pool.excluded:
        where += f", {pool.excluded} loans not measured: a source was down"
    measured.add(
        (
            replace(
                finding,
                cohort=pool.span,
                label_as_of=pool.label_as_of,
                text=f"{finding.text}; {where}"
                if finding.metric.startswith("axis:")
                else finding.text,
            )
            for finding in findings
        ),
        pool.commits,
    )


def _current(period: Period, model: ModelVersion, gold: Commit, measured: Measured) -> None:
    """The axis that needs applications only."""
    frame = period.lake.read_commits(features(period.portfolio), [gold]).to_pandas()
    frame, histories = last_months(period, frame, model.profile["events_length"])
    states = mask_states(frame, period.portfolio)
    pds = model.predict(frame) if len(frame) else np.empty(0)
    scores = [
        Scores(str(state), pds[states == state], _score_reference(model, str(state)))
        for state in np.unique(states)
    ]
    references = {name: model.reference_feature(name) for name in model.feature_names}
    findings = stability_axis(
        scores,
        _columns(period, model, frame),
        references,
        period.policy.monitoring,
        period.policy.rule.mode,
    )
    down = {
        source: int(np.count_nonzero(~frame[f"{source}_available"].eq(True)))
        for source in period.portfolio.optional_sources
    }
    outages = [outage(source, rows, len(frame)) for source, rows in down.items() if rows]
    measured.add(_of_month(period, [*findings, *outages]), histories)


def _score_reference(model: ModelVersion, state: str) -> Reference | None:
    if state == PLAIN:
        return model.reference_score()
    return model.reference_score(state) if state in model.profile["masked_score"] else None


def _columns(
    period: Period, model: ModelVersion, frame: pd.DataFrame
) -> dict[str, "pd.Series[float]"]:
    """Each model feature on the rows for which every source it rests on was up.

    Not those that grow with calendar time by construction: growth is no drift.
    """
    if frame.empty:
        return {}
    matrix, portfolio = model.matrix(frame), period.portfolio
    states = mask_states(frame, portfolio)
    dark = {str(state): dark_features(portfolio, str(state)) for state in np.unique(states)}
    growing = {feature.name for feature in portfolio.features if feature.grows}
    return {
        name: matrix[name][[name not in dark[state] for state in states]]
        for name in model.feature_names
        if name not in growing
    }


def _of_month(period: Period, findings: Iterable[Finding]) -> list[Finding]:
    return [replace(finding, cohort=f"{period.as_of:%Y-%m}") for finding in findings]
