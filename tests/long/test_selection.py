"""Which features a model is given, and in which direction it may use them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.errors import UserError
from creditrisk.model.version import load_version
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.training.learn import learn
from creditrisk.stages.training.rows import Rows
from creditrisk.stages.training.selection import select
from creditrisk.stages.training.train import train
from tests.builders.small_lender import PORTFOLIO, fill, small_period, small_policy
from tests.builders.trained_version import TRAINED_AT

DEV = small_policy("development: {selection: false, tuning_trials: 1}").development
SELECTING = DEV.model_copy(update={"selection": True})
RISING = parse_portfolio(
    PORTFOLIO.replace("text: outstanding debt", "monotone: increasing, text: missed payments"),
    "rising",
)
GRID = np.arange(0.0, 13.0)


def applicants(n=1500, seed=4):
    """Missed payments (`debt`) that raise the risk up to 6 and, so it looks, lower it beyond."""
    rng = np.random.default_rng(seed)
    missed = rng.integers(0, 13, n).astype(float)
    visits = rng.poisson(4, n)
    risk = -2.5 + 0.5 * np.minimum(missed, 6) - 0.6 * np.maximum(missed - 6, 0)
    bad = (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int)
    missed[rng.random(n) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "customer_id": [f"C{seed}-{i}" for i in range(n)],
            "cohort": [date(2023, 1 + 5 * i // n, 1) for i in range(n)],
            "visits_available": True,
            "income": rng.normal(size=n),
            "debt": missed,
            "home": rng.choice(["own", "rent"], n),
            "debt_to_income": rng.normal(size=n),
            "visits_count": visits,
            "visits_pages_sum": rng.normal(size=n) * visits,
            "visits_noise_sum": rng.normal(size=n),
            "bad": bad,
        }
    )


def learned(dev=DEV, portfolio=RISING):
    return learn(applicants(), applicants(600, seed=5), dev, portfolio)


@pytest.fixture(scope="module")
def directed():
    return learned()


def along_the_grid(predict):
    """PD (applicants, grid) as the missed payments of each rise, all else equal."""
    rows = applicants(60, seed=6)
    return np.column_stack([predict(rows.assign(debt=missed)) for missed in GRID])


def test_more_missed_payments_never_lower_the_pd(directed):
    assert (np.diff(along_the_grid(directed.scorer.predict)) >= 0).all()
    assert np.ptp(along_the_grid(directed.scorer.predict), axis=1).min() > 0.05


def test_nor_do_they_in_the_scorecard(directed):
    scorer, card = directed.scorer, directed.benchmark
    found = along_the_grid(lambda rows: card.predict(scorer.matrix(rows)))
    assert (np.diff(found) >= -1e-12).all() and np.ptp(found, axis=1).min() > 0.05


def test_switched_off_the_data_has_its_way():
    free = learned(DEV.model_copy(update={"monotone": False}))
    assert (np.diff(along_the_grid(free.scorer.predict)) < 0).any()
    assert all(feature.monotone is None for feature in free.scorer.features)


def test_a_missing_value_is_neither_the_safest_nor_the_riskiest_but_a_typical_one(directed):
    rows = applicants(60, seed=6)
    missing = directed.scorer.predict(rows.assign(debt=np.nan))
    typical = directed.scorer.predict(rows.assign(debt=applicants()["debt"].median()))
    assert (missing == typical).all()


def test_the_pd_falls_with_a_feature_that_lowers_it():
    falling = parse_portfolio(
        PORTFOLIO.replace("text: outstanding debt", "monotone: decreasing, text: debt"), "falling"
    )
    assert (np.diff(along_the_grid(learned(DEV, falling).scorer.predict)) <= 0).all()


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("home: {type: category, monotone: increasing,", "monotone is for type number"),
        ("pages: {type: number, monotone: increasing,", "columns of applications"),
    ],
)
def test_a_direction_that_nothing_could_keep_is_refused(column, found):
    name = column.split(" ")[0]
    text = PORTFOLIO.replace(f"{name} {{type: {column.split('type: ')[1].split(',')[0]},", column)
    with pytest.raises(UserError, match=found):
        parse_portfolio(text, "test")


def rows(columns, bad, seed=1):
    """Rows of five cohorts, ready for a learner."""
    n = len(bad)
    cohort = np.array([date(2023, 1 + 5 * i // n, 1) for i in range(n)], dtype=object)
    nothing = np.full(n, False)
    return Rows(
        pd.DataFrame(columns),
        bad,
        np.full(n, "plain"),
        cohort,
        np.arange(n).astype(object),
        nothing,
    )


def noisy(n=1500, seed=2):
    rng = np.random.default_rng(seed)
    signal, weak = rng.normal(size=n), rng.normal(size=n)
    bad = (rng.random(n) < 1 / (1 + np.exp(1.5 - 1.2 * signal - 0.7 * weak))).astype(int)
    noise = {f"noise_{i}": rng.normal(size=n) for i in range(6)}
    codes = {"code": rng.choice(list("abcdefgh"), n).astype(object)}
    return rows({"signal": signal, "weak": weak} | noise | codes, bad)


def test_noise_goes_and_signal_stays():
    kept, found = select(noisy(), SELECTING)
    assert kept == ("signal", "weak")
    assert found.stability["signal"] == 1.0 and found.stability["noise_0"] < 0.5
    assert found.dropped.keys() == found.stability.keys() - {"signal", "weak"}


def test_a_feature_that_told_something_once_is_not_stable():
    whole = noisy()
    once = np.where(whole.cohort == date(2023, 5, 1), whole.bad * 1.0, 0)
    passing = replace(whole, matrix=whole.matrix.assign(noise_0=once))
    assert select(passing, SELECTING)[1].stability["noise_0"] < 0.5


def test_switched_off_every_feature_is_kept():
    kept, found = select(noisy(), DEV)
    assert kept == tuple(noisy().matrix.columns) and not found.stability


def test_with_one_cohort_there_is_no_fold_and_nothing_is_dropped():
    whole = noisy()
    kept, found = select(whole.take(whole.cohort == date(2023, 1, 1)), SELECTING)
    assert found.folds == 0 and kept == tuple(whole.matrix.columns)
    assert not found.dropped


def test_what_is_dropped_reaches_neither_model_nor_scorecard_and_the_card_says_so(tmp_path):
    period = small_period(tmp_path, TRAINED_AT, small_policy("development: {selection: true}"))
    fill(period)
    version = load_version(period.store, train(period, "initial", ""))
    found = version.card.selection
    assert found.dropped and not set(found.dropped) & set(version.feature_names)
    assert set(found.stability) == {*found.dropped, *version.feature_names}
    assert set(version.benchmark.features) == set(version.feature_names)
    name, share = next(iter(found.dropped.items()))
    assert f"{name} ({share:.0%})" in version.card_markdown
