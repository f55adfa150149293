"""Small and low-default books get a first model, whose card says what is not known."""

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.metrics.low_default import upper_bounds
from creditrisk.model.cohort_split import NotEnoughEvidenceError
from creditrisk.model.version import load_version
from creditrisk.records.validation import read_validation
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.validate import validate
from tests.builders.small_lender import START, Scenario, fill, small_period, small_policy
from tests.builders.trained_version import TRAINED_AT
from tests.builders.versions import with_version

AT = "2025-01-02T00:00:00+00:00"
FEW = "development: {oot_min_bads: 100, max_trees: 40}"


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """28 % bad, outcomes after three months: month 24 knows 22 cohorts."""
    folder = tmp_path_factory.mktemp("small-book")
    period = small_period(folder, add_months(START, 24), small_policy(FEW))
    fill(period, {0: Scenario(rows=100, odds=1.4)})
    version = train(period, "initial", "")
    return period, load_version(period.store, version), validate(period, version, "", at=AT)


def test_its_windows_are_widened_and_judged(small_book):
    period, model, verdict = small_book
    found = read_validation(period.store, model.id)
    assert verdict == "pass"
    assert all(len(window) > 1 for window in model.card.windows)
    assert all(window.bads >= 100 for window in found.windows)


def test_two_thousand_a_month_at_half_a_per_cent_bad_get_a_first_model(tmp_path):
    policy = small_policy(
        "development: {oot_min_bads: 100, min_bads: 50, max_trees: 40, tuning_trials: 1}"
    )
    period = small_period(tmp_path, add_months(START, 36), policy)
    fill(period, {0: Scenario(rows=2000, odds=0.014)}, seed=5)
    version = train(period, "initial", "")
    assert validate(period, version, "", at=AT) == "pass"
    windows = read_validation(period.store, version).windows
    assert all(window.bads / window.rows < 0.01 for window in windows)
    model = load_version(period.store, version)
    assert all(4 < len(window) <= 12 for window in model.card.windows)
    assert "Whether a grade's PD is right is not known" in " ".join(model.card_markdown.split())


def test_its_card_says_what_is_not_known(small_book):
    _, model, _ = small_book
    grades = model.card.prudent
    bads, rows = [g.bads for g in grades], [g.rows for g in grades]
    assert sum(bads) == model.metrics.validation.bads < 100
    assert [g.most for g in grades] == list(upper_bounds(bads, rows, 0.75, 0.12))
    text = " ".join(model.card_markdown.split())
    assert "Whether a grade's PD is right is not known" in text
    assert f"{model.metrics.train.bads:,} bads taught it" in text


def test_a_book_with_many_outcomes_has_no_such_lines(tmp_path):
    period, version = with_version(tmp_path, TRAINED_AT)
    model = load_version(period.store, version)
    assert model.card.prudent == ()
    assert "prudent" not in model.files["card.json"].decode()
    assert "Few outcomes" not in model.card_markdown


def test_a_month_earlier_than_enough_says_how_many_bads_are_lacking(tmp_path):
    period = small_period(tmp_path, add_months(START, 16), small_policy(FEW))
    fill(period, {0: Scenario(rows=100, odds=1.4)})
    with pytest.raises(NotEnoughEvidenceError, match="bads, development"):
        train(period, "initial", "")
