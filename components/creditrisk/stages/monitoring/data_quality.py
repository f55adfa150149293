"""What the month's data were like: odd applications, and values outside their declared range."""

from creditrisk.contracts import features
from creditrisk.lake import Commit
from creditrisk.model.anomalies import anomalies
from creditrisk.period import Period
from creditrisk.portfolio import Portfolio
from creditrisk.quality.page import write_page
from creditrisk.records.quality import QualityReport, load_report, save_anomalies
from creditrisk.stages.monitoring.finding import Finding

OUT_OF_RANGE = "out of range"  # the rule, as cleaning calls it


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
