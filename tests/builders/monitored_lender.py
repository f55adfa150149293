"""The small lender with a version in use, and what a month's monitoring finds."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from creditrisk.contracts import FINDINGS
from creditrisk.period import Period
from creditrisk.stages.monitoring.monitor import monitor
from tests.builders.small_lender import Scenario, fill, small_period, small_policy
from tests.builders.trained_version import install

AS_OF = date(2024, 3, 1)  # month 14: cohort 11 has matured


def lender(
    folder: Path,
    scenarios: Mapping[int, Scenario] | None = None,
    policy: str = "",
    as_of: date = AS_OF,
    **validated: bool | None,
) -> tuple[Period, str]:
    """A month of it, and the version."""
    period = small_period(folder, as_of, small_policy(policy))
    fill(period, scenarios)
    return period, install(period, **validated)


def found(period: Period, version: str) -> pd.DataFrame:
    """Findings on the whole book, by metric."""
    commit = monitor(period, version)
    rows = period.lake.read_commits(FINDINGS, [commit]).to_pandas()
    return rows[rows["segment"] == "all"].set_index("metric")
