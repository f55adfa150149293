"""The month in figures, with or without a model: who applied, who went bad, what the data hold."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from creditrisk.contracts import features
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.proportion import share_of
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.anomalies import anomalies
from creditrisk.number_text import money, percent
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio
from creditrisk.quality.page import write_page
from creditrisk.records.quality import QualityReport, load_report, save_anomalies
from creditrisk.stages.monitoring.finding import Finding, share_finding
from creditrisk.stages.monitoring.matured_cohorts import cohort_span

OUT_OF_RANGE = "out of range"  # the rule, as cleaning calls it


def application_metrics(applications: int, quarantined: int | None) -> list[Finding]:
    """Applications of the month, and delivered rows set aside (None: not known)."""
    aside = "not known" if quarantined is None else f"{quarantined:,} delivered rows set aside"
    return [
        _count("applications", applications, f"{applications:,} applications"),
        _count("quarantined_rows", quarantined, aside),
    ]


def bad_rate(y: IntArray, mob: int, cohort: date, cluster: IntArray | None = None) -> Finding:
    """Share bad within `mob` months on book, with its exact interval, for a cohort's loans.

    `cluster` numbers loans of one customer; None: nobody has two.
    """
    rows, bads = len(y), int(y.sum())
    rate = share_of(y == 1, cluster)
    text = f"{bads:,} of {rows:,} loans of {cohort:%Y-%m} bad within mob {mob}"
    if not rows:
        text = f"no outcome within mob {mob} is known of {cohort:%Y-%m}"
    found = share_finding(f"bad_rate_mob{mob}", rate, text, cohort_span([cohort]))
    return replace(found, bads=bads)


def score_metrics(scores: pd.DataFrame, policy: Policy, currency: str) -> list[Finding]:
    """What the month's published scores amount to; `scores` are one version's rows.

    Every metric is there every month, without a value where no PD is published, so that a
    business rule may name it before there is a champion.
    """
    held_back = int(scores["held_back"].astype(bool).sum())
    held = _count("held_back", held_back, f"{held_back:,} applications held back without a PD")
    # sorted: a sum must not depend on the order rows lie in
    pds = np.sort(scores["pd"].dropna().to_numpy(dtype=float))
    if not len(pds):
        text = "no PD is published"
        names = ("mean_pd", "approval_rate", "expected_loss")
        return [held, *(Finding(name, "portfolio", text=text) for name in names)]
    cutoff, economics = policy.scoring.cutoff, policy.economics
    approved = pds[pds <= cutoff]
    published = scores.dropna(subset="pd")
    kept = published["pd"].to_numpy(dtype=float) <= cutoff
    share = share_of(kept, clusters(published["customer_id"]))
    per_pd = economics.lgd * economics.ead
    loss, all_loss = float(approved.sum() * per_pd), float(pds.sum() * per_pd)
    return [
        held,
        Finding(
            "mean_pd",
            "portfolio",
            value=float(pds.mean()),
            rows=len(pds),
            text=f"mean PD {pds.mean():.1%} of {len(pds):,} scored applications",
        ),
        share_finding(
            "approval_rate",
            share,
            f"{len(approved):,} of {len(pds):,} at or below the cut-off {percent(cutoff)}",
        ),
        Finding(
            "expected_loss",
            "portfolio",
            value=loss,
            rows=len(approved),
            text=f"PD x LGD {percent(economics.lgd)} x EAD {economics.ead:,.0f} over those at or"
            f" below the cut-off; {money(currency, all_loss)} if all were granted",
        ),
    ]


def _count(metric: str, count: int | None, text: str) -> Finding:
    value = None if count is None else float(count)
    return Finding(metric, "portfolio", value=value, rows=count or 0, text=text)


def record_anomalies(period: Period, gold: Commit) -> Finding:
    """Write `anomalies.json` of the month and its quality page; their share is the finding."""
    frame = period.lake.read_commits(features(period.portfolio), [gold]).to_pandas()
    found = anomalies(frame, period.portfolio, period.policy, gold)
    save_anomalies(period.store, found)
    report = load_report(period.store, period.as_of)
    if report:
        write_page(period.store, report, period.policy.quality, found)
    share = found.above / found.examined if found.examined else None
    return Finding(
        "anomalous_share", "portfolio", value=share, rows=found.examined, text=found.text
    )


def out_of_range(report: QualityReport | None, portfolio: Portfolio) -> list[Finding]:
    """Of every feature that has a range: the share of delivered rows beyond it.

    The ETL made them null, so they are counted on silver: the quality report has the counts.
    None for a table that did not arrive; nothing at all where the month has no report.
    """
    if report is None:
        return []
    struck = {(c.table, c.column): c for c in report.checks if c.rule == OUT_OF_RANGE}
    found = []
    for feature in portfolio.features:
        spec = portfolio.sources[feature.source].columns.get(feature.column)
        profile = report.profile("silver", feature.source)
        if spec is None or spec.range is None or profile is None:
            continue
        check = struck.get((feature.source, feature.name))
        count, rows = (check.count, check.rows) if check else (0, profile.rows)
        text = f"{count:,} of {rows:,} delivered rows: {feature.name} outside {list(spec.range)}"
        share = count / rows if rows else None
        name = f"out_of_range:{feature.name}"
        found.append(Finding(name, "quality", value=share, rows=rows, text=text))
    return found
