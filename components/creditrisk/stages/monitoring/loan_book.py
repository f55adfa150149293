"""The loans themselves, with or without a model: the book, its vintage curves, roll rates.

Counted on `gold/loan_months`, one month of it in memory at a time. A lender who delivers outcomes
and no panel has none of this.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.calendar_month import add_months
from creditrisk.contracts import LOAN_MONTHS
from creditrisk.contracts.gold import BUCKETS
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.proportion import share_of
from creditrisk.period import Period
from creditrisk.stages.monitoring.finding import Finding, share_finding

_OF_VINTAGES = ["cohort", "loan_id", "customer_id", "first"]
_COLUMNS = ["loan_id", "customer_id", "bucket", "missed", "balance"]


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
        rows = months.filter(pc.greater_equal(months["cohort"], self.oldest))
        seen = rows.group_by(["cohort", "month_on_book"]).aggregate([]).to_pylist()
        self.observed |= {
            (row["cohort"], row["month_on_book"]) for row in seen if row["month_on_book"]
        }
        bad = pc.fill_null(pc.greater_equal(rows["missed"], self.missed), False)
        first = pc.if_else(bad, rows["month_on_book"], pa.scalar(None, pa.int64()))
        part = rows.select(_OF_VINTAGES[:-1]).append_column("first", first)
        known = pa.concat_tables([self.loans, part]) if self.loans is not None else part
        grouped = known.group_by(["cohort", "loan_id"])
        smallest = grouped.aggregate([("customer_id", "min"), ("first", "min")])
        self.loans = smallest.rename_columns(_OF_VINTAGES)

    def findings(self) -> Iterator[Finding]:
        """Of each cohort and month on book: the share ever bad by then, of all its loans."""
        if self.loans is None:
            return
        loans = self.loans.to_pandas()
        groups = dict(iter(loans.groupby("cohort")))
        customers = {cohort: clusters(group["customer_id"]) for cohort, group in groups.items()}
        for cohort, mob in sorted(self.observed):
            bad = (groups[cohort]["first"] <= mob).to_numpy()
            share = share_of(bad, customers[cohort])
            month = f"{cohort:%Y-%m}"
            text = f"{share.count:,} of {share.total:,} loans of {month} bad by mob {mob}"
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
            books[commit.month] = table.select(_COLUMNS)
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
    known, least = loans.dropna(subset="missed"), period.policy.outcome.missed_instalments
    behind = (known["missed"] >= least).to_numpy()
    share = share_of(behind, clusters(known["customer_id"]))
    late = f"{share.count:,} of {len(known):,} loans {least} or more full instalments behind"
    # sorted: a sum must not depend on the order rows lie in
    owed = np.sort(loans["balance"].dropna().to_numpy(dtype=float))
    count, currency = len(loans), period.portfolio.currency
    return [
        Finding(
            "loans_on_book",
            "portfolio",
            value=float(count),
            rows=count,
            text=f"{count:,} loans in the month's snapshot",
            cohort=cohort,
        ),
        Finding(
            "balance_on_book",
            "portfolio",
            value=float(owed.sum()) if len(owed) else None,
            rows=len(owed),
            text=f"{currency} outstanding on {len(owed):,} loans",
            cohort=cohort,
        ),
        replace(share_finding("delinquent_share", share, late, cohort), bads=share.count),
    ]


def roll_rates(then: pd.DataFrame, now: pd.DataFrame, cohort: str) -> list[Finding]:
    """Of the loans in a bucket a snapshot ago, the share in each bucket now.

    Loans that left the book in between, or whose bucket is not known, are not counted.
    """
    both = then.merge(now, on="loan_id", how="inner", suffixes=("_then", "_now"))
    both = both[both["bucket_now"].isin(BUCKETS)]
    found = []
    for start in BUCKETS:
        mine = both[both["bucket_then"] == start]
        ends, cluster = mine["bucket_now"].to_numpy(), clusters(mine["customer_id_then"])
        for end in BUCKETS:
            share = share_of(ends == end, cluster)
            text = f"{share.count:,} of {share.total:,} loans"
            found.append(share_finding(f"roll:{start}>{end}", share, text, cohort))
    return [finding for finding in found if finding.rows]
