"""The matured cohorts an outcome axis may look at: the newest, pooled until they hold enough."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np
import pandas as pd

from creditrisk.contracts import features
from creditrisk.lake import Commit
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.mask_states import mask_states
from creditrisk.model.matured_loans import applications_behind, newest_matured, outcomes
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.period import Period
from creditrisk.policy import Monitoring
from creditrisk.records.card import Label
from creditrisk.stages.monitoring.finding import Mode


@dataclass(frozen=True, eq=False)
class MaturedCohorts:
    """Loans with a known outcome: rows of gold features with `bad`; `cohorts` oldest first."""

    rows: pd.DataFrame
    cohorts: tuple[date, ...] = ()
    excluded: int = 0  # a source was down, and the version may not score without it
    unknown: int = 0  # loans without an outcome, though the cohort has matured
    label_as_of: date | None = None  # newest month an outcome used became known in
    commits: tuple[Commit, ...] = ()

    @property
    def bad(self) -> IntArray:
        return self.rows["bad"].to_numpy(dtype=np.int64)

    @property
    def cluster(self) -> IntArray | None:
        """A number for each customer; None: nobody has two loans."""
        return clusters(self.rows["customer_id"]) if len(self.rows) else None

    @property
    def span(self) -> str:
        """First and last cohort; empty without any."""
        return cohort_span(self.cohorts)

    @property
    def description(self) -> str:
        """The cohorts in a sentence; there must be one."""
        first, last = f"{self.cohorts[0]:%Y-%m}", f"{self.cohorts[-1]:%Y-%m}"
        return f"cohort {first}" if first == last else f"cohorts {first} to {last}"


def cohort_span(cohorts: Sequence[date]) -> str:
    """`2024-01..2024-03`."""
    return f"{cohorts[0]:%Y-%m}..{cohorts[-1]:%Y-%m}" if cohorts else ""


def shortage(y: IntArray, limits: Monitoring, mode: Mode, cluster: IntArray | None = None) -> str:
    """What is missing before outcomes count as evidence; empty where nothing is.

    The plain mode asks for one bad and one good only: thresholds alone decide. `cluster` numbers
    loans of one customer, which may all be one event.
    """
    bads, goods = int(y.sum()), int((y == 0).sum())
    short = shortage_of(bads, goods, limits, mode)
    if short or cluster is None:
        return short
    worth = independent(cluster[y == 1], bads), independent(cluster[y == 0], goods)
    short = shortage_of(*worth, limits, mode)
    return f"{short} (loans: {bads:,} and {goods:,}, many of one customer)" if short else ""


def shortage_of(bads: float, goods: float, limits: Monitoring, mode: Mode) -> str:
    """The same of counts."""
    min_bads, min_goods = (limits.min_bads, limits.min_goods) if mode == "significant" else (1, 1)
    if bads >= min_bads and goods >= min_goods:
        return ""
    return f"{bads:,.0f} bads and {goods:,.0f} goods, {min_bads} and {min_goods} needed"


def level_shortage(
    y: IntArray, limits: Monitoring, mode: Mode, cluster: IntArray | None = None
) -> str:
    """What a level lacks: bads alone. Ranking needs goods; that all are bad is the worst level."""
    bads = int(y.sum())
    worth = independent(None if cluster is None else cluster[y == 1], bads)
    short = level_shortage_of(worth, int((y == 0).sum()), limits, mode)
    many = f" (loans: {bads:,}, many of one customer)" if short and worth < bads else ""
    return short + many


def level_shortage_of(bads: float, goods: float, limits: Monitoring, mode: Mode) -> str:
    """The same of counts."""
    needed = limits.min_bads if mode == "significant" else 1
    return (
        "" if bads >= needed else f"{bads:,.0f} bads and {goods:,.0f} goods, {needed} bads needed"
    )


def matured_cohorts(
    period: Period,
    mob: int,
    newer_than: date,
    validated: ValidatedStates,
    label: Label | None = None,
) -> MaturedCohorts:
    """Pool cohorts newer than `newer_than`, newest first, until they are enough or too many.

    The sample a red needs decides in either mode, so that both judge the same loans. Where
    snapshots are rarer than months, cohorts are seen at other ages: whole cycles are pooled.
    """
    limits, cycle = period.policy.monitoring, period.portfolio.cycle
    newest = newest_matured(period.as_of, mob, period.policy.outcome.reporting_lag)
    months = _with_applications(period, newest, limits.max_pooled_cohorts)
    pool = MaturedCohorts(pd.DataFrame({"bad": np.empty(0, dtype=np.int64)}))
    newer = [month for month in months if month > newer_than]
    for number, cohort in enumerate(reversed(newer[len(newer) % cycle :])):
        if number % cycle == 0 and not shortage(pool.bad, limits, "significant", pool.cluster):
            break
        pool = _joined(_cohort(period, cohort, mob, validated, label), pool)
    return pool


def with_missed(
    period: Period,
    pool: MaturedCohorts,
    measured: Collection[date],
    newer_than: date,
    validated: ValidatedStates,
    label: Label,
) -> MaturedCohorts:
    """The pool with the cohorts no month has `measured`, whose outcomes are known by now.

    A month was not run, outcomes came late, or a version waited for its promotion.
    """
    newest = newest_matured(period.as_of, label.mob, period.policy.outcome.reporting_lag)
    seen = {*measured, *pool.cohorts}
    for cohort in reversed(_with_applications(period, newest)):
        if cohort > newer_than and cohort not in seen:
            missed = _cohort(period, cohort, label.mob, validated, label)
            pool = _joined(missed, pool) if len(missed.rows) else pool
    return pool


def _with_applications(period: Period, upto: date, most: int | None = None) -> list[date]:
    """The months that somebody applied in, the newest, oldest first."""
    lake, table = period.lake, features(period.portfolio).table
    months = reversed(lake.months(table, upto=upto))
    return list(islice((m for m in months if lake.need(table, m).rows), most))[::-1]


def _cohort(
    period: Period, cohort: date, mob: int, validated: ValidatedStates, label: Label | None
) -> MaturedCohorts:
    known = outcomes(period, [cohort], mob, label)
    labels = known.labels.rename(columns={"snapshot_date": "known_in"})
    frame, commits = applications_behind(period, labels)
    rows = labels[["loan_id", "application_id", "cohort", "bad", "known_in"]].merge(
        frame, how="inner", on=["application_id", "cohort"]
    )
    # sums of PDs must not depend on the order rows lie in
    rows = rows.sort_values(["application_id", "loan_id"], ignore_index=True)
    measured = validated.may_score(mask_states(rows, period.portfolio))
    rows, excluded = rows[measured], int((~measured).sum())
    return MaturedCohorts(
        rows=rows,
        cohorts=(cohort,),
        excluded=excluded,
        unknown=known.unknown,
        label_as_of=max(rows["known_in"], default=None),
        commits=(*known.commits, *commits),
    )


def _joined(older: MaturedCohorts, newer: MaturedCohorts) -> MaturedCohorts:
    frames = [pool.rows for pool in (older, newer) if len(pool.rows)]
    known = [pool.label_as_of for pool in (older, newer) if pool.label_as_of]
    return MaturedCohorts(
        rows=pd.concat(frames, ignore_index=True) if frames else newer.rows,
        cohorts=(*older.cohorts, *newer.cohorts),
        excluded=older.excluded + newer.excluded,
        unknown=older.unknown + newer.unknown,
        label_as_of=max(known, default=None),
        commits=(*older.commits, *newer.commits),
    )
