"""What a model takes that is trained from nothing: cohorts that have matured, and bads."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import pyarrow.compute as pc

from creditrisk.contracts import LABELS
from creditrisk.model.cohort_split import NotEnoughEvidenceError, split_cohorts
from creditrisk.period import Period
from creditrisk.policy import Development


def cohorts_needed(period: Period) -> int:
    """Matured cohorts a first model takes: train, validation, three windows."""
    development = period.policy.development
    windows = development.oot_windows * development.oot_months
    return development.min_train_cohorts + development.validation_cohorts + windows


def first_model(period: Period) -> tuple[int, str]:
    """Matured cohorts, newest first, no further than a first model needs; and what it lacks."""
    bads: Counter[date] = Counter()
    shortage = ""
    for month in reversed(period.lake.months(LABELS.table, upto=period.as_of)):
        labels = period.lake.read(LABELS, [month])
        known = pc.and_(
            pc.equal(labels["mob"], period.policy.outcome.mob), labels["bad"].is_valid()
        )
        found = labels.filter(known).group_by("cohort").aggregate([("bad", "sum")])
        bads.update({row["cohort"]: row["bad_sum"] for row in found.to_pylist()})
        if len(bads) < cohorts_needed(period):
            continue
        shortage = _shortage(bads, period.policy.development)
        if not shortage:
            break
    return len(bads), shortage


def _shortage(bads: Mapping[date, int], development: Development) -> str:
    """Why cohorts with so many bads do not make a first model; where bads are rare, mostly."""
    try:
        split_cohorts(bads, development)
    except NotEnoughEvidenceError as error:
        return str(error)
    return ""
