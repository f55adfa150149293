"""Outcomes of loans, read alike by whoever measures: once each, by one definition of bad."""

from collections import Counter
from datetime import date

import pandas as pd
import pytest

from creditrisk.contracts import LABELS, features
from creditrisk.model.known_outcomes import label_commits
from creditrisk.model.matured_loans import outcomes
from creditrisk.period import freeze
from creditrisk.records.card import Label
from creditrisk.stages.decision.evidence_needed import _newest_first
from creditrisk.stages.training.dataset import labelled
from creditrisk.stages.validation.window_rows import read_rows
from tests.builders.small_lender import fill, rewrite, small_period, small_policy
from tests.builders.versions import at_month

APRIL, FEBRUARY, MARCH = date(2024, 4, 1), date(2024, 2, 1), date(2024, 3, 1)
DECEMBER, COHORT = date(2023, 12, 1), date(2024, 1, 1)
LAGGING = small_policy("outcome: {reporting_lag: 1}")
STRICTER = small_policy("outcome: {missed_instalments: 2}")
LABEL = Label(mob=3, missed_instalments=1)


def in_windows(period):
    return read_rows(period, [DECEMBER, COHORT], 3, LABEL).frame


def in_monitoring(period):
    return pd.concat([outcomes(period, [c], 3, LABEL).labels for c in (DECEMBER, COHORT)])


def in_training(period):
    found = labelled(period, [*label_commits(period, period.lake.months(LABELS.table))])
    return found[found["cohort"].isin([DECEMBER, COHORT])]


READERS = pytest.mark.parametrize("read", [in_windows, in_monitoring, in_training])


@pytest.fixture
def period(tmp_path):
    """April's labels hold the cohort of March's again: the lag became a month in between."""
    found = small_period(tmp_path, APRIL)
    freeze(found.store, LAGGING, found.portfolio)
    fill(found)
    before = found.lake.read(LABELS, [MARCH]).to_pandas()
    again = before.assign(snapshot_date=APRIL, bad=1)
    rewrite(found, LABELS, [APRIL], lambda _: again, {"outcome": LAGGING.outcome.sha})
    return at_month(found, APRIL, LAGGING)


@READERS
def test_a_loan_whose_outcome_is_in_two_months_counts_once(period, read):
    assert set(Counter(read(period)["loan_id"]).values()) == {1}
    assert len(read(period)) == 400


@pytest.mark.parametrize("read", [in_monitoring, in_training])
def test_the_newer_month_tells_the_outcome(period, read):
    assert read(period)["bad"].sum() == 400


def test_windows_are_judged_by_the_newer_month_too(period):
    assert read_rows(period, [DECEMBER], 3, LABEL).bads == 400


def test_evidence_is_not_counted_twice(period):
    *_, bads = _newest_first(period)
    assert len(bads[DECEMBER]) == 400


@READERS
def test_outcomes_by_another_definition_are_none(tmp_path, read):
    found = small_period(tmp_path, APRIL)
    freeze(found.store, STRICTER, found.portfolio)
    fill(found)
    rewrite(found, LABELS, [APRIL], lambda rows: rows, {"outcome": STRICTER.outcome.sha})
    assert set(read(found)["cohort"]) == {DECEMBER}


def test_a_window_has_an_application_as_it_was_when_its_loan_began(tmp_path):
    """Delivered again in February, when the loan was a month old: that is later knowledge."""
    period = small_period(tmp_path, APRIL)
    fill(period)
    contract = features(period.portfolio)
    seen = period.lake.read(contract, [COHORT]).to_pandas().head(7)
    later = seen.assign(snapshot_date=FEBRUARY, income=1.0)
    rewrite(period, contract, [FEBRUARY], lambda rows: pd.concat([rows, later]))
    found = read_rows(period, [COHORT, FEBRUARY], 3, LABEL).frame
    assert (len(found), found["income"].min() > 1) == (400, True)
