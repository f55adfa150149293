"""The rows a version is judged on: loans of its OOT windows, their features and outcomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.errors import UserError
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.maturity import newest_matured
from creditrisk.period import Period
from creditrisk.records.card import Card


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
        """The same of the bads."""
        return None if self.cluster is None else self.cluster[self.bad == 1]

    def of(self, cohorts: Iterable[date]) -> "MaturedLoans":
        """The part of these rows whose loans began in some months."""
        wanted = set(cohorts)
        kept = self.frame.cohort.isin(wanted).to_numpy()
        months = tuple(month for month in self.cohorts if month in wanted)
        return MaturedLoans(months, self.frame[kept].reset_index(drop=True), self.bad[kept])


def refuse_known_windows(card: Card) -> None:
    """Windows that are not out of time, each after what the version learnt from: a `UserError`."""
    oot = card.out_of_time
    if list(oot) != sorted(set(oot)):
        raise UserError("card.json: windows share a cohort; train the version again")
    if oot and card.known and oot[0] <= max(card.known):
        raise UserError(
            f"card.json: window {oot[0]:%Y-%m} is not later than the newest development cohort"
            f" {max(card.known):%Y-%m}; train the version again"
        )


def read_rows(period: Period, cohorts: Sequence[date], mob: int) -> MaturedLoans:
    """Loans of some cohorts whose outcome is known at `as_of`, with what was known before them.

    A cohort is the month a loan began; loans without features are left out.
    """
    labels = _outcomes(period, cohorts, mob)
    frame = _features_of(period, set(labels.application_id), max(cohorts, default=period.as_of))
    rows = frame.merge(labels, how="inner", on="application_id", validate="one_to_many")
    rows = rows.sort_values(["cohort", "application_id", "loan_id"], ignore_index=True)
    return MaturedLoans(tuple(sorted(cohorts)), rows, rows.pop("bad").to_numpy(dtype=np.int64))


def _outcomes(period: Period, cohorts: Sequence[date], mob: int) -> pd.DataFrame:
    # no outcome is older than its cohort: earlier months need not be opened
    first = add_months(min(cohorts), mob) if cohorts else period.as_of
    months = period.lake.months(contracts.LABELS.table, upto=period.as_of)
    table = period.lake.read(contracts.LABELS, [month for month in months if month >= first])
    labels: pd.DataFrame = table.to_pandas()
    known = newest_matured(period.as_of, mob, period.policy.outcome.reporting_lag)
    matured = [month for month in cohorts if month <= known]
    wanted = (labels.mob == mob) & labels.bad.notna() & labels.cohort.isin(matured)
    return labels.loc[wanted, ["application_id", "loan_id", "cohort", "bad"]]


def _features_of(period: Period, applications: set[str], upto: date) -> pd.DataFrame:
    """Rows of gold features, newest month first: most loans begin in the month applied for."""
    contract, left = contracts.features(period.portfolio), set(applications)
    found: list[pd.DataFrame] = [contract.arrow.empty_table().to_pandas()]
    for month in reversed(period.lake.months(contract.table, upto=upto)):
        if not left:
            break
        frame = period.lake.read(contract, [month]).to_pandas()
        frame = frame[frame.application_id.isin(left)]
        left -= set(frame.application_id)
        found.append(frame)
    filled = [frame for frame in found if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else found[0]
