"""What each column adds to a score: all of it, and nothing twice."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from creditrisk import contracts
from creditrisk.model.contributions import (
    Explainer,
    evidence_parts,
    shared_out,
    usual,
    usual_by_state,
)
from creditrisk.model.mask_states import masked
from creditrisk.model.scorer import log_odds, pool_of, read_metadata, shap_values
from creditrisk.model.version import load_version
from tests.builders.small_lender import fill, small_period
from tests.builders.trained_version import install

NUMBERS = st.floats(-5, 5).filter(lambda x: x == 0 or abs(x) > 1e-6)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    period = small_period(tmp_path_factory.mktemp("lender"), date(2024, 1, 1))
    fill(period)
    model = load_version(period.store, install(period))
    frame = period.lake.read(contracts.features(period.portfolio), [period.as_of]).to_pandas()
    return model, frame


def test_contributions_add_up_to_catboosts_own_score(lender):
    model, frame = lender
    mixed = pd.concat([frame, masked(frame, "visits", model.portfolio)], ignore_index=True)
    matrix = model.matrix(mixed)
    found = Explainer(model.scorer).contributions(mixed, matrix)
    kept = read_metadata(model.scorer.model)
    pool = pool_of(matrix, typical=kept.typical)
    expected = model.scorer.model.get_feature_importance(pool, type="ShapValues")[:, -1]
    score = model.scorer.model.predict(pool, prediction_type="RawFormulaVal")
    score += kept.start.of(matrix)
    total = found.sum(axis=1) + expected + kept.start.intercept
    np.testing.assert_allclose(total, score, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(score, log_odds(model.scorer.model, matrix))


def test_features_but_evidence_have_catboosts_own_shap_values(lender):
    model, frame = lender
    matrix, explainer = model.matrix(frame), Explainer(model.scorer)
    found = pd.DataFrame(explainer.contributions(frame, matrix), columns=explainer.columns)
    shap = pd.DataFrame(shap_values(model.scorer.model, matrix), columns=matrix.columns)
    for name in ("income", "debt", "home", "debt_to_income"):
        np.testing.assert_allclose(found[name], shap[name], rtol=0, atol=1e-12)
    assert "visits_evidence" not in found and {"visits_pages_sum", "visits_noise_sum"} <= {*found}


def test_the_parts_of_evidence_sum_to_it_and_are_nothing_without_events(lender):
    model, frame = lender
    frame = frame.assign(visits_count=frame["visits_count"].mask(frame.index < 50, 0.0))
    frame.loc[frame.index < 50, ["visits_pages_sum", "visits_noise_sum"]] = 0.0
    matrix, (events,) = model.matrix(frame), Explainer(model.scorer).events
    parts = evidence_parts(events, model.scorer.evidence["visits"], frame, matrix)
    np.testing.assert_allclose(parts.sum(axis=1), matrix["visits_evidence"], rtol=0, atol=1e-12)
    assert (parts[:50] == 0).all() and (parts[50:, 0] != 0).mean() > 0.9


@settings(max_examples=200, deadline=None)
@given(arrays(float, 7, elements=NUMBERS), arrays(float, (7, 3), elements=NUMBERS))
def test_what_is_shared_out_is_all_there_is_and_goes_one_way(whole, parts):
    shares, rest = shared_out(whole, parts)
    np.testing.assert_allclose(shares.sum(axis=1) + rest, whole, rtol=0, atol=1e-12)
    assert (shares * whole[:, None] >= 0).all()
    assert (rest[np.abs(parts).sum(axis=1) > 0] == 0).all()
    agreeing = (parts * whole[:, None] > 0).any(axis=1)
    assert (shares[agreeing] * parts[agreeing] >= 0).all()


def test_the_usual_contribution_is_the_median_of_the_approved_by_state(lender):
    model, frame = lender
    explainer = Explainer(model.scorer)
    found, pds = explainer.contributions(frame, model.matrix(frame)), model.predict(frame)
    by_state = usual_by_state(explainer, frame, 0.3)
    assert set(by_state) == {"plain", "visits"}
    medians = np.median(found[pds <= 0.3], axis=0)
    np.testing.assert_allclose(list(by_state["plain"].values()), medians, rtol=0, atol=1e-10)
    nobody = usual(explainer, frame, 0.0)
    np.testing.assert_array_equal(nobody, np.median(found, axis=0))
    down = frame.assign(visits_available=False)
    assert set(usual_by_state(explainer, down, 0.3)) == {"visits"}
