"""Applications seen as a whole: the odd one is found, named by its columns, and nothing leaks."""

import json
from datetime import date

import numpy as np
import pytest

from creditrisk import contracts
from creditrisk.model.anomalies import anomalies, odd_matrix
from creditrisk.records.quality import save_report
from creditrisk.stages.monitoring.portfolio_metrics import record_anomalies
from tests.builders.evidence import quality_report
from tests.builders.small_lender import START, Scenario, fill, small_period, small_policy

ODD = f"C00000007_{START}"


def gold(period):
    return period.lake.need(contracts.features(period.portfolio).table, START)


@pytest.fixture(scope="module")
def period(tmp_path_factory):
    found = small_period(tmp_path_factory.mktemp("odd"), START)
    fill(found, {0: Scenario(rows=300)})
    return found


@pytest.fixture
def frame(period):
    contract = contracts.features(period.portfolio)
    return period.lake.read_commits(contract, [gold(period)]).to_pandas()


def found(period, frame, policy=None):
    return anomalies(frame, period.portfolio, policy or period.policy, gold(period))


def test_the_odd_application_comes_first_with_the_columns_that_make_it_odd(period, frame):
    odd = frame.application_id == ODD
    frame.loc[odd, ["income", "visits_count"]] = [5_000_000.0, 400]
    first = found(period, frame).oddest[0]
    assert first.application_id == ODD
    assert set(first.columns[:2]) == {"income high", "visits_count high"}
    assert "5000000" not in repr(first), "a direction, never a value"


def test_gaps_are_odd_too(period, frame):
    frame.loc[frame.application_id == ODD, ["income", "debt", "debt_to_income", "home"]] = None
    everyone = found(period, frame, small_policy("monitoring: {anomalies_listed: 300}")).oddest
    assert len(everyone) == 300
    odd = next(one for one in everyone if one.application_id == ODD)
    assert odd.columns[0] == "values missing high"


def test_the_same_rows_in_another_order_give_the_same_answer(period, frame):
    shuffled = frame.sample(frac=1, random_state=3)
    assert found(period, shuffled) == found(period, frame)


def test_protected_columns_are_not_looked_at(period, frame):
    assert "age" not in odd_matrix(frame, period.portfolio).columns
    assert "frequency of home" in odd_matrix(frame, period.portfolio).columns


def test_a_source_that_is_down_makes_nobody_odd(period, frame):
    events = ["visits_count", "visits_pages_sum", "visits_noise_sum"]
    frame[events] = np.nan
    matrix = odd_matrix(frame, period.portfolio)
    assert not [name for name in matrix.columns if name.startswith("visits")]
    assert matrix["values missing"].max() == 0


def test_a_large_month_is_sampled_and_says_so(period, frame):
    policy = small_policy("monitoring: {anomaly_rows: 120}")
    sampled = found(period, frame, policy)
    assert (sampled.applications, sampled.examined) == (300, 120)
    assert "a sample of 300" in sampled.text
    assert sampled == found(period, frame, policy)


def test_too_few_applications_are_not_judged(period, frame):
    few = found(period, frame.iloc[:99])
    assert (few.examined, few.oddest, few.severity) == (0, (), "info")
    assert few.text == "99 applications, 100 needed to say which are odd"


def test_the_policy_says_what_too_many_odd_ones_do(period, frame):
    policy = small_policy("monitoring: {anomaly_score: 0.3, max_anomalous_share: 0.5}")
    assert found(period, frame, policy).severity == "warn"
    calm = small_policy(
        "{monitoring: {anomaly_score: 0.3, max_anomalous_share: 0.5},"
        " quality: {rules: {anomalies: info}}}"
    )
    assert found(period, frame, calm).severity == "info"


def test_it_is_kept_beside_the_report_and_shown_on_its_page(period):
    as_of = f"{START}"
    save_report(period.store, quality_report(START))
    finding = record_anomalies(period, gold(period))
    body = json.loads(period.store.read(f"months/{as_of}/anomalies.json"))
    assert (finding.metric, finding.rows) == ("anomalous_share", 300)
    assert finding.value == body["above"] / body["examined"]
    page = period.store.read(f"months/{as_of}/quality.html").decode()
    assert body["oddest"][0]["application_id"] in page
    assert date.fromisoformat(body["as_of"]) == START
