"""The leakage scan: what knows more than an application knew stops the training.

Four leaks are looked for: a feature dated after its application; a delivered column that
alone nearly tells the outcome; an outcome told before it can be known; and anything fitted on
rows of the out-of-time windows. Each raises a `LeakageError` that names what leaks and the next
move. What is fitted on outcomes (pooled event evidence) may honestly rank better than any
column: it is judged out-of-fold, and the card tells its AUC.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.calendar import add_months
from creditrisk.contracts import PARTITION
from creditrisk.errors import GateError
from creditrisk.lake import Commit
from creditrisk.metrics.discrimination import auc
from creditrisk.metrics.stability import FrozenBins
from creditrisk.model.matrix import MISSING, mask_unavailable
from creditrisk.model.scorecard import bin_index
from creditrisk.model.split import Split
from creditrisk.policy import Development
from creditrisk.portfolio import Events, Portfolio
from creditrisk.records.development import LeakageScan
from creditrisk.stages.training.event_scores import FOLDS, customer_folds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BINS = 20  # of a number, for an outcome that lies in its middle


class LeakageError(GateError):
    """Training would learn from the future."""


@dataclass(frozen=True)
class DeliveredColumn:
    """A delivered column: its key in the portfolio, its gold feature, why it is excused."""

    key: str
    feature: str
    excuse: str


def refuse_single_columns(
    train: pd.DataFrame, dev: Development, portfolio: Portfolio
) -> LeakageScan:
    """Rank the outcomes of train rows by each delivered column alone.

    Numbers in either direction and by bins, categories by their out-of-fold share of bads;
    missing is a level of its own. Columns above `leakage_auc` are refused unless the portfolio says
    why they are known at application. With fewer than `leakage_min_bads` bads (or goods) no
    column is judged.
    """
    bad = train["bad"].to_numpy(dtype=np.int64)
    judged = min(bad.sum(), len(bad) - bad.sum()) >= dev.leakage_min_bads
    if not judged:
        return LeakageScan(limit=dev.leakage_auc, bads=int(bad.sum()))
    folds = customer_folds(train["customer_id"])
    power: dict[str, float] = {}
    above: dict[str, DeliveredColumn] = {}
    for column, values in _delivered(mask_unavailable(train, portfolio), portfolio):
        found = column_auc(values, bad, folds)
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


def column_auc(values: "pd.Series[Any]", bad: IntArray, folds: IntArray) -> float:
    """How well one column ranks `bad`: 0.5 nothing, 1 everything. A text column is a category."""
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        levels = values.astype(object).where(values.notna(), MISSING).astype(str)
        return _by_level(np.unique(levels, return_inverse=True)[1], bad, folds)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    present = numbers[np.isfinite(numbers)]
    if not len(present):
        return 0.5
    areas = [
        auc(bad, np.where(np.isfinite(numbers), numbers, end))
        for end in (present.min() - 1, present.max() + 1)
    ]
    level = bin_index(numbers, FrozenBins.numeric(numbers, BINS).edges)
    return max(*areas, *(1 - area for area in areas), _by_level(level, bad, folds))


def refuse_late_sources(commits: Sequence[Commit]) -> None:
    """Features of a month are made from nothing newer than that month, by their lineage."""
    for commit in commits:
        late = [name for name in commit.inputs if _month_of(name) > commit.month]
        if late:
            raise LeakageError(
                f"leakage: {commit.table} {commit.month} was made from {late[0]}, which is later"
                " than its applications; run that month's ETL again on what it knew"
            )


def refuse_late_applications(rows: pd.DataFrame) -> None:
    """No application is later than the loan it led to."""
    late = rows[rows[PARTITION] > rows["cohort"]]
    if len(late):
        raise LeakageError(
            f"leakage: application {late.iloc[0]['application_id']} is dated"
            f" {late.iloc[0][PARTITION]}, after its loan began ({late.iloc[0]['cohort']});"
            f" {len(late)} rows would tell the future: correct the application months"
        )


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


def refuse_shared_loans(labels: pd.DataFrame, split: Split) -> None:
    """No loan is both fitted on and judged on, as one whose start was restated would be."""
    oot = labels["cohort"].isin([month for window in split.windows for month in window])
    fitted = labels["cohort"].isin([*split.train, *split.validation])
    shared = sorted(set(labels["loan_id"][oot]) & set(labels["loan_id"][fitted]))
    if shared:
        raise LeakageError(
            f"leakage: loan {shared[0]} has outcomes in a development cohort and in an"
            f" out-of-time window ({len(shared)} such loans); correct its start in the servicer's"
            " table"
        )


def _by_level(level: IntArray, bad: IntArray, folds: IntArray) -> float:
    """AUC of the share of bads of each row's level, as the other customers' folds have it."""
    share = np.empty(len(bad))
    size = int(level.max()) + 1
    for fold in range(FOLDS):
        held = folds == fold
        rows = np.bincount(level[~held], minlength=size)
        bads = np.bincount(level[~held], weights=bad[~held], minlength=size)
        base = bad[~held].mean() if len(bad[~held]) else 0.0
        share[held] = ((bads + base) / (rows + 1))[level[held]]
    return auc(bad, share)


def _delivered(
    rows: pd.DataFrame, portfolio: Portfolio
) -> Iterator[tuple[DeliveredColumn, "pd.Series[Any]"]]:
    """Every delivered column a model may use, as it lies in gold; events as sum and as mean."""
    for feature in portfolio.features:
        if feature.column and not feature.protected:
            spec = portfolio.sources[feature.source].columns[feature.column]
            key = f"sources.{feature.source}.columns.{feature.column}"
            yield DeliveredColumn(key, feature.name, spec.known_at_application), rows[feature.name]
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
    move = (
        "leave the column out (excluded: true) or say there why it is known at application"
        " (known_at_application: REASON)"
        if ".columns." in worst.key
        else "correct its dates or leave the source out"
    )
    return (
        f"leakage: {worst.key} alone ranks the outcomes of train with AUC"
        f" {power[worst.feature]:.3f} ({n} bads, limit {dev.leakage_auc:.2f}){also}; {move}"
    )


def _month_of(name: str) -> str:
    """The month of an input called `table/2024-01-01`; of any other, nothing."""
    found = re.search(r"/(\d{4}-\d\d-\d\d)$", name)
    return found[1] if found else ""
