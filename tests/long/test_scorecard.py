"""The benchmark scorecard: as good as a scorecard can be, and bound to the directions."""

import json
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special
from sklearn.linear_model import LogisticRegression

from creditrisk.calendar_month import add_months
from creditrisk.metrics.discrimination import auc
from creditrisk.model.scorecard import Points, Scorecard
from creditrisk.records.model_parts import BenchmarkCard
from creditrisk.stages.training.rows import Rows
from creditrisk.stages.training.scorecard import (
    SHRINKING,
    _column,
    _fitted,
    _held_out,
    fit_scorecard,
)

ROWS = 4000


def rows(seed=1, n=ROWS, shape=lambda x: np.where(x > 1, 1.5, -0.5) * x):
    """Outcomes by a bent number, a level, and evidence that is log-odds."""
    rng = np.random.default_rng(seed)
    matrix = pd.DataFrame(
        {
            "bent": rng.normal(size=n),
            "noise": rng.normal(size=n),
            "home": np.where(rng.random(n) < 0.5, "own", "rent").astype(object),
            "visits_evidence": rng.normal(size=n),
        }
    )
    truth = -1.5 + shape(matrix["bent"]) + 0.6 * (matrix["home"] == "rent")
    truth = (truth + 0.8 * matrix["visits_evidence"]).to_numpy()
    matrix.loc[rng.random(n) < 0.05, "bent"] = np.nan
    bad = (rng.random(n) < special.expit(truth)).astype(np.int64)
    cohorts = np.array([add_months(date(2023, 1, 1), i * 8 // n) for i in range(n)], dtype=object)
    zeros = np.zeros(n, dtype=np.int64)
    return Rows(
        matrix, bad, zeros.astype(str), cohorts, zeros.astype(object), zeros.astype(bool)
    ), truth


def card(train, direction=None, later=None):
    return fit_scorecard(train, later, direction or {}, ["visits_evidence"])


@pytest.fixture(scope="module")
def fitted():
    train, _ = rows()
    return train, card(train)


def test_it_ranks_as_the_truth_does_and_better_than_a_straight_line(fitted):
    train, found = fitted
    fresh, truth = rows(seed=2)
    straight = pd.get_dummies(train.matrix.fillna(0.0)).astype(float)
    line = LogisticRegression(C=1e6).fit(straight, train.bad)
    of_line = line.decision_function(pd.get_dummies(fresh.matrix.fillna(0.0)).astype(float))
    mine = auc(fresh.bad, found.predict(fresh.matrix))
    assert mine > auc(fresh.bad, of_line) + 0.01
    assert mine > auc(fresh.bad, truth) - 0.015


def test_evidence_is_a_slope_and_what_says_nothing_is_shrunk(fitted):
    features = fitted[1].features
    assert features["visits_evidence"].slope == pytest.approx(0.8, abs=0.1)
    assert np.ptp(features["noise"].points[:-1]) < 0.6
    assert features["home"].levels["rent"] - features["home"].levels["own"] == pytest.approx(
        0.6, abs=0.2
    )


def test_the_mean_pd_is_the_bad_rate_of_train(fitted):
    train, found = fitted
    assert found.predict(train.matrix).mean() == pytest.approx(train.bad.mean(), abs=1e-3)


def test_points_are_the_same_to_five_digits_whatever_the_order_of_rows():
    """As on another processor, whose sums are rounded in another order."""
    train, _ = rows()
    rng = np.random.default_rng(4)
    alike = {f"alike {n}": train.matrix["bent"] + rng.normal(size=ROWS) for n in range(12)}
    train = replace(train, matrix=train.matrix.assign(**alike))
    parts = {field.name: getattr(train, field.name)[::-1] for field in fields(train)}
    turned = replace(train, **parts | {"matrix": parts["matrix"].reset_index(drop=True)})
    found, again = card(train).features, card(turned).features
    for name, points in found.items():
        assert again[name].points == pytest.approx(points.points, abs=1e-5)


@pytest.mark.parametrize("sign", [1, -1])
def test_points_keep_to_the_direction_of_the_portfolio(sign):
    found = card(rows()[0], {"bent": sign})
    assert (sign * np.diff(found.features["bent"].points[:-1]) >= 0).all()


def test_the_gradient_is_that_of_the_loss():
    values = np.random.default_rng(3).normal(size=200)
    values[::9] = np.nan
    for column in (_column(pd.Series(values), False), _column(pd.Series(values), True)):
        at = np.random.default_rng(4).normal(size=column.size)
        surplus = np.random.default_rng(5).normal(size=200)

        def loss(beta, column=column, surplus=surplus):
            return float(surplus @ column.added(beta)) + column.shrunk(beta, 7.0)[0]

        slope = column.gradient(surplus) + column.shrunk(at, 7.0)[1]
        assert optimize.approx_fprime(at, loss) == pytest.approx(slope, abs=1e-4)


def test_newer_cohorts_choose_how_much_is_shrunk():
    few, _ = rows(n=300)
    later, _ = rows(seed=4)
    chosen = card(few, later=later)
    losses = {s: _held_out(_fitted(few, {}, ["visits_evidence"], s), later) for s in SHRINKING}
    assert _held_out(chosen, later) == min(losses.values())
    assert len({round(loss, 6) for loss in losses.values()}) == len(SHRINKING)


def test_the_same_rows_give_the_same_card(fitted):
    assert card(fitted[0]) == fitted[1]


def test_one_cohort_is_enough_to_fit_and_chooses_nothing():
    train, _ = rows(n=400)
    train.cohort[:] = date(2023, 1, 1)
    assert card(train).predict(train.matrix).min() > 0


def test_a_card_of_an_earlier_release_adds_no_slope():
    old = {
        "intercept": -1.0,
        "features": {"x": {"edges": [0.0], "points": [1, 2, 3], "levels": None}},
    }
    stored = BenchmarkCard.parse(json.dumps(old).encode(), "old")
    found = Scorecard(stored.intercept, stored.features)
    assert found.features["x"] == Points((0.0,), (1, 2, 3))
    assert found.predict(pd.DataFrame({"x": [5.0]}))[0] == pytest.approx(special.expit(1))
