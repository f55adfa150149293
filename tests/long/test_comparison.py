"""Challenger against champion on rows neither was trained on."""

import json
from datetime import date

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import ttest_rel

from creditrisk.model.version import load_version
from creditrisk.policy import load_policy
from creditrisk.records.layout import VERSIONS
from creditrisk.records.version_files import save_version
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.comparison import PairedSample, brier_gain, champion_gate, compare
from creditrisk.stages.validation.validate import validate
from tests.builders.small_lender import fill, small_period
from tests.builders.versions import AT, moved, variant

POLICY = load_policy()


def scenario(rows=4000, seed=4):
    rng = np.random.default_rng(seed)
    truth = rng.normal(-1.5, 1.2, rows)
    return truth, (rng.random(rows) < expit(truth)).astype(int), rng


def paired_samples(bad, challenger, champion, parts=3):
    pieces = zip(*(np.array_split(a, parts) for a in (bad, challenger, champion)), strict=True)
    return [PairedSample(f"w{i}", *piece) for i, piece in enumerate(pieces)]


def test_a_better_ranking_is_superior():
    truth, bad, rng = scenario()
    found = compare("old", paired_samples(bad, expit(truth), expit(rng.normal(truth, 1.5))), POLICY)
    assert found.outcome == "superior"
    assert found.pooled.difference > 0
    assert champion_gate(found, POLICY).state == "green"


def test_the_same_ranking_with_truer_pds_is_as_good_and_better_calibrated():
    truth, bad, _ = scenario()
    found = compare("old", paired_samples(bad, expit(truth), expit(truth - 0.7)), POLICY)
    assert found.pooled.difference == 0
    assert found.gains == ("brier", "oe")
    assert found.outcome == "as good and better calibrated"
    assert champion_gate(found, POLICY).passed


def test_the_same_model_is_not_better():
    truth, bad, _ = scenario()
    found = compare("old", paired_samples(bad, expit(truth), expit(truth)), POLICY)
    assert (found.gains, found.outcome) == ((), "not better")
    assert found.brier.p_value == 0.5
    gate = champion_gate(found, POLICY)
    assert (gate.state, gate.passed) == ("red", False)


def test_truer_pds_do_not_make_up_for_a_worse_ranking():
    truth, bad, rng = scenario()
    worse = expit(rng.normal(truth, 0.6))
    found = compare("old", paired_samples(bad, worse, expit(truth - 1.8)), POLICY)
    assert found.gains
    assert found.outcome == "not better"


def test_few_rows_prove_neither_superiority_nor_equality():
    truth, bad, rng = scenario(rows=240)
    found = compare("old", paired_samples(bad, expit(truth), expit(rng.normal(truth, 0.4))), POLICY)
    assert found.outcome == "not better"
    assert found.pooled.lower < -POLICY.validation.noninferiority_margin


def test_superiority_in_one_window_alone_is_not_superior():
    truth, bad, rng = scenario(rows=9000)
    champion = expit(truth)
    champion[6000:] = expit(rng.normal(size=3000))  # ranks nothing in the last window
    challenger = expit(rng.normal(truth, 0.3))  # a little worse in the first two
    found = compare("old", paired_samples(bad, challenger, champion), POLICY)
    assert found.pooled.p_superior < 0.05
    assert sum(pair.difference >= 0 for pair in found.windows) == 1
    assert found.outcome != "superior"


def test_the_brier_test_is_the_paired_t_test():
    truth, bad, rng = scenario(rows=500)
    new, old = expit(truth), expit(rng.normal(truth, 0.5))
    expected = ttest_rel((old - bad) ** 2, (new - bad) ** 2, alternative="greater")
    assert brier_gain(bad, new, old).p_value == pytest.approx(expected.pvalue)


def test_loans_of_one_customer_prove_no_more_than_one_of_them():
    truth, bad, rng = scenario(rows=2000)
    new, old = expit(truth), expit(rng.normal(truth, 0.4))
    once = compare("old", [PairedSample("w", bad, new, old)], POLICY)
    many = (np.repeat(each, 4) for each in (bad, new, old))
    customers = np.repeat(np.arange(2000), 4)
    again = compare("old", [PairedSample("w", *many, customers=customers)], POLICY)
    assert again.pooled.p_superior == pytest.approx(once.pooled.p_superior, rel=0.05)
    assert again.brier.p_value == pytest.approx(once.brier.p_value, rel=0.05)
    assert again.oe.champion.p_value == pytest.approx(once.oe.champion.p_value, rel=0.05)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A champion of January and a challenger of April over one store, the champion known."""
    period = small_period(tmp_path_factory.mktemp("two"), date(2024, 4, 1))
    fill(period, seed=1)
    version = train(period, "initial", "")
    # the same trees with every PD halved in odds: ranks equally, predicts too little
    model = load_version(period.store, version)
    maps = json.loads(model.files["calibration.json"])
    for state in maps.values():
        state["y"] = [y - 1.0 for y in state["y"]]
    files = model.files | {"calibration.json": json.dumps(maps).encode()}
    return period, save_version(period.store, date(2024, 1, 1), "initial", files), version


def content_of(period, version):
    return json.loads(period.store.read(f"{VERSIONS}{version}/validation.json"))


def test_a_champion_that_predicts_too_little_loses_to_a_recalibrated_one(two, tmp_path):
    period, champion, version = two
    period = moved(period, tmp_path)
    new = variant(period, version, "recalibrated", kind="recalibrate", parent=champion)
    assert validate(period, new, champion, at=AT) == "pass"
    found = content_of(period, new)["comparison"]
    assert found["outcome"] == "as good and better calibrated"
    assert found["rows"] == 1200
    assert found["pooled"]["difference"] == 0
    assert "brier" in found["gains"]


def test_only_rows_the_champion_has_not_learnt_from_count(two, tmp_path):
    period, champion, version = two
    period = moved(period, tmp_path)
    model = load_version(period.store, champion)
    learnt = [*model.card.train, *model.card.validation, date(2023, 11, 1)]
    newer = variant(
        period, champion, "learnt", train=learnt[:-1], validation=[learnt[-1]],
        windows=[["2023-12-01"], ["2024-01-01"]],
    )  # fmt: skip
    challenger = variant(period, version, "against newer", kind="retrain")
    validate(period, challenger, newer, at=AT)
    found = content_of(period, challenger)["comparison"]
    assert [window["name"] for window in found["windows"]] == ["2023-12", "2024-01"]
    assert found["rows"] == 800


def test_a_champion_that_learnt_from_every_window_leaves_no_evidence(two, tmp_path):
    period, champion, version = two
    period = moved(period, tmp_path)
    months = [f"2023-{m:02d}-01" for m in range(1, 13)] + ["2024-01-01"]
    refit = variant(period, champion, "refit", train=months, validation=[], windows=[])
    challenger = variant(period, version, "against refit", kind="retrain")
    assert validate(period, challenger, refit, at=AT) == "insufficient"
    content = content_of(period, challenger)
    assert content["comparison"] is None
    assert content["reasons"] == [
        f"champion, all windows: 0 bads that {refit} was not trained on, 30 needed to compare"
    ]


def test_a_challenger_no_better_than_its_champion_fails(two, tmp_path):
    period, _, version = two
    period = moved(period, tmp_path)
    twin = variant(period, version, "twin")
    assert validate(period, twin, version, at=AT) == "fail"
    assert content_of(period, twin)["reasons"][0].startswith("champion, all windows: not better")


def test_an_equally_good_model_renews_an_old_one_and_nothing_else():
    truth, bad, rng = scenario(12_000)
    found = compare(
        "old", paired_samples(bad, expit(rng.normal(truth, 0.05)), expit(truth)), POLICY
    )
    assert found.outcome == "not better"
    for asked in (("model_age",), ("model_age", "refresh"), ("definition_changed", "model_age")):
        assert champion_gate(found, POLICY, asked).passed
    for asked in (
        (),
        ("refresh",),
        ("recalibrate", "refresh"),
        ("definition_changed", "recalibrate"),
        ("model_age", "two_of_three"),
    ):
        assert not champion_gate(found, POLICY, asked).passed


def test_on_schedule_a_challenger_must_be_superior():
    truth, bad, rng = scenario()
    calibrated = compare("old", paired_samples(bad, expit(truth), expit(truth - 0.7)), POLICY)
    assert not champion_gate(calibrated, POLICY, ("refresh",)).passed
    assert champion_gate(calibrated, POLICY, ("recalibrate", "refresh")).passed
    noisy = paired_samples(bad, expit(truth), expit(rng.normal(truth, 1.5)))
    assert champion_gate(compare("old", noisy, POLICY), POLICY, ("refresh",)).passed
