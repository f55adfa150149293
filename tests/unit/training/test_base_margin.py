"""Where the trees start from: evidence adds up, and as much as it has earned."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.metrics.discrimination import auc
from creditrisk.model.scorer import BaseMargin, ModelMetadata, log_odds, read_metadata, shap_values
from creditrisk.records.card import ModelFeature
from creditrisk.stages.training.fit import START, base_margin_of, fit, shape_of
from creditrisk.stages.training.rows import Rows
from tests.builders.small_lender import small_policy, small_portfolio

DEV = small_policy().development
EVIDENCE = "visits_evidence"
FEATURES = (
    ModelFeature("income", "number", "", "form"),
    ModelFeature(EVIDENCE, "number", "", "visits"),
)


def rows(n=3000, seed=1, trust=1.0):
    """Log-odds of bad: -1 + income + evidence; a fifth of the rows without evidence."""
    rng = np.random.default_rng(seed)
    income, evidence = rng.normal(size=n), 2 * rng.normal(size=n)
    bad = (rng.random(n) < 1 / (1 + np.exp(1 - income - evidence))).astype(np.int64)
    matrix = pd.DataFrame({"income": income, EVIDENCE: evidence * trust})
    matrix.loc[::5, EVIDENCE] = np.nan
    nothing = np.full(n, False)
    cohort = np.full(n, date(2023, 1, 1), dtype=object)
    return Rows(matrix, bad, np.full(n, "plain"), cohort, np.arange(n).astype(object), nothing)


@pytest.fixture(scope="module")
def fitted():
    train = rows()
    shape = shape_of(train, FEATURES, small_portfolio())
    return fit(train, rows(seed=2), START, shape, DEV), shape


def test_evidence_that_trusts_itself_too_much_counts_for_what_it_is_worth():
    honest = base_margin_of(rows(20_000), [EVIDENCE])
    boasting = base_margin_of(rows(20_000, trust=4.0), [EVIDENCE])
    assert honest.slopes[EVIDENCE] == pytest.approx(4 * boasting.slopes[EVIDENCE], rel=1e-4)
    assert honest.slopes[EVIDENCE] == pytest.approx(0.85, abs=0.1)  # income blurs it


def test_evidence_that_would_have_to_be_turned_round_is_left_out():
    turned = rows(trust=-1.0)
    assert base_margin_of(turned, [EVIDENCE]).slopes == {}
    assert base_margin_of(replace(turned, bad=turned.bad * 0), [EVIDENCE]) == BaseMargin()


def test_what_evidence_says_adds_to_what_the_trees_know(fitted):
    model, shape = fitted
    later = rows(seed=3)
    with_base_margin = auc(later.bad, log_odds(model, later.matrix))
    plain = fit(rows(), rows(seed=2), START, replace(shape, kept=ModelMetadata()), DEV)
    assert with_base_margin > auc(later.bad, log_odds(plain, later.matrix)) + 0.002
    best = later.matrix["income"] + later.matrix[EVIDENCE].fillna(0)
    assert with_base_margin == pytest.approx(auc(later.bad, best), abs=0.006)


def test_contributions_count_the_start_to_the_evidence(fitted):
    model, _ = fitted
    matrix = rows(400, seed=4).matrix
    values = shap_values(model, matrix)
    base = log_odds(model, matrix) - values.sum(axis=1)
    assert np.ptp(base) < 1e-9
    known = matrix[EVIDENCE].notna().to_numpy()
    assert np.corrcoef(values[known, 1], matrix[EVIDENCE][known])[0, 1] > 0.99
    assert abs(values[:, 1].mean()) < 0.3


def test_the_start_is_kept_in_the_model_itself(fitted):
    model, shape = fitted
    assert read_metadata(model) == shape.kept
    assert read_metadata(model).start.of(rows(10).matrix)[0] == shape.kept.start.intercept
