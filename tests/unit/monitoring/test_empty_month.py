"""A month in which nobody applied: scored and measured like any other."""

from datetime import date

import pandas as pd
import pytest

from creditrisk import contracts
from creditrisk.calendar_month import month_range
from creditrisk.model.validated_states import validated_states
from creditrisk.period import Period
from creditrisk.stages.monitoring.matured_cohorts import matured_cohorts
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.scoring.score import score
from tests.builders.small_lender import fill, rewrite, small_period
from tests.builders.trained_version import install

PAUSE = tuple(month_range(date(2023, 11, 1), date(2024, 3, 1)))
BEFORE = date(2023, 10, 1)  # the last month with applications, unseen by the version


@pytest.fixture(scope="module")
def period(tmp_path_factory) -> Period:
    """The trained version's lender; nobody has applied for five months."""
    period = small_period(tmp_path_factory.mktemp("pause"), PAUSE[-1])
    fill(period)
    rewrite(period, contracts.features(period.portfolio), PAUSE, lambda rows: rows.iloc[:0])
    return period


@pytest.fixture(scope="module")
def found(period: Period) -> pd.DataFrame:
    version = install(period)
    assert score(period, version).rows == 0
    commit = monitor(period, version)
    rows = period.lake.read_commits(contracts.FINDINGS, [commit]).to_pandas()
    return rows[rows.segment == "all"].set_index("metric")


def test_the_cohorts_that_mature_are_measured(found: pd.DataFrame) -> None:
    assert found.loc["axis:discrimination"].state == "green"
    assert found.loc["axis:calibration"].state == "green"
    assert found.loc["axis:discrimination"].cohort == f"{BEFORE:%Y-%m}..{BEFORE:%Y-%m}"


def test_what_compares_applications_has_nothing_to_say(found: pd.DataFrame) -> None:
    assert found.loc["axis:stability"].state == "insufficient"
    assert found.loc["applications"].value == 0


def test_months_without_applications_are_no_cohorts(period: Period) -> None:
    pool = matured_cohorts(
        period, 3, date(2023, 9, 1), validated_states(period.store, install(period))
    )
    assert pool.cohorts == (BEFORE,)
    assert len(pool.rows) == 400
