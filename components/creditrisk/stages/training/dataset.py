"""Rows a model may learn from, and nothing else.

Outcomes of the out-of-time windows are read for one purpose: how many bads a cohort holds
decides how wide the windows are. They leave this module as counts only; of the newest window the
features alone go on, into the frozen profile.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from creditrisk import contracts
from creditrisk.contracts import LABELS, PARTITION
from creditrisk.errors import UserError
from creditrisk.lake import Commit
from creditrisk.model.cohort_split import NotEnoughEvidenceError, Split, bads_of, split_cohorts
from creditrisk.model.known_outcomes import label_commits
from creditrisk.model.matured_loans import newest_matured, once
from creditrisk.period import Period
from creditrisk.stages.training import leakage

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows of gold features, sorted by application.

    `train` and `validation` also have `cohort` and `bad` (0, 1); `reference` is every
    application of the `reference_months`, without outcomes. `data_version` maps the
    manifest of each commit read to its digest. No part holds the labelled loans that `unmatched`
    counts (without features), `late` (began before their application) and `restated` (outcomes in
    two cohorts). `dated` counts the months whose event counts were held against the event history
    of that month.
    """

    split: Split
    train: pd.DataFrame
    validation: pd.DataFrame
    reference: pd.DataFrame
    reference_months: tuple[date, ...]
    data_version: Mapping[str, str]
    unmatched: int
    late: int
    restated: int
    dated: int


def load_dataset(
    period: Period,
    train_needed: int | None = None,
    *,
    whole: bool = False,
    reference_months: tuple[date, ...] = (),
) -> Dataset:
    """Read what `as_of` allows; `train_needed` as in `split_cohorts`.

    `reference_months`: by default the newest window's. `whole`: every matured cohort is train,
    those of the windows included, and none validation. Too little is a `NotEnoughEvidenceError`;
    what knows the future a `LeakageError`.
    """
    outcomes = [*label_commits(period, period.lake.months(LABELS.table, period.as_of))]
    found = labelled(period, outcomes)
    labels = leakage.without_restated_loans(found, period.policy.development)
    cohorts: list[date] = sorted(set(labels["cohort"]))
    bads = bads_of(labels[labels["bad"] == 1], cohorts)
    split = split_cohorts(bads, period.policy.development, train_needed)
    table = contracts.features(period.portfolio)
    upto = max(split.windows[-1] if whole else split.validation)
    commits = _commits(period, table.table, period.lake.months(table.table, upto))
    reference_months = reference_months or tuple(split.windows[-1])
    newest = _commits(period, table.table, reference_months)
    leakage.refuse_late_sources(commits)
    features = period.lake.read_commits(table, commits).to_pandas()
    development = labels[labels["cohort"] <= upto].drop(columns="customer_id")  # features have it
    matched = _as_they_began(features.merge(development, on="application_id", how="inner"))
    unmatched = len(development) - len(matched)
    log.info("%d labelled loans, %d of them without features", len(development), unmatched)
    rows = leakage.without_late_applications(matched, period.policy.development)
    reference = period.lake.read_commits(table, newest).to_pandas()
    if reference.empty:
        raise UserError(f"gold/features has no rows in {reference_months}; run those months' ETL")
    read = {commit.key: commit.digest for commit in [*outcomes, *commits, *newest]}
    return Dataset(
        split=split,
        train=_of(rows, cohorts if whole else split.train),
        validation=_of(rows, [] if whole else split.validation),
        reference=_sorted(reference),
        reference_months=reference_months,
        data_version=dict(sorted(read.items())),
        unmatched=unmatched,
        late=len(matched) - len(rows),
        restated=len(found) - len(labels),
        dated=sum(_dated(period, commit, features) for commit in commits),
    )


def _as_they_began(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a loan, of an application delivered in several months: as last known at its start."""
    late = rows[PARTITION] > rows["cohort"]
    in_order = rows.assign(late=late).sort_values(["late", PARTITION], ascending=[False, True])
    loans = in_order.drop_duplicates(["loan_id", "cohort"], keep="last")
    return loans.drop(columns="late")


def labelled(period: Period, commits: Sequence[Commit]) -> pd.DataFrame:
    """Loans whose outcome of the policy's `mob` is known and reported at `as_of`."""
    outcome = period.policy.outcome
    labels: pd.DataFrame = period.lake.read_commits(LABELS, commits).to_pandas()
    labels = once(labels[labels["mob"] == outcome.mob])
    labels = labels[labels["bad"].notna()]
    leakage.refuse_early_outcomes(labels)
    newest = newest_matured(period.as_of, outcome.mob, outcome.reporting_lag)
    labels = labels[labels["cohort"] <= newest]
    if labels.empty:
        raise NotEnoughEvidenceError(
            f"not enough evidence: no outcome at {outcome.mob} months on book is known at"
            f" {period.as_of} by the policy's definition of bad; the first cohort matures"
            f" {outcome.mob + outcome.reporting_lag} months after it starts"
        )
    kept = ["application_id", "loan_id", "customer_id", "cohort", "bad"]
    return labels[kept].astype({"bad": "int64"})


def _dated(period: Period, commit: Commit, features: pd.DataFrame) -> bool:
    """Whether the histories a month's features were made from are there; they are then compared."""
    month = date.fromisoformat(commit.month)
    of_month = features[features[PARTITION] == month].reset_index(drop=True)
    seen = []
    for events in period.portfolio.events:
        contract = contracts.history(events)
        digest = commit.inputs.get(f"{contract.table}/{commit.month}")
        found = [c for c in period.lake.versions(contract.table, month) if c.digest == digest]
        if found:
            history = period.lake.read_commits(contract, found[-1:]).to_pandas()
            leakage.refuse_late_events(events, of_month, history)
        seen.append(bool(found))
    return bool(seen) and all(seen)


def _of(rows: pd.DataFrame, cohorts: Sequence[date]) -> pd.DataFrame:
    return _sorted(rows[rows["cohort"].isin(cohorts)])


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    # the order rows lie in must not reach a model: it is no part of a commit's digest
    keys = [name for name in ("application_id", "loan_id") if name in rows]
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)


def _commits(period: Period, table: str, months: Sequence[date]) -> list[Commit]:
    return [period.lake.need(table, month) for month in months]
