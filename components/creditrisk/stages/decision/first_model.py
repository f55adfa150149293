"""What a model takes that is trained from nothing: cohorts that have matured, and bads."""

from datetime import date

import pandas as pd
import pyarrow.compute as pc

from creditrisk.contracts import LABELS
from creditrisk.model.cohort_split import Bads, NotEnoughEvidenceError, bads_of, split_cohorts
from creditrisk.period import Period
from creditrisk.policy import Development


def cohorts_needed(period: Period) -> int:
    """Matured cohorts a first model takes: train, validation, three windows."""
    development = period.policy.development
    windows = development.oot_windows * development.oot_months
    return development.min_train_cohorts + development.validation_cohorts + windows


def first_model(period: Period) -> tuple[int, str]:
    """Matured cohorts, newest first, no further than a first model needs; and what it lacks."""
    bad_loans: list[pd.DataFrame] = []
    cohorts: set[date] = set()
    shortage = ""
    for month in reversed(period.lake.months(LABELS.table, upto=period.as_of)):
        labels = period.lake.read(LABELS, [month])
        of_mob = pc.equal(labels["mob"], period.policy.outcome.mob)
        known = labels.filter(pc.and_(of_mob, labels["bad"].is_valid()))
        cohorts.update(known["cohort"].unique().to_pylist())
        bad = known.filter(pc.equal(known["bad"], 1)).select(["cohort", "customer_id"])
        bad_loans.append(bad.to_pandas())
        if len(cohorts) < cohorts_needed(period):
            continue
        bads = bads_of(pd.concat(bad_loans, ignore_index=True), cohorts)
        shortage = _shortage(bads, period.policy.development)
        if not shortage:
            break
    return len(cohorts), shortage


def _shortage(bads: Bads, development: Development) -> str:
    """Why cohorts with so many bads do not make a first model; where bads are rare, mostly."""
    try:
        split_cohorts(bads, development)
    except NotEnoughEvidenceError as error:
        return str(error)
    return ""
