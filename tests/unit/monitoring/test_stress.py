"""What a downturn or a move of one input would do; concentration beside it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.contracts import FINDINGS, SCORES, features
from creditrisk.model.version import load_version
from creditrisk.policy import load_policy
from creditrisk.stages.monitoring.concentration import of_grades
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.monitoring.stress import sensitivity, shocked, stressed
from creditrisk.stages.scoring.score import score
from tests.builders.small_lender import fill, small_period
from tests.builders.trained_version import install

AS_OF = date(2024, 1, 1)
POLICY = load_policy()


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    period = small_period(tmp_path_factory.mktemp("stress"), AS_OF)
    fill(period)
    version = install(period)
    score(period, version)
    rows = period.lake.read_commits(FINDINGS, [monitor(period, version)]).to_pandas()
    return period, load_version(period.store, version), rows


def test_a_shock_multiplies_every_odds():
    pds = np.array([0.5, 0.2, 0.01])
    after = shocked(pds, np.log(3))
    assert after / (1 - after) == pytest.approx(3 * pds / (1 - pds))
    assert after[0] == pytest.approx(0.75)
    assert shocked(np.array([0.0, 1.0]), 5) == pytest.approx([0, 1], abs=1e-3)


def test_the_stress_table_has_a_line_for_each_shock_and_rises_with_it():
    found = list(stressed(np.array([0.5, 0.5]), POLICY, "EUR"))
    assert [f.metric for f in found] == ["stress:0.25", "stress:0.5", "stress:1"]
    assert [f.value for f in found] == pytest.approx(
        [np.exp(s) / (1 + np.exp(s)) for s in (0.25, 0.5, 1.0)]
    )
    assert (
        "expected loss, were all granted, EUR 6,580 instead of EUR 4,500" in found[2].text
    )  # 2 x .731 x .45 x 10,000
    assert "0.0% at or below the cut-off" in found[2].text


def test_without_a_published_pd_there_is_no_stress():
    found = list(stressed(np.empty(0), POLICY, "EUR"))
    assert {f.state for f in found} == {"insufficient"}
    assert all(f.value is None for f in found)


def test_the_month_has_both_tables(lender):
    _, _, rows = lender
    whole = rows[rows["segment"] == "all"].set_index("metric")
    assert whole.loc["stress:1", "value"] > whole.loc["stress:0.25", "value"]
    assert whole.loc["stress:0.25", "value"] > whole.loc["mean_pd", "value"]
    assert whole.loc["sensitivity:debt", "value"] > 0
    assert whole.loc["sensitivity:debt", "rows"] == 400


def test_the_sensitivity_is_the_change_of_the_mean_pd_with_the_column_moved(lender):
    period, model, _ = lender
    frame = period.lake.read(features(period.portfolio), [AS_OF]).to_pandas()
    (found,) = sensitivity(model, frame, ["income"])
    moved = frame.assign(income=frame["income"] + frame["income"].std())
    assert found.value == pytest.approx(model.predict(moved).mean() - model.predict(frame).mean())


def test_categories_and_constants_have_no_sensitivity(lender):
    period, model, _ = lender
    frame = period.lake.read(features(period.portfolio), [AS_OF]).to_pandas()
    assert sensitivity(model, frame.assign(income=5.0), ["home", "income"]) == []
    assert sensitivity(model, frame[:0], ["income"]) == []


def test_grades_are_concentrated_as_their_shares_say(lender):
    period, _, rows = lender
    grades = period.lake.read(SCORES, [AS_OF]).to_pandas()["grade"].astype(int)
    shares = np.bincount(grades, minlength=10)[1:] / len(grades)
    row = rows[rows["metric"] == "concentration:grades"].iloc[0]
    assert row["value"] == pytest.approx(1 + np.log((shares**2).sum()) / np.log(9))


def test_where_nothing_is_graded_nothing_is_concentrated():
    found = of_grades(pd.DataFrame({"grade": pd.array([], "Int64")}), None, POLICY)
    assert (found.state, found.value) == ("insufficient", None)
    assert found.text == "no application to place"


def test_all_in_one_grade_is_as_concentrated_as_can_be():
    found = of_grades(pd.DataFrame({"grade": pd.array([3] * 9, "Int64")}), None, POLICY)
    assert found.value == pytest.approx(1)
    assert replace(found, value=None).p_value is None
