"""The leakage scan: what knows more than an application knew stops the training.

Four leaks are looked for: a feature dated after its application; a column, or a ratio of two,
that alone nearly gives the outcome; an outcome reported before it can be known; and anything fitted
on rows of the out-of-time windows. Each raises a `LeakageError` that names what leaks and the
next move, but a few loans with wrong dates are set aside. What is fitted on outcomes (pooled
event evidence) may honestly rank better than any column: it is judged out-of-fold, and the card
has its AUC.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.calendar_month import add_months
from creditrisk.contracts import PARTITION
from creditrisk.errors import GateError
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.model.cohort_split import Split
from creditrisk.model.mask_states import mask_unavailable
from creditrisk.policy import Development
from creditrisk.portfolio import Events, Portfolio
from creditrisk.records.learning import LeakageScan
from creditrisk.stages.training.event_scores import customer_folds
from creditrisk.stages.training.single_column import column_auc

log = logging.getLogger(__name__)


class LeakageError(GateError):
    """Training would learn from the future."""


@dataclass(frozen=True)
class DeliveredColumn:
    """What is judged alone: its key in the portfolio, its gold feature, why it is excused."""

    key: str
    feature: str
    excuse: str


def refuse_single_columns(
    train: pd.DataFrame, dev: Development, portfolio: Portfolio
) -> LeakageScan:
    """Rank the outcomes of train rows by each delivered column, and each ratio, alone.

    Those whose `column_auc` is above `leakage_auc` are refused unless the portfolio says why they
    are known at application. With fewer than `leakage_min_bads` bads (or goods), those of one
    customer counted as what they are worth, no column is judged.
    """
    bad = train["bad"].to_numpy(dtype=np.int64)
    if _worth_of_rarer(bad, train["customer_id"]) < dev.leakage_min_bads:
        return LeakageScan(limit=dev.leakage_auc, bads=int(bad.sum()))
    folds = customer_folds(train["customer_id"])
    power: dict[str, float] = {}
    above: dict[str, DeliveredColumn] = {}
    for column, values in _judged(mask_unavailable(train, portfolio), portfolio):
        found = column_auc(values, bad, folds, dev.seed)
        power[column.feature] = round(max(found, power.get(column.feature, 0.0)), 6)
        if found > dev.leakage_auc:
            above[column.feature] = column
    refused = [column for column in above.values() if not column.excuse]
    if refused:
        raise LeakageError(_leak(refused, power, dev, int(bad.sum())))
    return LeakageScan(
        limit=dev.leakage_auc,
        bads=int(bad.sum()),
        columns=power,
        excused={name: column.excuse for name, column in above.items()},
    )


def _worth_of_rarer(bad: NDArray[np.int64], customers: "pd.Series[str]") -> float:
    """Independent bads, or goods where they are fewer, at most."""
    each = (customers[bad == outcome] for outcome in (0, 1))
    return min(independent(clusters(own), len(own)) for own in each)


def refuse_late_sources(commits: Sequence[Commit]) -> None:
    """Features of a month are made from nothing newer than that month, by their lineage."""
    for commit in commits:
        late = [name for name in commit.inputs if _month_of(name) > commit.month]
        if late:
            raise LeakageError(
                f"leakage: {commit.table} {commit.month} was made from {late[0]}, which is later"
                " than its applications; run that month's ETL again on what it knew"
            )


def without_late_applications(rows: pd.DataFrame, dev: Development) -> pd.DataFrame:
    """Rows but those of loans that began before their application."""
    late = rows[PARTITION] > rows["cohort"]
    what = "began before their application; correct the months of the applications"
    return _without(rows, late, "application_id", what, dev.max_set_aside_share)


def without_restated_loans(labels: pd.DataFrame, dev: Development) -> pd.DataFrame:
    """Labels but those of loans with outcomes in two cohorts: learned from and judged on alike."""
    restated = labels.groupby("loan_id")["cohort"].transform("nunique") > 1
    what = "have outcomes in two cohorts; correct their start, or number each loan once"
    return _without(labels, restated, "loan_id", what, dev.max_set_aside_share)


def refuse_late_events(events: Events, features: pd.DataFrame, history: pd.DataFrame) -> None:
    """No application of a month counts more events than its customer's history of that month."""
    known = history.set_index("customer_id")[events.count]
    had = features["customer_id"].map(known).fillna(0)
    late = features[features[events.count].fillna(0).to_numpy() > had.to_numpy()]
    if len(late):
        first = late.iloc[0]
        raise LeakageError(
            f"leakage: application {first['application_id']} counts {first[events.count]:.0f}"
            f" {events.name} events, its customer had {had[late.index[0]]:.0f} by"
            f" {first[PARTITION]} ({len(late)} such rows); sources.{events.name} brings events"
            " dated after the application: correct their dates and run that month's ETL again"
        )


def refuse_early_outcomes(labels: pd.DataFrame) -> None:
    """No outcome is on record before its loan has been `mob` months on book."""
    known = [add_months(c, int(m)) for c, m in zip(labels["cohort"], labels["mob"], strict=True)]
    early = labels[labels[PARTITION].to_numpy() < np.array(known, dtype=object)]
    if len(early):
        first = early.iloc[0]
        raise LeakageError(
            f"leakage: loan {first['loan_id']} of {first['cohort']} has an outcome at"
            f" {first['mob']} months on book on record in {first[PARTITION]}, before it can be"
            f" known ({len(early)} such loans); correct gold/labels of that month"
        )


def refuse_out_of_time(fitted: Sequence[date], split: Split) -> None:
    """Nothing was fitted on a cohort of the windows, or on a later one."""
    first = min(month for window in split.windows for month in window)
    seen = sorted(month for month in fitted if month >= first)
    if seen:
        raise LeakageError(
            f"leakage: cohort {seen[0]:%Y-%m} was fitted on, and the out-of-time windows begin in"
            f" {first:%Y-%m}; train a new model, or wait until three windows lie after"
            f" {seen[-1]:%Y-%m}"
        )


def _without(
    rows: pd.DataFrame, wrong: "pd.Series[bool]", key: str, what: str, most: float
) -> pd.DataFrame:
    """Rows without the `wrong` ones; more than a share of `most` of them is a `LeakageError`."""
    if not wrong.any():
        return rows
    text = f"{wrong.sum():,} of {len(rows):,} loans (first {rows.loc[wrong, key].iloc[0]}) {what}"
    if wrong.mean() > most:
        raise LeakageError(
            f"leakage: {text}; at most {most:.1%} are set aside (development.max_set_aside_share)"
        )
    log.warning("set aside: %s", text)
    return rows[~wrong]


def _judged(
    rows: pd.DataFrame, portfolio: Portfolio
) -> Iterator[tuple[DeliveredColumn, "pd.Series[Any]"]]:
    """Every column and ratio a model may use, as it lies in gold; events as sum and as mean."""
    known: dict[str, str] = {}
    for feature in portfolio.features:
        if feature.protected:
            continue
        if feature.column:
            spec = portfolio.sources[feature.source].columns[feature.column]
            key = f"sources.{feature.source}.columns.{feature.column}"
            excuse = known[feature.name] = spec.known_at_application
        else:
            key = f"derived.{feature.name}"
            reasons = [known.get(part, "") for part in portfolio.derived[feature.name].ratio]
            excuse = "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""
        yield DeliveredColumn(key, feature.name, excuse), rows[feature.name]
    for events in portfolio.events:
        count = rows[events.count].astype("float64")
        yield DeliveredColumn(f"sources.{events.name}", events.count, ""), count
        source = portfolio.sources[events.name]
        by_name = {source.name_of(column): column for column in source.columns}
        for name, total in zip(events.columns, events.sums, strict=True):
            column = by_name[name]
            excuse = source.columns[column].known_at_application
            found = DeliveredColumn(f"sources.{events.name}.columns.{column}", total, excuse)
            yield found, rows[total]
            yield found, rows[total].astype("float64") / count.where(count > 0)


def _leak(
    refused: Sequence[DeliveredColumn], power: Mapping[str, float], dev: Development, n: int
) -> str:
    worst = max(refused, key=lambda column: power[column.feature])
    others = sorted({column.key for column in refused} - {worst.key})
    also = f" (so do {', '.join(others)})" if others else ""
    return (
        f"leakage: {worst.key} alone ranks the outcomes of train with AUC"
        f" {power[worst.feature]:.3f} ({n} bads, limit {dev.leakage_auc:.2f}){also};"
        f" {_move(worst.key)}"
    )


def _move(key: str) -> str:
    if key.startswith("derived."):
        return (
            "leave the ratio out or say of both its columns why they are known at application"
            " (known_at_application: REASON)"
        )
    if ".columns." in key:
        return (
            "leave the column out (excluded: true) or say there why it is known at application"
            " (known_at_application: REASON)"
        )
    return "correct its dates or leave the source out"


def _month_of(name: str) -> str:
    """The month of an input called `table/2024-01-01`; of any other, nothing."""
    found = re.search(r"/(\d{4}-\d\d-\d\d)$", name)
    return found[1] if found else ""
