"""Values delivered outside the range the portfolio declares: the ETL made them null.

Counted on silver, for gold holds none of them; the month's quality report has the counts.
"""

from creditrisk.portfolio import Portfolio
from creditrisk.records.quality import QualityReport
from creditrisk.stages.monitoring.finding import Finding

OUT_OF_RANGE = "out of range"  # the rule, as cleaning calls it


def out_of_range(report: QualityReport | None, portfolio: Portfolio) -> list[Finding]:
    """Of every feature that has a range: the share of delivered rows beyond it.

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
