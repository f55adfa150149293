"""What a model takes before it can be trained and judged: cohorts that have matured, and bads."""

from collections.abc import Collection, Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.contracts import LABELS
from creditrisk.model.cohort_split import (
    Bads,
    NotEnoughEvidenceError,
    Split,
    bads_of,
    split_cohorts,
)
from creditrisk.model.known_outcomes import label_commits
from creditrisk.period import Period
from creditrisk.records.decision import Action


def cohorts_needed(period: Period) -> int:
    """Matured cohorts a first model takes: train, validation, three windows."""
    development = period.policy.development
    windows = development.oot_windows * development.oot_months
    return development.min_train_cohorts + development.validation_cohorts + windows


def first_model(period: Period) -> tuple[int, str]:
    """Matured cohorts, newest first, no further than a first model needs; and what it lacks."""
    needed, shortage = cohorts_needed(period), ""
    bads: Bads = {}
    for bads in _newest_first(period):
        if len(bads) >= needed:
            shortage = _split(period, bads)[1]
            if not shortage:
                break
    return len(bads), shortage


def challenger_lacks(period: Period, action: Action, trained: Collection[date]) -> str:
    """Why there is not the evidence to train a challenger and to judge it; empty where there is.

    `trained`: cohorts that the champion's trees have learnt from; they calibrate no
    recalibration.
    """
    recalibrates = action == "recalibrate"
    shortage = "not enough evidence: no outcome by the policy's definition of bad is known yet"
    for bads in _newest_first(period):
        split, shortage = _split(period, bads, 0 if recalibrates else None)
        if split and recalibrates and not {*split.validation} - {*trained}:
            return (
                "not enough evidence: the champion's trees have learnt from every cohort that may"
                " recalibrate them; wait for one more cohort to mature"
            )
        if split:
            break
    return shortage


def _newest_first(period: Period) -> Iterator[Bads]:
    """Bads of the matured cohorts, with those of one month of outcomes more each time."""
    loans: dict[date, pa.Table] = {}
    months = reversed(period.lake.months(LABELS.table, upto=period.as_of))
    for commit in label_commits(period, months):
        labels = period.lake.read_commits(LABELS, [commit])
        labels = labels.filter(pc.field("mob") == period.policy.outcome.mob)
        for cohort in labels["cohort"].unique().to_pylist():
            own = labels.filter(pc.field("cohort") == cohort)
            if newer := loans.get(cohort):  # as in `model.matured_loans.once`
                again = pc.is_in(own["loan_id"], newer["loan_id"].combine_chunks())
                own = pa.concat_tables([newer, own.filter(pc.invert(again))])
            loans[cohort] = own
        bad = pa.concat_tables(
            [labels[:0], *(o.filter(pc.field("bad") == 1) for o in loans.values())]
        )
        known = [month for month, own in loans.items() if own["bad"].null_count < len(own)]
        yield bads_of(bad.select(["cohort", "customer_id"]).to_pandas(), known)


def _split(period: Period, bads: Bads, train_needed: int | None = None) -> tuple[Split | None, str]:
    """The split that cohorts with so many bads allow; else what they lack, mostly bads."""
    try:
        return split_cohorts(bads, period.policy.development, train_needed), ""
    except NotEnoughEvidenceError as error:
        return None, str(error)
