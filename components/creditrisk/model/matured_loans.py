"""Loans whose outcome is known, and the applications behind them: read alike by every stage."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from creditrisk.calendar_month import add_months
from creditrisk.contracts import LABELS, features
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.known_outcomes import label_commits
from creditrisk.period import Period
from creditrisk.records.card import Label


def newest_matured(as_of: date, mob: int, reporting_lag: int) -> date:
    """The newest cohort whose outcome at `mob` months on book is known at `as_of`."""
    return add_months(as_of, -mob - reporting_lag)


LOOK_BACK = 6  # months without a hit before the search for applications gives up


@dataclass(frozen=True, eq=False)
class MaturedLoans:
    """Loans whose outcome is known: gold features and `cohort`, one row each, and 1 for bad."""

    cohorts: tuple[date, ...]
    frame: pd.DataFrame
    bad: IntArray

    @property
    def bads(self) -> int:
        return int(self.bad.sum())

    @property
    def goods(self) -> int:
        return len(self.bad) - self.bads

    @property
    def cluster(self) -> IntArray | None:
        """A number for each customer; None: nobody has two."""
        return clusters(self.frame["customer_id"])

    @property
    def worth(self) -> float:
        """Independent loans at most, over all."""
        rows = len(self.bad)
        return independent(self.cluster, rows) / rows if rows else 1.0

    @property
    def cluster_of_bads(self) -> IntArray | None:
        return None if self.cluster is None else self.cluster[self.bad == 1]

    def of(self, cohorts: Iterable[date]) -> "MaturedLoans":
        """The part of these rows whose loans began in some months."""
        wanted = set(cohorts)
        kept = self.frame.cohort.isin(wanted).to_numpy()
        months = tuple(month for month in self.cohorts if month in wanted)
        return MaturedLoans(months, self.frame[kept].reset_index(drop=True), self.bad[kept])


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What is known at `as_of` of some cohorts at `mob` months on book: one row per loan."""

    labels: pd.DataFrame
    commits: tuple[Commit, ...]
    unknown: int = 0  # loans of them without one


def outcomes(
    period: Period, cohorts: Collection[date], mob: int, label: Label | None = None
) -> Outcomes:
    """The loans of some cohorts whose outcome is known at `as_of`; none tells more than that month.

    By a version's own definition of bad (`label`), where the policy has another by now.
    """
    months = period.lake.months(LABELS.table, upto=period.as_of)
    # no outcome is older than its cohort: earlier months need not be opened
    since = [m for m in months if cohorts and m >= add_months(min(cohorts), mob)]
    commits = tuple(label_commits(period, since, label))
    labels = period.lake.read_commits(LABELS, commits).to_pandas()
    labels = once(labels[(labels["mob"] == mob) & labels["cohort"].isin(cohorts)])
    known = labels[labels["bad"].notna()].astype({"bad": "int64"})
    return Outcomes(known, commits, len(labels) - len(known))


def once(labels: pd.DataFrame) -> pd.DataFrame:
    """Of labels, oldest month first, the newest of each loan.

    An outcome is in two months' labels where the policy's `reporting_lag` grew in between.
    """
    return labels.drop_duplicates(["loan_id", "cohort", "mob"], keep="last")


def applications_behind(
    period: Period, loans: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Commit, ...]]:
    """Gold features of the applications of loans (`application_id`, `cohort`), and their commits.

    One row for each of these pairs: as last known when the loan began. A loan that began before
    its application has none. Where applications were never delivered, the search ends with the
    first month before the oldest cohort that adds none.
    """
    lake, contract = period.lake, features(period.portfolio)
    left = loans[["application_id", "cohort"]].drop_duplicates()
    found = [contract.arrow.empty_table().to_pandas().merge(left.head(0), on="application_id")]
    read: list[Commit] = []
    months = lake.months(contract.table, upto=left["cohort"].max()) if len(left) else []
    oldest = left["cohort"].min()
    for month in reversed(months):
        if left.empty:
            break
        began = left[left["cohort"] >= month]
        read.append(lake.need(contract.table, month))
        hits = lake.read_commits(contract, read[-1:]).to_pandas().merge(began, on="application_id")
        if len(hits):
            found.append(hits)
            left = left.drop(began.index[began["application_id"].isin(hits["application_id"])])
        elif month < oldest and (len(found) > 1 or len(read) > LOOK_BACK):
            break
    return pd.concat(found[1:] or found, ignore_index=True), tuple(read)
