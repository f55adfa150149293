"""A recalibration moves PDs and nothing else: what the trees are held against stays."""

from datetime import date

import numpy as np
import pytest

from creditrisk import contracts
from creditrisk.model.version import load_version
from creditrisk.records.card import same_trees
from creditrisk.stages.monitoring.matured import _judge
from creditrisk.stages.monitoring.stability import Scores, score_psi
from creditrisk.stages.training.train import train
from tests.builders.small_lender import Scenario, fill, small_period
from tests.builders.versions import AT, at_month, variant

FIRST, LATER = date(2024, 1, 1), date(2024, 7, 1)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A first model, whose odds rose by half since, and its recalibration half a year later."""
    period = small_period(tmp_path_factory.mktemp("lender"), LATER)
    fill(period, {9: Scenario(odds=1.5)}, seed=1)
    first = train(at_month(period, FIRST), "initial", "", at=AT)
    return period, first, train(period, "recalibrate", first, at=AT)


def test_features_are_held_against_the_window_they_were_held_against(lender):
    period, first, again = lender
    old, new = (load_version(period.store, version).profile for version in (first, again))
    assert (new.features, new.cohorts, new.events_length) == (
        old.features, old.cohorts, old.events_length,
    )  # fmt: skip
    assert (new.rows, sum(new.score.counts)) == (old.rows, sum(old.score.counts))


def test_a_new_calibration_is_no_drift_of_the_scores(lender):
    period, first, again = lender
    frame = period.lake.read(contracts.features(period.portfolio), [LATER]).to_pandas()
    found = {}
    for version in (first, again):
        model = load_version(period.store, version)
        pds = model.predict(frame)
        scores = [Scores("plain", pds, model.profile.score)]
        found[version] = score_psi(scores, period.policy.monitoring, "plain")[0], pds
    (before, old), (after, new) = found.values()
    assert np.abs(np.log(new / (1 - new)) - np.log(old / (1 - old))).mean() > 0.1  # it moved PDs
    assert after.value == pytest.approx(before.value, abs=0.03)
    assert after.state == "green"


def test_scores_that_move_are_drift_after_a_recalibration_as_before(lender):
    period, _, again = lender
    model = load_version(period.store, again)
    frame = period.lake.read(contracts.features(period.portfolio), [LATER]).to_pandas()
    pds = model.predict(frame.assign(income=frame["income"] * 0.02, debt=frame["debt"] * 50))
    scores = [Scores("plain", pds, model.profile.score)]
    assert score_psi(scores, period.policy.monitoring, "plain")[0].state in ("red", "critical")


def test_the_ranking_is_held_against_the_windows_of_the_version_that_fitted_the_trees(lender):
    period, first, again = lender
    third = variant(period, again, "once more", parent=again)
    assert same_trees(period.store, third) == (third, again, first)
    for version in (first, again, third):
        assert _judge(period, load_version(period.store, version)).id == first


def test_under_another_definition_of_bad_a_recalibration_is_a_new_start(lender):
    period, _, again = lender
    model = load_version(period.store, again)
    label = model.card.label.replace(mob=2)
    other = load_version(period.store, variant(period, again, "other", label=label))
    assert _judge(period, other).id == other.id
