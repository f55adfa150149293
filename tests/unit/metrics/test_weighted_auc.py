"""AUC of weighted rows: scikit-learn and repeated rows are the oracles."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.ranking import weighted_delong


def sample(n=400, seed=3):
    rng = np.random.default_rng(seed)
    score = np.round(rng.normal(size=n), 1)  # ties
    return (rng.random(n) < 1 / (1 + np.exp(1 - score))).astype(int), score


def test_equal_weights_give_delong():
    y, p = sample()
    found, known = weighted_delong(y, p, np.full(len(y), 3.0)), delong(y, p)
    assert found.auc == pytest.approx(known.auc, abs=1e-12)
    assert found.se == pytest.approx(known.se, abs=1e-12)


def test_the_area_is_that_of_scikit_learn_with_sample_weights():
    y, p = sample()
    weights = np.random.default_rng(5).exponential(size=len(y))
    assert weighted_delong(y, p, weights).auc == pytest.approx(
        roc_auc_score(y, p, sample_weight=weights), abs=1e-12
    )


def test_the_error_is_what_draws_show():
    rng, areas, errors = np.random.default_rng(11), [], []
    for _ in range(400):
        score = rng.normal(size=500)
        y = (rng.random(500) < 1 / (1 + np.exp(1 - score))).astype(int)
        found = weighted_delong(y, score, np.exp(score / 2))
        areas.append(found.auc)
        errors.append(found.se)
    assert np.mean(errors) == pytest.approx(np.std(areas), rel=0.1)


def test_rows_of_no_weight_do_not_count():
    y, p = sample()
    kept = p < 0.5
    found, known = weighted_delong(y, p, kept), delong(y[kept], p[kept])
    assert (found.auc, found.bads) == (pytest.approx(known.auc), known.bads)


@pytest.mark.parametrize("weights", [[1, 1, -1], [1, 1, np.inf], [1, 1], [0, 1, 1]])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(ValueError, match=r"weights|one class"):
        weighted_delong([1, 0, 0], [0.3, 0.2, 0.1], weights)


def test_one_bad_leaves_an_error_all_the_same():
    assert weighted_delong([1, 0, 0], [0.3, 0.2, 0.1], [2, 1, 1]).se == 0.5


def test_loans_of_one_customer_count_as_they_do_without_weights():
    y, p = sample()
    customers = np.arange(len(y)) // 3
    found = weighted_delong(y, p, np.ones(len(y)), customers)
    assert found.se == pytest.approx(delong(y, p, cluster=customers).se, rel=1e-4)
    assert found.se > weighted_delong(y, p, np.ones(len(y))).se
