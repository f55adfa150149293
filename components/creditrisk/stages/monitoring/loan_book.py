"""The loans themselves, with or without a model: the book, vintage curves, roll rates.

Counted on `gold/loan_months`, one month of it in memory at a time. A lender who delivers outcomes
and no panel has none of this.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.calendar import add_months
from creditrisk.contracts import LOAN_MONTHS
from creditrisk.contracts.gold import BUCKETS
from creditrisk.lake import Commit
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.period import Period
from creditrisk.stages.monitoring.finding import Finding, share_finding


@dataclass
class Vintages:
    """Loans of the newest cohorts, and at which month on book each was first bad.

    Fed month by month. `observed`: months on book at which a cohort was seen.
    """

    oldest: date
    missed: int  # instalments that make a loan bad
    loans: pa.Table | None = None
    observed: set[tuple[date, int]] = field(default_factory=set)

    def add(self, months: pa.Table) -> None:
        """Take in a month of loans."""
        rows = months.filter(pc.greater_equal(months["cohort"], self.oldest))
        seen = rows.group_by(["cohort", "month_on_book"]).aggregate([]).to_pylist()
        self.observed |= {
            (row["cohort"], row["month_on_book"]) for row in seen if row["month_on_book"]
        }
        bad = pc.fill_null(pc.greater_equal(rows["missed"], self.missed), False)
        first = pc.if_else(bad, rows["month_on_book"], pa.scalar(None, pa.int64()))
        part = rows.select(["cohort", "loan_id"]).append_column("first", first)
        known = pa.concat_tables([self.loans, part]) if self.loans is not None else part
        grouped = known.group_by(["cohort", "loan_id"]).aggregate([("first", "min")])
        self.loans = grouped.rename_columns(["cohort", "loan_id", "first"])

    def findings(self) -> Iterator[Finding]:
        """Of each cohort and month on book: the share ever bad by then, of all its loans."""
        if self.loans is None:
            return
        loans = self.loans.to_pandas()
        firsts = {cohort: group["first"] for cohort, group in loans.groupby("cohort")}
        for cohort, mob in sorted(self.observed):
            first = firsts[cohort]
            share = clopper_pearson(int((first <= mob).sum()), len(first))
            month = f"{cohort:%Y-%m}"
            text = f"{share.count} of {share.total} loans of {month} bad by mob {mob}"
            found = share_finding(f"vintage:{mob}", share, text, month)
            yield replace(found, bads=share.count)


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
