"""The outcome measures part by part, against sklearn and scipy."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS, features
from creditrisk.model.shared_shocks import shared_shocks
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.monitoring.matured_cohorts import MaturedCohorts
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.monitoring.segments import measured_by_part
from creditrisk.stages.monitoring.shared import Shared
from tests.builders import small_lender as small
from tests.builders.small_lender import small_policy
from tests.builders.trained_version import install

POLICY = small_policy("monitoring: {min_segment_rows: 50}")
BANDED = small.PORTFOLIO.replace("protected: true,", "protected: true, bands: [30, 60],")
COHORTS = (date(2023, 11, 1), date(2023, 12, 1))
SEVEN = {"auc", "gini", "ks", "precision", "recall", "oe", "jeffreys"}


def pooled(n=600, old_people=40):
    rng = np.random.default_rng(5)
    pds = rng.beta(2, 6, n)
    rows = pd.DataFrame(
        {
            "cohort": np.repeat(COHORTS, [n // 3, n - n // 3]),
            "age": np.where(np.arange(n) < old_people, 70, rng.integers(18, 61, n)),
            "visits_available": np.arange(n) % 2 == 0,
            "bad": (rng.random(n) < pds).astype(int),
        }
    )
    return MaturedCohorts(rows, COHORTS), pds


def found_by_part(pool, pds, text=BANDED):
    findings = measured_by_part(pool, pds, parse_portfolio(text, "test"), POLICY)
    assert len({(f.metric, f.segment) for f in findings}) == len(findings)
    return {(f.segment, f.metric): f for f in findings}


def test_every_cohort_group_and_outage_has_the_seven_measures():
    found = found_by_part(*pooled())
    parts = {segment for segment, _ in found}
    assert parts == {
        "cohort=2023-11",
        "cohort=2023-12",
        "age=up to 30",
        "age=over 30 to 60",
        "age=over 60",
        "sources_down=none",
        "sources_down=visits",
    }
    assert all({m for s, m in found if s == part} == SEVEN for part in parts)
    assert found[("cohort=2023-12", "auc")].cohort == "2023-12"
    assert found[("age=up to 30", "auc")].cohort == "2023-11..2023-12"


def test_the_measures_of_a_part_are_those_of_its_rows_alone():
    pool, pds = pooled()
    mine = (pool.rows["cohort"] == COHORTS[0]).to_numpy()
    y, p = pool.bad[mine], pds[mine]
    found = {m: f for (s, m), f in found_by_part(pool, pds).items() if s == "cohort=2023-11"}
    cutoff = POLICY.scoring.cutoff
    assert found["auc"].value == pytest.approx(roc_auc_score(y, p))
    assert found["gini"].value == pytest.approx(2 * roc_auc_score(y, p) - 1)
    assert found["ks"].value == pytest.approx(stats.ks_2samp(p[y == 1], p[y == 0]).statistic)
    assert found["precision"].value == pytest.approx(precision_score(y, p >= cutoff))
    assert found["recall"].value == pytest.approx(recall_score(y, p >= cutoff))
    exact = stats.binomtest(int(y[p >= cutoff].sum()), int(y.sum())).proportion_ci(method="exact")
    assert (found["recall"].lower, found["recall"].upper) == pytest.approx(tuple(exact))
    assert found["oe"].value == pytest.approx(y.sum() / p.sum())
    jeffreys = stats.beta.cdf(p.mean(), y.sum() + 0.5, len(y) - y.sum() + 0.5)
    assert found["jeffreys"].value == pytest.approx(jeffreys)
    assert {f.state for f in found.values()} == {"none"}


def test_a_part_of_few_loans_is_insufficient_and_says_how_many_it_needs():
    found = found_by_part(*pooled(old_people=1))
    few = [f for (segment, _), f in found.items() if segment == "age=over 60"]
    assert len(few) == 7
    assert {(f.state, f.value, f.rows) for f in few} == {("insufficient", None, 1)}
    assert few[0].text == "1 loans, 50 needed"


@pytest.mark.parametrize(("outcome", "insufficient"), [(0, SEVEN), (1, SEVEN - {"oe", "jeffreys"})])
def test_a_part_of_one_outcome_cannot_rank_and_has_a_level_where_all_are_bad(outcome, insufficient):
    pool, pds = pooled()
    pool.rows["bad"] = np.where(pool.rows["cohort"] == COHORTS[0], outcome, pool.rows["bad"])
    found = {m: f for (s, m), f in found_by_part(pool, pds).items() if s == "cohort=2023-11"}
    assert {f.metric for f in found.values() if f.state == "insufficient"} == insufficient
    assert {f.metric for f in found.values() if f.value is None} == insufficient


def test_a_number_without_bands_makes_no_groups():
    found = found_by_part(*pooled(), text=small.PORTFOLIO)
    assert not any(segment.startswith("age") for segment, _ in found)


def test_no_loan_has_no_part():
    empty = MaturedCohorts(pd.DataFrame({"bad": np.empty(0, dtype=int)}))
    assert found_by_part(empty, np.empty(0)) == {}


def test_loans_of_one_customer_are_no_segment_however_many():
    pool, pds = pooled()
    shared = Shared(shared_shocks([], [], POLICY.shocks), cluster=np.zeros(len(pds), dtype=int))
    findings = measured_by_part(pool, pds, parse_portfolio(BANDED, "test"), POLICY, shared)
    assert {(f.state, f.value) for f in findings} == {("insufficient", None)}
    assert "200 loans count as 1, many of one customer, 50 needed" in {f.text for f in findings}


def test_a_group_without_a_loan_says_so():
    pool, pds = pooled(old_people=0)
    gone = [f for (s, _), f in found_by_part(pool, pds).items() if s == "age=over 60"]
    assert {f.metric for f in gone} == SEVEN
    assert {(f.state, f.value, f.rows, f.text) for f in gone} == {
        ("insufficient", None, 0, "no loan of it has matured")
    }
    findings = measured_by_part(
        pool, pds, parse_portfolio(BANDED, "test"), POLICY, before=["home=barn"]
    )
    assert [f.rows for f in findings if f.segment == "home=barn"] == [0] * 7


def test_a_mask_state_that_is_over_is_said_to_be_and_the_one_that_is_left_is_not():
    pool, pds = pooled()
    pool.rows["visits_available"] = True
    before = ["sources_down=none", "sources_down=visits"]
    findings = measured_by_part(pool, pds, parse_portfolio(BANDED, "test"), POLICY, before=before)
    over = [f for f in findings if f.segment.startswith("sources_down")]
    assert {f.segment for f in over} == {"sources_down=visits"}
    assert {(f.state, f.value, f.rows, f.text) for f in over} == {
        ("insufficient", None, 0, "no loan of the pool is of this mask state any more")
    }


def test_a_group_that_is_gone_is_said_to_be_month_after_month(tmp_path):
    period = small.small_period(tmp_path, date(2024, 5, 1), small_policy())
    fair = small.PORTFOLIO.replace(
        "categories: [own, rent],", "categories: [own, rent], fairness: true,"
    )
    period = replace(period, portfolio=parse_portfolio(fair, "test"))
    small.fill(period)
    lost = [add_months(COHORTS[1], number) for number in range(6)]
    small.rewrite(period, features(period.portfolio), lost, lambda rows: rows.assign(home="own"))
    version = install(period)
    for number in (-1, 0, 1):
        month = replace(period, as_of=add_months(date(2024, 3, 1), number))
        findings = period.lake.read_commits(FINDINGS, [monitor(month, version)]).to_pandas()
        renting = findings[findings["segment"] == "home=rent"]
        assert set(renting["metric"]) == SEVEN
        assert (renting["rows"].max() > 0) == (number < 0)
    assert set(renting["text"]) == {"no loan of it has matured"}
