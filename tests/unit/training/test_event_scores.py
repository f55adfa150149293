"""Encoders of event evidence: what they learn, and what they must not."""

import numpy as np
import pandas as pd
import pytest

from creditrisk.metrics.discrimination import auc
from creditrisk.stages.training.event_scores import (
    customer_folds,
    fit_encoders,
    fit_evidence,
    out_of_fold,
)
from tests.builders.small_lender import small_portfolio

PORTFOLIO = small_portfolio()
LIFT = 0.5  # how far the mean of a bad's events lies from a good's, in standard deviations


def customers(n=4000, seed=5, lift=LIFT):
    """Events N(mean + lift * bad, 1) in the first column, noise in the second."""
    rng = np.random.default_rng(seed)
    bad = (rng.random(n) < 0.25).astype(int)
    count = rng.poisson(5, n)
    pages = 3 * count + lift * bad * count + rng.normal(size=n) * np.sqrt(count)
    return pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "visits_available": True,
            "income": 1.0,
            "debt": 1.0,
            "debt_to_income": 1.0,
            "visits_count": count,
            "visits_pages_sum": pages,
            "visits_noise_sum": rng.normal(size=n) * np.sqrt(count),
            "bad": bad,
        }
    )


def of(encoder, rows):
    return encoder.of(rows["visits_count"], rows[["visits_pages_sum", "visits_noise_sum"]])


def test_evidence_is_the_log_likelihood_ratio_of_the_whole_history():
    rows = customers(40_000)
    found = of(fit_encoders(rows, PORTFOLIO)["visits"], rows)
    # N(3 + LIFT, 1) against N(3, 1), summed over the events
    truth = LIFT * (rows["visits_pages_sum"] - rows["visits_count"] * (3 + LIFT / 2))
    assert np.abs(found - truth).max() < 0.35
    assert np.corrcoef(found, truth)[0, 1] > 0.998


def test_evidence_of_train_rows_does_not_know_their_own_outcome():
    rows = customers(800)
    before = out_of_fold(rows, PORTFOLIO)["visits"]
    fold = customer_folds(rows["customer_id"])
    turned = rows.assign(bad=np.where(fold == 2, 1 - rows["bad"], rows["bad"]))
    after = out_of_fold(turned, PORTFOLIO)["visits"]
    assert (before[fold == 2] == after[fold == 2]).all()
    others = (fold != 2) & (rows["visits_count"] > 0)
    assert (before[others] != after[others]).all()
    assert (before[rows["visits_count"] == 0] == 0).all()


def test_out_of_fold_evidence_of_noise_ranks_no_better_than_chance():
    rows = customers(1500)
    rows["bad"] = np.random.default_rng(9).permutation(rows["bad"])
    assert abs(auc(rows["bad"], out_of_fold(rows, PORTFOLIO)["visits"]) - 0.5) < 0.04


def test_folds_depend_on_the_customer_alone():
    ids = pd.Series([f"C{i}" for i in range(100)])
    assert (customer_folds(ids)[50:] == customer_folds(ids[50:])).all()
    assert set(customer_folds(ids)) == {0, 1, 2, 3, 4}


def test_one_applicant_scores_as_in_a_batch():
    rows = customers(300)
    encoder = fit_encoders(rows, PORTFOLIO)["visits"]
    alone = [of(encoder, rows.iloc[[i]])[0] for i in range(50)]
    assert alone == of(encoder, rows)[:50].tolist()


def test_a_source_that_was_always_down_leaves_an_encoder_that_says_nothing():
    rows = customers(200).assign(visits_available=False)
    encoder = fit_encoders(rows, PORTFOLIO)["visits"]
    assert not encoder.fitted
    assert np.isnan(of(encoder, rows)).all()


def test_a_column_that_never_varies_and_a_missing_sum_do_no_harm():
    rows = customers(500).assign(visits_noise_sum=0.0)
    rows.loc[3, "visits_pages_sum"] = np.nan
    encoder = fit_encoders(rows, PORTFOLIO)["visits"]
    assert np.isfinite(of(encoder, rows)).all()
    assert encoder.weights[1] == 0


def test_too_few_bads_teach_nothing():
    who = np.arange(100).astype(object)
    assert not fit_evidence(np.ones((100, 3)), np.array([1] * 9 + [0] * 91), who).fitted
    assert not fit_evidence(np.zeros((100, 3)), np.array([1] * 50 + [0] * 50), who).fitted


def test_the_events_of_a_customer_with_several_loans_count_once():
    rows = customers(500)
    encoder = fit_encoders(rows, PORTFOLIO)["visits"]
    twice = pd.concat([rows, rows], ignore_index=True)
    assert fit_encoders(twice, PORTFOLIO)["visits"].means == encoder.means
    apart = twice.assign(customer_id=[f"C{i}" for i in range(len(twice))])
    kept, surer = (abs(fit_encoders(r, PORTFOLIO)["visits"].weights[1]) for r in (twice, apart))
    assert kept == pytest.approx(abs(encoder.weights[1]), rel=0.02) and kept < surer


def test_ten_loans_of_one_customer_that_went_bad_teach_no_more_than_one():
    data, bad = np.ones((200, 3)), np.array([1] * 40 + [0] * 160)
    data[:, 1:] = np.random.default_rng(1).normal(size=(200, 2)) + bad[:, None]
    alone, several = np.arange(200).astype(object), np.arange(200).astype(object)
    several[:40] = 0
    assert fit_evidence(data, bad, alone).fitted
    assert not fit_evidence(data, bad, several).fitted


def test_what_chance_explains_counts_for_nothing():
    rng = np.random.default_rng(9)
    rows = customers(2000)
    rows["bad"] = rng.permutation(rows["bad"])
    encoder = fit_encoders(rows, PORTFOLIO)["visits"]
    assert np.abs(encoder.weights).max() < 0.1 * LIFT


def test_a_weak_signal_counts_less_than_it_seems_and_a_strong_one_in_full():
    def weight(lift):
        rows = customers(40_000, lift=lift)
        return fit_encoders(rows, PORTFOLIO)["visits"].weights[0]

    chance = 1 / np.sqrt(40_000 * 5 * 0.25 * 0.75)  # of a mean difference, events of mean 5
    assert weight(LIFT) == pytest.approx(LIFT, rel=0.03)
    assert weight(0.5 * chance) < 1.5 * chance


def test_columns_that_say_the_same_are_not_counted_twice():
    rows = customers(20_000)
    alone = of(fit_encoders(rows, PORTFOLIO)["visits"], rows)
    rng = np.random.default_rng(3)
    nearly = rows["visits_pages_sum"] + rng.normal(size=len(rows)) * np.sqrt(rows["visits_count"])
    twice = rows.assign(visits_noise_sum=nearly)
    assert np.corrcoef(of(fit_encoders(twice, PORTFOLIO)["visits"], twice), alone)[0, 1] > 0.999


def test_the_benchmark_of_the_direct_formula_is_reached():
    rows = customers()
    held = customers(seed=6)
    encoder = fit_encoders(rows, PORTFOLIO)["visits"]
    best = held["visits_pages_sum"] - held["visits_count"] * (3 + LIFT / 2)
    assert auc(held["bad"], of(encoder, held)) == pytest.approx(auc(held["bad"], best), abs=0.005)
