"""Where people decided otherwise than the score: booked above the cut-off, not booked below it.

By the PD of record, which is what they saw. Not those of the 2/3 rule: see `records.overrides`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow.compute as pc

from creditrisk.contracts import LABELS, SCORES
from creditrisk.contracts.delivered import silver
from creditrisk.lake import Commit, OtherColumnsError
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.proportion import share_of
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.matured_loans import newest_matured
from creditrisk.model.random_sample import drawn
from creditrisk.period import Period
from creditrisk.stages.monitoring.finding import Finding, share_finding

BOOKED_ABOVE, NOT_BOOKED_BELOW = "booked_above_cutoff", "not_booked_below_cutoff"
_NAMES = (BOOKED_ABOVE, NOT_BOOKED_BELOW)
_NO_REASON = "(none given)"


def score_overrides(period: Period) -> tuple[list[Finding], list[Commit]]:
    """Of the newest month whose loans have matured: shares of its applications, and by decision.

    Applications drawn to be booked at random are none. Without scores of record, or without a
    loan, the shares are insufficient.
    """
    outcome = period.policy.outcome
    month = newest_matured(period.as_of, outcome.mob, outcome.reporting_lag)
    scores = period.lake.read(SCORES, [month])
    of_record = scores.filter(pc.and_(pc.invert(scores["rescored"]), pc.is_valid(scores["pd"])))
    rows = of_record.to_pandas().drop_duplicates("application_id")
    if rows.empty:
        return _insufficient(f"no PD was published for {month:%Y-%m}", month), []
    labels = [c for c in period.lake.commits(LABELS.table, period.as_of) if c.month > f"{month}"]
    loans = period.lake.read_commits(LABELS, labels)["application_id"].to_pandas()
    booked = rows["application_id"].isin(loans)
    if not booked.any():
        return _insufficient(f"no application of {month:%Y-%m} was booked", month), labels
    limits = period.policy.scoring
    lottery = drawn(rows["application_id"], limits.random_accept, period.policy.development.seed)
    above = rows["pd"] > limits.cutoff
    reasons, read = _decisions(period, rows["application_id"], month)
    flagged = {BOOKED_ABOVE: above & booked & ~lottery, NOT_BOOKED_BELOW: ~above & ~booked}
    cluster = clusters(rows["customer_id"])
    found = [f for name, which in flagged.items() for f in _counted(name, which, reasons, cluster)]
    return [replace(finding, cohort=f"{month:%Y-%m}") for finding in found], [*labels, *read]


def _counted(
    name: str, which: "pd.Series[bool]", reasons: "pd.Series[str] | None", cluster: IntArray | None
) -> Iterator[Finding]:
    share = share_of(which.to_numpy(), cluster)
    yield share_finding(name, share, f"{share.count:,} of {share.total:,} scored applications")
    if reasons is None:
        return
    for reason in sorted(reasons[which].unique()):
        part = share_of((which & (reasons == reason)).to_numpy(), cluster)
        text = f"{part.count:,} of {len(which):,} scored applications: {reason}"
        yield share_finding(name, part, text, segment=f"decision={reason}")


def _decisions(
    period: Period, ids: "pd.Series[str]", month: date
) -> tuple["pd.Series[str] | None", list[Commit]]:
    """What was decided on each application, as silver has it; None: the portfolio names none."""
    for name, source in period.portfolio.by_role("applications"):
        if source.column("decision") is None:
            continue
        contract = silver(name, source)
        commit = period.lake.commit(contract.table, month)
        read = [commit] if commit else []
        try:
            rows = period.lake.read_commits(contract, read).to_pandas()
        except OtherColumnsError:  # it was built before the portfolio named the column
            return None, []
        known = rows.drop_duplicates("application_id").set_index("application_id")["decision"]
        return pd.Series(known.reindex(ids).fillna(_NO_REASON).to_numpy(), index=ids.index), read
    return None, []


def _insufficient(text: str, month: date) -> list[Finding]:
    cohort = f"{month:%Y-%m}"
    return [Finding(name, "portfolio", cohort=cohort).lacking(text) for name in _NAMES]
