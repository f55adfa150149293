"""Grades: how a month spreads over them, and who moves between them."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from creditrisk.contracts import SCORES
from creditrisk.stages.monitoring.grade_migration import grade_shares, migration
from tests.builders.small_lender import small_period, small_policy

JAN, FEB, MAR = (date(2024, month, 1) for month in (1, 2, 3))


def scored(application, customer, grade, month, version="new", rescored=False):
    return {
        "application_id": application,
        "customer_id": customer,
        "snapshot_date": month,
        "model_version": version,
        "pd": None if grade is None else grade / 20,
        "grade": grade,
        "source_masked": "",
        "held_back": grade is None,
        "rescored": rescored,
    }


def lender(tmp_path, *rows):
    period = small_period(tmp_path, MAR)
    for month in (JAN, FEB, MAR):
        mine = [row for row in rows if row["snapshot_date"] == month]
        table = pa.Table.from_pylist(mine, schema=SCORES.arrow)
        period.lake.write(SCORES, month, table, inputs={}, code="test")
    return period


def moves(period, version="new"):
    scores = period.lake.read(SCORES, [MAR]).to_pandas()
    own = scores[scores["model_version"] == version]
    return {
        (f.metric, f.segment): (f.value, f.rows, f.cohort)
        for f in migration(period, version, own)
        if f.metric.startswith("migration:")
    }


def test_moves_have_their_bandwidth_and_the_z_of_each_against_a_shorter_one(tmp_path):
    grades = [(5, 5), (5, 5), (5, 6), (5, 7), (5, 7), (5, 7), (5, 3)]
    first = [scored(f"a{i}", f"c{i}", then, FEB) for i, (then, _) in enumerate(grades)]
    again = [scored(f"b{i}", f"c{i}", now, MAR) for i, (_, now) in enumerate(grades)]
    period = lender(tmp_path, *first, *again)
    scores = period.lake.read(SCORES, [MAR]).to_pandas()
    found = {f.metric: f for f in migration(period, "new", scores)}
    assert found["mwb_upper"].value == pytest.approx((1 + 3 * 2) / (4 * 4))  # furthest: to 1 or 9
    assert found["mwb_lower"].value == pytest.approx(2 / 4)
    assert found["migration:5>7"].p_value < 0.2 < found["migration:5>6"].p_value
    assert "z" in found["migration:5>7"].text
    assert found["migration:5>5"].p_value is None


def test_grades_share_the_scored_applications_and_empty_ones_are_there():
    rows = pd.DataFrame([scored(str(i), str(i), g, MAR) for i, g in enumerate([1, 1, 2, None])])
    found = {f.metric: f.value for f in grade_shares(rows, small_policy())}
    assert found["grade:1"] == pytest.approx(2 / 3)
    assert found["grade:3"] == 0
    assert len(found) == len(small_policy().development.grades) + 1


def test_nothing_scored_has_no_grades():
    assert grade_shares(pd.DataFrame([scored("a", "a", None, MAR)]), small_policy()) == []


def test_a_customer_who_applies_again_moves_from_her_newest_earlier_grade(tmp_path):
    period = lender(
        tmp_path,
        scored("a1", "a", 5, JAN),
        scored("a2", "a", 3, FEB),
        scored("b1", "b", 3, JAN),
        scored("a3", "a", 2, MAR),
        scored("b3", "b", 3, MAR),
        scored("c3", "c", 3, MAR),
    )
    assert moves(period) == {
        ("migration:3>2", "rescored=false"): (0.5, 2, "2024-03"),
        ("migration:3>3", "rescored=false"): (0.5, 2, "2024-03"),
    }


def test_another_versions_grade_is_no_move_of_the_customer(tmp_path):
    period = lender(tmp_path, scored("a1", "a", 5, FEB, "old"), scored("a3", "a", 2, MAR))
    assert moves(period) == {}


def test_an_application_a_new_champion_scored_again_moves_with_the_model(tmp_path):
    period = lender(
        tmp_path,
        scored("a", "a", 5, FEB, "old"),
        scored("b", "b", 5, FEB, "old"),
        scored("held", "held", None, FEB, "old"),
        scored("a", "a", 4, FEB, "new", rescored=True),
        scored("b", "b", 5, FEB, "new", rescored=True),
        scored("held", "held", 1, FEB, "new", rescored=True),
    )
    assert moves(period) == {
        ("migration:5>4", "rescored=true"): (0.5, 2, "2024-02"),
        ("migration:5>5", "rescored=true"): (0.5, 2, "2024-02"),
    }


def test_an_earlier_application_beyond_the_policys_months_is_forgotten(tmp_path):
    period = lender(tmp_path, scored("a1", "a", 5, JAN), scored("a3", "a", 2, MAR))
    assert moves(period)
    policy = small_policy("monitoring: {migration_months: 1}")
    assert moves(type(period)(MAR, policy, period.portfolio, period.store, "run")) == {}


def test_a_first_month_has_no_moves(tmp_path):
    assert moves(small_period(tmp_path, MAR)) == {}
