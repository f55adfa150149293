"""The loans themselves, with or without a model: the book, its vintage curves, roll rates.

Counted on `gold/loan_months`, one month of it in memory at a time. A lender who delivers outcomes
and no panel has none of this.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from creditrisk.calendar_month import add_months
from creditrisk.contracts import LOAN_MONTHS
from creditrisk.contracts.gold import BUCKETS
from creditrisk.lake import Commit
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.period import Period
from creditrisk.stages.monitoring.finding import Finding, share_finding
from creditrisk.stages.monitoring.vintages import Vintages


def loan_book(period: Period) -> tuple[list[Finding], list[Commit]]:
    """Findings on the loans at `as_of`, and the months of them that were read."""
    lake, limits, month = period.lake, period.policy.monitoring, period.as_of
    oldest = add_months(month, 1 - limits.vintage_cohorts)
    before = add_months(month, -period.portfolio.every)
    months = lake.months(LOAN_MONTHS.table, upto=month)
    commits = [lake.need(LOAN_MONTHS.table, m) for m in months if m >= min(oldest, before)]
    vintages = Vintages(oldest, period.policy.outcome.missed_instalments)
    books: dict[str, pa.Table] = {}
    for commit in commits:
        table = lake.read_commits(LOAN_MONTHS, [commit])
        vintages.add(table)
        if commit.month in (f"{month}", f"{before}"):
            books[commit.month] = table.select(["loan_id", "bucket", "missed", "balance"])
    found = list(vintages.findings())
    now, then = books.get(f"{month}"), books.get(f"{before}")
    if now is not None:
        found += on_book(now.to_pandas(), period)
    if now is not None and then is not None:
        found += roll_rates(then.to_pandas(), now.to_pandas(), f"{month:%Y-%m}")
    return found, commits


def on_book(loans: pd.DataFrame, period: Period) -> list[Finding]:
    """How many loans, what they owe, how many are behind; a row per loan."""
    cohort = f"{period.as_of:%Y-%m}"
    missed, least = loans["missed"].dropna(), period.policy.outcome.missed_instalments
    behind = int((missed >= least).sum())
    share = clopper_pearson(behind, len(missed))
    late = f"{behind} of {len(missed)} loans {least} or more full instalments behind"
    # sorted: a sum must not depend on the order rows lie in
    owed = np.sort(loans["balance"].dropna().to_numpy(dtype=float))
    count, currency = len(loans), period.portfolio.currency
    return [
        Finding(
            "loans_on_book",
            "portfolio",
            value=float(count),
            rows=count,
            text=f"{count} loans in the month's snapshot",
            cohort=cohort,
        ),
        Finding(
            "balance_on_book",
            "portfolio",
            value=float(owed.sum()) if len(owed) else None,
            rows=len(owed),
            text=f"{currency} outstanding on {len(owed)} loans",
            cohort=cohort,
        ),
        replace(share_finding("delinquent_share", share, late, cohort), bads=share.count),
    ]


def roll_rates(then: pd.DataFrame, now: pd.DataFrame, cohort: str) -> list[Finding]:
    """Of the loans in a bucket a snapshot ago, the share in each bucket now.

    Loans that left the book in between, or whose bucket is not known, are not counted.
    """
    both = then.merge(now, on="loan_id", how="inner", suffixes=("_then", "_now"))
    pairs = zip(both["bucket_then"].tolist(), both["bucket_now"].tolist(), strict=True)
    moves = Counter(pairs)
    found = []
    for start in BUCKETS:
        counts = [moves[start, end] for end in BUCKETS]
        for end, count in zip(BUCKETS, counts, strict=True):
            share = clopper_pearson(count, sum(counts))
            text = f"{count} of {share.total} loans"
            found.append(share_finding(f"roll:{start}>{end}", share, text, cohort))
    return [finding for finding in found if finding.rows]
