"""A simulated lender with twenty months in the lake, built once; each test works on a copy."""

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.period import Period, freeze, thaw
from creditrisk.policy import parse_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.stages.etl.month import build_range
from creditrisk.storage import Store, open_store
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import Scenario, demo_scenario
from pipelines.local.kfp import LocalRun, run_locally
from pipelines.monthly import build
from tests.needs import need

START, MONTHS, SEED = date(2024, 1, 1), 20, 1
POLICY = """
outcome: {mob: 3, early_mob: 2}
development: {tuning_trials: 2, tuning_seconds: 3600}
monitoring: {reports: false}
"""


def month(number: int) -> date:
    """The first month is number 1."""
    return add_months(START, number - 1)


@dataclass(frozen=True)
class Lender:
    """A folder with a landing zone, a store and its audit store."""

    root: Path
    config: str

    @property
    def store(self) -> Store:
        return open_store((self.root / "store").as_uri())

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    def copy(self, root: Path) -> "Lender":
        shutil.copytree(self.root, root)
        return replace(self, root=root)

    def period(self, number: int) -> Period:
        return Period(month(number), *thaw(self.store, self.config), self.store, "test")

    def run_month(self, number: int, supersede: str = "") -> LocalRun:
        """Run `monthly_lifecycle` under kfp.local."""
        arguments = {
            "as_of": f"{month(number)}",
            "landing": str(self.landing),
            "config": self.config,
            "supersede": supersede,
        }
        return run_locally(build, self.store, arguments)

    def redeliver(self, scenario: Scenario, since: int, until: int) -> None:
        """Other deliveries from a month on, and the lake brought up to them."""
        deliver(scenario, START, until, SEED, self.landing, since=since)
        build_range(self.period(until), str(self.landing), month(since), month(until))


@pytest.fixture(scope="session")
def new_lender(tmp_path_factory) -> Lender:
    """Twenty months in the lake, none of them run."""
    need("Java")
    root = tmp_path_factory.mktemp("lender") / "new"
    deliver(demo_scenario(), START, MONTHS, SEED, root / "landing")
    store = open_store((root / "store").as_uri())
    policy, portfolio = parse_policy(POLICY, "POLICY"), load_portfolio()
    config = freeze(store, policy, portfolio)
    period = Period(month(MONTHS), policy, portfolio, store, "backfill")
    build_range(period, str(root / "landing"), START, month(MONTHS))
    return Lender(root, config)


@pytest.fixture(scope="session")
def first_run(new_lender, tmp_path_factory) -> tuple[Lender, LocalRun]:
    """Month 14 was run: the first model was due."""
    lender = new_lender.copy(tmp_path_factory.mktemp("lender") / "champion")
    before = Path.cwd()
    os.chdir(lender.root)
    try:
        return lender, lender.run_month(14)
    finally:
        os.chdir(before)


@pytest.fixture
def lender(new_lender, tmp_path, monkeypatch) -> Lender:
    """A copy of the lender that has run no month."""
    monkeypatch.chdir(tmp_path)
    return new_lender.copy(tmp_path / "lender")


@pytest.fixture
def champion_lender(first_run, tmp_path, monkeypatch) -> Lender:
    """A copy of the lender whose first champion was promoted in month 14."""
    monkeypatch.chdir(tmp_path)
    return first_run[0].copy(tmp_path / "lender")
