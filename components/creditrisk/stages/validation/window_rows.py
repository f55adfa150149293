"""The rows a version is judged on: loans of its OOT windows, their features and outcomes."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from creditrisk.errors import UserError
from creditrisk.model.matured_loans import (
    MaturedLoans,
    applications_behind,
    newest_matured,
    outcomes,
)
from creditrisk.period import Period
from creditrisk.records.card import Card, Label


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


def read_rows(
    period: Period, cohorts: Sequence[date], mob: int, label: Label | None = None
) -> MaturedLoans:
    """Loans of some cohorts whose outcome is known at `as_of`, with what was known before them.

    By a version's own definition of bad (`label`). A cohort is the month a loan began; loans
    without features are left out.
    """
    known = newest_matured(period.as_of, mob, period.policy.outcome.reporting_lag)
    found = outcomes(period, [month for month in cohorts if month <= known], mob, label).labels
    frame, _ = applications_behind(period, found)
    labels = found[["application_id", "loan_id", "cohort", "bad"]]
    rows = frame.merge(labels, how="inner", on=["application_id", "cohort"])
    rows = rows.sort_values(["cohort", "application_id", "loan_id"], ignore_index=True)
    return MaturedLoans(tuple(sorted(cohorts)), rows, rows.pop("bad").to_numpy(dtype=np.int64))
