"""Loans and events with dates that tell the future: refused, or set aside if they are few."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.contracts import LABELS
from creditrisk.model.version import load_version
from creditrisk.stages.training.dataset import load_dataset
from creditrisk.stages.training.leakage import LeakageError
from creditrisk.stages.training.train import train
from tests.builders.small_lender import fill, rewrite, small_period, small_policy
from tests.builders.versions import variant, with_version

AS_OF = date(2024, 1, 1)


@pytest.fixture
def period(tmp_path):
    period = small_period(tmp_path, AS_OF)
    fill(period)
    return period


def matured(period, month, count):
    """Labels of a month, and which are its first outcomes that a model learns from."""
    rows = period.lake.read(LABELS, [month]).to_pandas()
    return rows, rows.index[rows["mob"] == period.policy.outcome.mob][:count]


def dated_before(period, count):
    """The first loans of 2023-01 begin the month before."""
    rows, first = matured(period, date(2023, 4, 1), count)
    rows.loc[first, "cohort"] = date(2022, 12, 1)
    rewrite(period, LABELS, [date(2023, 4, 1)], lambda _: rows)


def numbered_again(period, count):
    """The first loans of a window bear the numbers of the first loans of 2023-02."""
    old, used = matured(period, date(2023, 5, 1), count)
    rows, first = matured(period, AS_OF, count)
    rows.loc[first, "loan_id"] = old.loc[used, "loan_id"].to_numpy()
    rewrite(period, LABELS, [AS_OF], lambda _: rows)


def test_a_loan_that_began_before_its_application_is_set_aside(period, caplog):
    whole = load_dataset(period)
    dated_before(period, 1)
    data = load_dataset(period)
    assert (whole.late, data.late, data.unmatched) == (0, 1, 0)
    assert len(data.train) == len(whole.train) - 1
    assert "set aside: 1 of 2,800 loans" in caplog.text


@pytest.mark.parametrize(("month", "later"), [(date(2023, 2, 1), 1), (date(2023, 3, 1), -1)])
def test_an_application_delivered_in_two_months_is_one_row(period, month, later):
    """Also in the month after its loan began: that row is no application that came late."""
    whole = load_dataset(period)
    table = contracts.features(period.portfolio)
    again = period.lake.read(table, [month]).to_pandas().head(300)
    other = add_months(month, later)
    again["snapshot_date"], again["income"] = other, 1.0

    def added(rows):
        return pd.concat([rows, again], ignore_index=True)

    rewrite(period, table, [other], added)
    data = load_dataset(period)
    assert (len(data.train), data.late) == (len(whole.train), 0)
    assert (data.train["income"] != 1.0).all()


def test_many_loans_that_began_before_their_applications_stop_training(period):
    dated_before(period, 400)
    with pytest.raises(
        LeakageError, match=r"400 of 2,800 loans \(first C000\d+_2023-01-01\) began before"
    ):
        load_dataset(period)


def test_the_policy_says_how_many_loans_may_be_set_aside(period):
    dated_before(period, 1)
    strict = small_policy("development: {max_set_aside_share: 0.0}")
    with pytest.raises(LeakageError, match=r"at most 0\.0% .*development\.max_set_aside_share"):
        load_dataset(replace(period, policy=strict))


def test_the_card_counts_the_loans_set_aside(period):
    dated_before(period, 2)
    numbered_again(period, 1)
    card = load_version(period.store, train(period, "initial", "")).card_markdown
    assert "2 loans that began before their application, 2 with outcomes in two cohorts" in card


def test_features_made_from_a_later_month_are_refused_by_their_lineage(period):
    table = contracts.features(period.portfolio)
    late = {"portfolio": "9999-99-99", "gold/visits_history/2023-04-01": "x"}
    rewrite(period, table, [date(2023, 3, 1)], lambda rows: rows, late)
    with pytest.raises(
        LeakageError, match=r"features 2023-03-01 was made from gold/visits_history/2023-04-01"
    ):
        load_dataset(period)


def with_history(period, month, more=0):
    """A history as the features of a month know it, but for `more` events of every customer."""
    features, history = contracts.features(period.portfolio), period.portfolio.events[0]
    contract = contracts.history(history)
    rows = period.lake.read(features, [month]).to_pandas()[list(contract.names)]
    table = pa.Table.from_pandas(rows, schema=contract.arrow, preserve_index=False)
    commit = period.lake.write(contract, month, table, inputs={}, code="test")
    rewrite(
        period,
        features,
        [month],
        lambda rows: rows.assign(visits_count=rows["visits_count"] + more),
        {f"{contract.table}/{month}": commit.digest},
    )


def test_an_event_counted_before_it_happened_is_refused(period):
    with_history(period, date(2023, 2, 1), more=1)
    with pytest.raises(LeakageError, match=r"visits events, its customer had \d+ by 2023-02-01"):
        load_dataset(period)


def test_event_counts_that_agree_with_their_history_are_counted_as_checked(period):
    with_history(period, date(2023, 2, 1))
    assert load_dataset(period).dated == 1


def test_an_outcome_on_record_before_it_can_be_known_is_refused(period):
    rewrite(period, LABELS, [AS_OF], lambda rows: rows.assign(cohort=date(2023, 12, 1)))
    with pytest.raises(
        LeakageError, match=r"2023-12-01 has an outcome at 3 months .* record in 2024-01-01, before"
    ):
        load_dataset(period)


def test_a_loan_with_outcomes_in_two_cohorts_is_neither_learned_from_nor_in_the_way(period, caplog):
    whole = load_dataset(period)
    numbered_again(period, 1)
    data = load_dataset(period)
    assert data.restated == 2
    assert len(data.train) == len(whole.train) - 1
    assert "have outcomes in two cohorts" in caplog.text


def test_many_loans_with_outcomes_in_two_cohorts_stop_training(period):
    numbered_again(period, 400)
    with pytest.raises(LeakageError, match=r"800 of 4,000 loans .* outcomes in two cohorts"):
        load_dataset(period)


def test_a_model_fitted_on_a_window_cannot_be_recalibrated_and_judged_on_it(tmp_path):
    period, version = with_version(tmp_path, AS_OF)
    fill(period)
    months = [f"2023-{month:02d}-01" for month in (1, 2, 3, 4, 8)]
    refitted = variant(period, version, "refit", kind="refit", train=months)
    with pytest.raises(
        LeakageError, match="cohort 2023-08 was fitted on, and the out-of-time windows begin in"
    ):
        train(period, "recalibrate", refitted)
