"""Vintage curves: of each cohort, the share of loans that were ever bad, by month on book."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.proportion import share_of
from creditrisk.stages.monitoring.finding import Finding, share_finding

_COLUMNS = ["cohort", "loan_id", "customer_id", "first"]


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
        part = rows.select(_COLUMNS[:-1]).append_column("first", first)
        known = pa.concat_tables([self.loans, part]) if self.loans is not None else part
        grouped = known.group_by(["cohort", "loan_id"])
        smallest = grouped.aggregate([("customer_id", "min"), ("first", "min")])
        self.loans = smallest.rename_columns(_COLUMNS)

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
