"""A month measured, and Evidently's pages of it: drawn once a process."""

from datetime import date

import pytest

from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.scoring.score import score
from tests.builders.small_lender import Scenario, fill, small_period, small_policy
from tests.builders.trained_version import install

AS_OF = date(2024, 3, 1)


@pytest.fixture(scope="session")
def drawn_month(tmp_path_factory):
    """A month measured, whose applicants earn more than the reference's."""
    period = small_period(tmp_path_factory.mktemp("lender"), AS_OF, small_policy())
    fill(period, {14: Scenario(shift=1)})
    version = install(period)
    score(period, version)
    monitor(period, version)
    return period, version


@pytest.fixture(scope="session")
def pages(drawn_month):
    from creditrisk.stages.monitoring.evidently_month import draw_reports

    return draw_reports(*drawn_month)
