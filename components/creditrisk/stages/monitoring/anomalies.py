"""The month's odd applications, on record and on its quality page."""

from creditrisk.contracts import features
from creditrisk.lake import Commit
from creditrisk.model.anomalies import anomalies
from creditrisk.period import Period
from creditrisk.quality.page import write_page
from creditrisk.records.quality import load_report, save_anomalies
from creditrisk.stages.monitoring.finding import Finding


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
