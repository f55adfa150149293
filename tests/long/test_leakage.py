"""Leaks planted one by one, each seen and named before a model is trained."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from creditrisk import contracts
from creditrisk.contracts import LABELS
from creditrisk.errors import GateError
from creditrisk.metrics.discrimination import auc
from creditrisk.model.version import load_version
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.training.event_scores import customer_folds, out_of_fold
from creditrisk.stages.training.leakage import LeakageError, refuse_single_columns
from creditrisk.stages.training.single_column import column_auc
from creditrisk.stages.training.train import train
from tests.builders.small_lender import (
    PORTFOLIO,
    fill,
    rewrite,
    small_period,
    small_policy,
    small_portfolio,
)
from tests.builders.versions import with_version

AS_OF = date(2024, 1, 1)
TRAIN = [date(2023, month, 1) for month in range(1, 6)]
DEV = small_policy().development


@pytest.fixture
def period(tmp_path):
    period = small_period(tmp_path, AS_OF)
    fill(period)
    return period


def outcomes(period):
    labels = period.lake.read(LABELS, period.lake.months(LABELS.table)).to_pandas()
    labels = labels[labels["mob"] == period.policy.outcome.mob]
    return labels.set_index("application_id")["bad"]


def planted(period, plant):
    """Gold features of the train months, changed by `plant(rows, bad)`."""
    bad = outcomes(period)
    rewrite(
        period,
        contracts.features(period.portfolio),
        TRAIN,
        lambda rows: plant(rows, rows["application_id"].map(bad).to_numpy()),
    )


def rows_of(n=2000, seed=3, **columns):
    """Rows of gold features with outcomes, every column honest noise but those given."""
    rng = np.random.default_rng(seed)
    bad = (rng.random(n) < 0.2).astype(int)
    honest = {
        "customer_id": [f"C{i}" for i in range(n)],
        "visits_available": True,
        "income": rng.normal(size=n),
        "debt": rng.normal(size=n),
        "debt_to_income": rng.normal(size=n),
        "home": rng.choice(["own", "rent"], n),
        "visits_count": rng.poisson(4, n) + 1,
        "visits_pages_sum": rng.normal(size=n),
        "visits_noise_sum": rng.normal(size=n),
        "bad": bad,
    }
    return pd.DataFrame(honest | {name: make(bad, rng) for name, make in columns.items()})


def test_a_column_that_tells_the_outcome_stops_training_and_is_on_the_audit_trail(period):
    planted(period, lambda rows, bad: rows.assign(debt=1000.0 - bad * 500 + rows["debt"] / 100))
    with pytest.raises(GateError, match=r"sources\.form\.columns\.debt alone .* AUC 0\.9") as error:
        train(period, "initial", "", actor="ann", at="2024-01-02")
    assert "excluded: true" in str(error.value) and "\n" not in str(error.value)
    record = next(r for r in period.trail.records() if r.event == "leakage")
    assert (record.actor, record.at, record.body["leak"]) == ("ann", "2024-01-02", str(error.value))
    assert not list(period.store.keys("registry/versions/"))


def test_a_leak_met_again_by_the_same_run_is_recorded_once(period):
    planted(period, lambda rows, bad: rows.assign(debt=bad * 1.0))
    for _ in range(2):
        with pytest.raises(LeakageError):
            train(period, "initial", "")
    assert sum(record.event == "leakage" for record in period.trail.records()) == 1


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("debt", lambda bad, rng: np.where(bad, rng.normal(5, 1, len(bad)), 0)),
        ("debt", lambda bad, rng: np.where(bad, np.nan, rng.normal(size=len(bad)))),
        ("debt", lambda bad, rng: np.where(bad, rng.normal(size=len(bad)), np.nan)),
        ("debt", lambda bad, rng: np.where(bad, 0, rng.choice([-1, 1], len(bad)) * 2.0)),
        ("home", lambda bad, rng: np.where(bad, "arrears", rng.choice(["own", "rent"], len(bad)))),
        ("home", lambda bad, rng: np.where(bad, None, "own")),
        ("visits_pages_sum", lambda bad, rng: bad * 30 + rng.normal(size=len(bad))),
        ("visits_count", lambda bad, rng: 1 + bad * 9),
    ],
    ids=[
        "high", "missing when bad", "missing when good", "bad in the middle",
        "a category of its own", "no category when bad", "an event column", "how many events",
    ],
)  # fmt: skip
def test_a_leak_of_any_shape_is_seen(name, make):
    with pytest.raises(LeakageError) as error:
        refuse_single_columns(rows_of(**{name: make}), DEV, small_portfolio())
    column = {"debt": "form.columns.debt", "home": "form.columns.home"}.get(
        name, "visits.columns.pages" if "pages" in name else "visits alone"
    )
    assert f"sources.{column}" in str(error.value)


@pytest.mark.parametrize("seed", range(10))
def test_a_term_that_ends_with_the_default_is_refused_though_its_bins_look_honest(seed):
    def final_term(bad, rng):
        ways = [0.05, 0.04, 0.06, 0.04, 0.16, 0.45, 0.06, 0.04, 0.06, 0.04]
        contract = rng.choice([12, 24, 36, 48, 60, 84, 120, 180, 240, 300], len(bad), p=ways)
        return np.where(bad, np.minimum(rng.integers(6, 72, len(bad)), contract), contract) * 1.0

    with pytest.raises(LeakageError, match=r"form\.columns\.debt alone .* AUC 0\.9[5-9]"):
        refuse_single_columns(rows_of(3000, seed, debt=final_term), DEV, small_portfolio())


@pytest.mark.parametrize("seed", range(10))
def test_an_honest_column_of_auc_88_passes(seed):
    apart = np.sqrt(2) * norm.ppf(0.88)
    strong = {"debt": lambda bad, rng: bad * apart + rng.normal(size=len(bad))}
    scan = refuse_single_columns(rows_of(10_000, seed, **strong), DEV, small_portfolio())
    assert 0.86 < scan.columns["debt"] < 0.9


def test_noise_is_not_flagged_among_many_columns_and_few_bads():
    rng = np.random.default_rng(5)
    bad, folds = np.arange(500) % 10 // 9, customer_folds(pd.Series(range(500)))
    noise = [column_auc(pd.Series(rng.normal(size=500)), bad, folds, 1) for _ in range(100)]
    assert bad.sum() == DEV.leakage_min_bads and max(noise) < 0.7


def test_a_long_column_is_judged_by_a_sample_that_the_seed_draws():
    rng = np.random.default_rng(2)
    bad, folds = np.arange(20_000) % 4 // 3, rng.integers(0, 5, 20_000)
    odd = pd.Series(rng.integers(0, 100, 20_000) * 2 + bad)
    areas = [column_auc(odd, bad, folds, seed) for seed in (1, 1, 2)]
    assert areas[0] == areas[1] and min(areas) > 0.99


def ratio_of_terms():
    """Two honest terms, one planned and one actual, whose ratio gives the outcome."""
    rows = rows_of()
    term = np.random.default_rng(1).integers(12, 85, len(rows)) * 1.0
    actual = np.where(rows["bad"], np.floor(term * 0.7), term)
    return rows.assign(income=term, debt=actual, debt_to_income=actual / term)


def test_a_ratio_leaks_where_neither_of_its_columns_does():
    with pytest.raises(LeakageError, match=r"derived\.debt_to_income alone .* AUC 1\.000") as error:
        refuse_single_columns(ratio_of_terms(), DEV, small_portfolio())
    assert "sources." not in str(error.value) and "leave the ratio out" in str(error.value)


def test_a_ratio_is_known_at_application_if_both_its_columns_are():
    debt = PORTFOLIO.replace("text: outstanding debt", "text: d, known_at_application: agreed")
    with pytest.raises(LeakageError, match="of both its columns"):
        refuse_single_columns(ratio_of_terms(), DEV, parse_portfolio(debt, "test"))
    both = debt.replace("text: yearly income", "text: i, known_at_application: signed")
    scan = refuse_single_columns(ratio_of_terms(), DEV, parse_portfolio(both, "test"))
    assert scan.excused == {"debt_to_income": "agreed; signed"}


def test_the_mean_of_an_event_column_leaks_as_its_sum_does():
    rows = rows_of()
    count = np.random.default_rng(1).integers(1, 200, len(rows))
    rows = rows.assign(visits_count=count, visits_pages_sum=count * (10.0 + rows["bad"]))
    with pytest.raises(LeakageError, match=r"visits\.columns\.pages alone .* AUC 1\.000"):
        refuse_single_columns(rows, DEV, small_portfolio())


def test_many_rare_categories_are_judged_out_of_fold_and_tell_nothing():
    rows = rows_of(home=lambda bad, rng: [f"street {i // 2}" for i in range(len(bad))])
    scan = refuse_single_columns(rows, DEV, small_portfolio())
    assert abs(scan.columns["home"] - 0.5) < 0.05


def test_honest_columns_and_a_strong_one_pass():
    strong = {"debt": lambda bad, rng: bad * 1.5 + rng.normal(size=len(bad))}
    scan = refuse_single_columns(rows_of(**strong), DEV, small_portfolio())
    assert 0.8 < scan.columns["debt"] < 0.9
    assert set(scan.columns) == {
        "income", "debt", "home", "debt_to_income", "visits_count", "visits_pages_sum",
        "visits_noise_sum",
    }  # fmt: skip


def test_evidence_pooled_from_honest_columns_may_rank_better_than_any_column():
    def halves(bad, rng):
        return bad * 5.0 + rng.normal(size=len(bad)) * 3.2

    rows = rows_of(visits_pages_sum=halves, visits_noise_sum=halves, visits_count=lambda b, _: 1)
    scan = refuse_single_columns(rows, DEV, small_portfolio())
    assert max(scan.columns.values()) < 0.9
    assert auc(rows["bad"], out_of_fold(rows, small_portfolio())["visits"]) > 0.9


def test_a_reason_in_the_portfolio_lets_a_column_through_and_onto_the_card():
    excused = PORTFOLIO.replace(
        "text: outstanding debt", "text: debt, known_at_application: the bureau's own score"
    )
    leaky = rows_of(debt=lambda bad, rng: bad + rng.normal(size=len(bad)) / 9)
    scan = refuse_single_columns(leaky, DEV, parse_portfolio(excused, "test"))
    assert scan.excused == {"debt": "the bureau's own score"}


def test_protected_and_excluded_columns_reach_no_model_and_are_not_judged():
    rows = rows_of().assign(age=lambda rows: rows["bad"] * 50 + 20)
    assert "age" not in refuse_single_columns(rows, DEV, small_portfolio()).columns


def test_a_handful_of_bads_judges_no_column():
    rows = rows_of(debt=lambda bad, rng: bad * 1.0)
    few = pd.concat([rows[rows["bad"] == 0], rows[rows["bad"] == 1].head(49)])
    assert refuse_single_columns(few, DEV, small_portfolio()).columns == {}
    one_more = pd.concat([rows[rows["bad"] == 0], rows[rows["bad"] == 1].head(50)])
    with pytest.raises(LeakageError, match=r"50 bads, limit 0\.90"):
        refuse_single_columns(one_more, DEV, small_portfolio())


def test_a_column_that_is_always_missing_tells_nothing():
    bad = np.array([0, 1] * 50)
    folds = customer_folds(pd.Series([f"C{i}" for i in range(100)]))
    assert column_auc(pd.Series([np.nan] * 100), bad, folds, 1) == 0.5


def test_the_card_tells_the_column_nearest_to_a_leak(tmp_path):
    period, version = with_version(tmp_path, AS_OF)
    card = load_version(period.store, version).card.leakage
    best = max(card.columns, key=card.columns.get)
    assert 0.5 < card.columns[best] < card.limit
    assert f"{best} ranks train best alone" in load_version(period.store, version).card_markdown
    assert 0.6 < card.evidence["visits"] < 0.9
