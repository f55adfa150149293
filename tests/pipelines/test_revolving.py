"""Cards applied for every month, accounts seen at each quarter's end, described by `init`."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months, month_range
from creditrisk.lake import Lake
from creditrisk.period import freeze
from creditrisk.policy import load_policy
from creditrisk.portfolio import parse_portfolio
from creditrisk.records.run import RunRecord
from creditrisk.reports.month_summary import MonthSummary, months
from creditrisk.storage import Store, open_store
from pipelines.local.in_process import replay
from tests.builders.described_lenders import LENDERS, described
from tests.builders.revolving_lender import START, deliver

FOLDER = Path(__file__).parents[1] / "portfolios"
FIRST, LAST = date(2024, 12, 1), date(2025, 2, 1)  # February: no snapshot is due


@dataclass(frozen=True)
class PopulatedStore:
    """What is left of the months, and the records of each."""

    store: Store
    records: dict[date, list[RunRecord]]

    def story(self, month: date) -> MonthSummary:
        return next(story for story in months(self.store) if story.as_of == month)

    def table(self, contract: contracts.Contract):
        lake = Lake(self.store)
        return lake.read(contract, lake.months(contract.table)).to_pandas()


@pytest.fixture(scope="module")
def lender(tmp_path_factory) -> PopulatedStore:
    """Three months run on two years of history: a snapshot, and two months without one."""
    root = tmp_path_factory.mktemp("revolving")
    deliver(root / "landing", 26)
    store = open_store((root / "store").as_uri())
    portfolio = parse_portfolio(
        described(root / "landing", LENDERS["revolving"].edits), "portfolio.yaml"
    )
    config = freeze(store, load_policy(FOLDER / "revolving_policy.yaml"), portfolio)
    records: dict[date, list[RunRecord]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDITRISK_STORE", store.uri)
        replay(store, str(root / "landing"), config, FIRST, LAST, records.__setitem__)
    return PopulatedStore(store, records)


def test_a_month_without_a_snapshot_is_no_gap_and_no_block(lender: PopulatedStore) -> None:
    for month, records in lender.records.items():
        assert {record.status for record in records} == {"ok"}, month
    seen = lender.table(contracts.LOAN_MONTHS).snapshot_date.unique()
    assert sorted(seen) == list(month_range(date(2023, 3, 1), LAST))[::3]


def test_every_cohort_has_an_outcome_at_the_months_its_quarter_shows(
    lender: PopulatedStore,
) -> None:
    labels = lender.table(contracts.LABELS)
    six = labels[labels.mob == 6]
    assert sorted(six.cohort.unique()) == list(month_range(START, add_months(LAST, -6)))
    assert six.bad.notna().all()
    assert six.groupby("cohort").size().eq(250).all()
    # January is seen after 2 and 5 months, February after 1 and 4, March after 3 and 6
    rates = six.groupby(six.cohort.map(lambda cohort: cohort.month % 3)).bad.mean()
    assert rates[2] < rates[1] < rates[0]


def test_an_outcome_is_never_told_by_a_later_snapshot(lender: PopulatedStore) -> None:
    labels = lender.table(contracts.LABELS)
    loans = lender.table(contracts.LOAN_MONTHS)
    for mob in (3, 6):
        within = loans[loans.month_on_book.between(1, mob)]
        bad = within[within.missed >= 1].groupby("loan_id").size().index
        text = labels[labels.mob == mob].set_index("loan_id").bad
        assert set(text.index[text == 1]) == set(bad) & set(text.index)


def test_the_first_model_is_judged_on_whole_quarters_and_promoted(
    lender: PopulatedStore,
) -> None:
    story = lender.story(FIRST)
    assert (story.decision, story.action, story.outcome) == ("retrain", "initial", "promoted")
    assert [len(window.cohorts) for window in story.challenge.windows] == [3, 3, 3]


def test_applications_are_scored_in_months_without_a_snapshot(lender: PopulatedStore) -> None:
    scores = lender.table(contracts.SCORES)
    assert scores[scores.snapshot_date == LAST].pd.notna().sum() == 250
    assert lender.story(LAST).decision in ("keep", "watch")
