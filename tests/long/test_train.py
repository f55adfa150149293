"""Training end to end on the small lender."""

from datetime import date

import numpy as np
import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.contracts import LABELS
from creditrisk.errors import UserError
from creditrisk.metrics.calibration import observed_expected
from creditrisk.metrics.discrimination import auc
from creditrisk.model.cohort_split import NotEnoughEvidenceError
from creditrisk.model.mask_states import masked
from creditrisk.model.version import load_version
from creditrisk.stages.training.dataset import load_dataset
from creditrisk.stages.training.learn import learn
from creditrisk.stages.training.train import train
from tests.builders.small_lender import Scenario, fill, rewrite, small_period, small_policy

AS_OF = date(2024, 1, 1)
SELECTING = small_policy("development: {selection: true}")
LEARNED = ("model.cbm", "encoders.json", "calibration.json", "benchmark.json", "metrics.json")


@pytest.fixture(scope="module")
def period(tmp_path_factory):
    period = small_period(tmp_path_factory.mktemp("train"), AS_OF, SELECTING)
    fill(period)
    return period


@pytest.fixture(scope="module")
def version(period):
    return load_version(period.store, train(period, "initial", "", actor="ann", at="2024-01-02"))


def out_of_time(period, version):
    """Features and outcomes of the three windows."""
    cohorts = [cohort for window in version.card.windows for cohort in window]
    rows = period.lake.read(contracts.features(period.portfolio), cohorts).to_pandas()
    months = period.lake.months(LABELS.table, period.as_of)
    labels = period.lake.read(LABELS, months).to_pandas()
    labels = labels[labels["mob"] == period.policy.outcome.mob]
    return rows.merge(labels[["application_id", "bad"]], on="application_id")


def another_lender(tmp_path, scenarios=None):
    period = small_period(tmp_path, AS_OF, SELECTING)
    fill(period, scenarios)
    return period


def test_equal_inputs_make_the_same_version_byte_for_byte_in_another_store(version, tmp_path):
    twin = another_lender(tmp_path)
    again = load_version(twin.store, train(twin, "initial", ""))
    assert again.id == version.id
    assert again.files == version.files


def test_outcomes_out_of_time_steer_nothing(version, tmp_path):
    other = another_lender(tmp_path)
    mob = other.policy.outcome.mob
    cohorts = [cohort for window in version.card.windows for cohort in window]

    def permute(rows):
        which = (rows["mob"] == mob).to_numpy()
        bad = rows["bad"].to_numpy().copy()
        bad[which] = np.random.default_rng(1).permutation(bad[which])
        return rows.assign(bad=bad)

    rewrite(other, LABELS, [add_months(cohort, mob) for cohort in cohorts], permute)
    again = load_version(other.store, train(other, "initial", ""))
    assert again.id != version.id  # other data, another version
    for name in (*LEARNED, "profile.json"):
        assert again.files[name] == version.files[name]


def test_features_out_of_time_steer_nothing_but_the_profile(version, tmp_path):
    other = another_lender(tmp_path)
    cohorts = [cohort for window in version.card.windows for cohort in window]
    rewrite(
        other,
        contracts.features(other.portfolio),
        cohorts,
        lambda rows: rows.assign(
            income=rows["income"] / 9, debt=1.0, debt_to_income=0.5, home="own"
        ),
    )
    again = load_version(other.store, train(other, "initial", ""))
    for name in LEARNED:
        assert again.files[name] == version.files[name]
    assert again.files["profile.json"] != version.files["profile.json"]


def test_a_month_after_as_of_does_not_exist_for_training(period, version, tmp_path):
    later = small_period(tmp_path, date(2024, 4, 1), SELECTING)
    fill(later)
    past = small_period(tmp_path, AS_OF, SELECTING)
    assert train(past, "initial", "") == version.id


def test_the_model_ranks_cohorts_it_has_not_seen(period, version):
    rows = out_of_time(period, version)
    assert auc(rows["bad"], version.predict(rows)) > 0.70
    assert auc(rows["bad"], version.predict_benchmark(rows)) > 0.70


def test_with_a_source_down_it_still_ranks_and_expects_what_happens(period, version):
    rows = out_of_time(period, version)
    down = masked(rows, "visits", period.portfolio)
    pd = version.predict(down)
    assert 0.65 < auc(rows["bad"], pd) < auc(rows["bad"], version.predict(rows))
    found = observed_expected(rows["bad"], pd)
    assert found.lower < 1.15 and found.upper > 0.85


def test_training_is_on_record_with_who_and_when(period, version):
    record = period.trail.find("trained", version.id)
    assert (record.actor, record.at) == ("ann", "2024-01-02")
    assert record.body["kind"] == "initial"


def test_the_card_says_how_groups_fared_on_validation_rows(version):
    (column,) = version.card.fairness
    assert column.feature == "age" and column.protected
    assert sum(g.rows for g in column.groups) == version.metrics.validation.rows
    assert "## By group" in version.card_markdown
    for group in column.groups:
        assert f"| age: {group.group} | {group.rows} |" in version.card_markdown


def test_the_card_says_what_the_version_rests_on(period, version):
    card = version.card
    assert card.newest_train_cohort == max(card.train)
    parts = [card.train, card.validation, *card.windows]
    assert [c for part in parts for c in part] == sorted(c for part in parts for c in part)
    assert card.left_out == ("age",)
    assert card.tuned_trials == period.policy.development.tuning_trials
    assert not card.tuning_cut_by_time
    assert card.masked_sources_trained == ("visits",)
    for key, digest in card.data_version.items():
        assert digest.encode() in period.store.read(key)
    assert f"{card.train_age_months} months old" in version.card_markdown
    assert "scorecard" in version.card_markdown


def test_too_few_matured_cohorts_are_not_enough_evidence(tmp_path):
    young = small_period(tmp_path, date(2023, 9, 1))
    fill(young)
    with pytest.raises(NotEnoughEvidenceError, match=r"needs 9 matured cohorts .* has 6"):
        train(young, "initial", "")


def test_before_any_outcome_is_known_training_says_when_there_will_be_one(tmp_path):
    young = small_period(tmp_path, date(2023, 2, 1))
    fill(young)
    with pytest.raises(NotEnoughEvidenceError, match="no outcome at 3 months on book"):
        train(young, "initial", "")


def test_outcomes_nobody_can_tell_are_left_out(tmp_path):
    other = another_lender(tmp_path)
    rewrite(
        other,
        LABELS,
        [date(2023, 4, 1)],
        lambda rows: rows.assign(bad=rows["bad"].where(rows.index % 2 == 0)),
    )
    assert (load_dataset(other).train["cohort"] == date(2023, 1, 1)).sum() == 200


def test_a_column_lost_in_every_row_is_trained_around(period):
    data = load_dataset(period)
    lost = [part.assign(debt=np.nan, home=None) for part in (data.train, data.validation)]
    learned = learn(*lost, period.policy.development, period.portfolio)
    assert np.isfinite(learned.scorer.predict(lost[1])).all()


def test_a_source_that_was_down_all_along_says_nothing_and_breaks_nothing(tmp_path):
    dark = another_lender(tmp_path, {0: Scenario(visits_down=True)})
    version = load_version(dark.store, train(dark, "initial", ""))
    rows = out_of_time(dark, version)
    assert auc(rows["bad"], version.predict(rows)) > 0.65
    assert not version.scorer.evidence["visits"].fitted


def test_an_outage_in_validation_leaves_a_calibration_for_both_states(tmp_path):
    dark = another_lender(tmp_path, {5: Scenario(visits_down=True), 7: Scenario()})
    version = load_version(dark.store, train(dark, "initial", ""))
    assert version.card.validation == (date(2023, 6, 1), date(2023, 7, 1))
    assert version.metrics.calibration["plain"].pooled
    rows = out_of_time(dark, version)
    assert observed_expected(rows["bad"], version.predict(rows)).lower < 1.2


def test_recalibration_keeps_the_model_and_meets_the_new_level(tmp_path):
    scenarios = {0: Scenario(), 12: Scenario(odds=2.0)}
    before = another_lender(tmp_path, scenarios)
    first = load_version(before.store, train(before, "initial", ""))
    later = small_period(tmp_path, date(2024, 9, 1), SELECTING)
    fill(later, scenarios)
    again = load_version(later.store, train(later, "recalibrate", first.id))
    for name in ("model.cbm", "encoders.json", "benchmark.json", "portfolio.json"):
        assert again.files[name] == first.files[name]
    assert again.card.parent == first.id
    assert again.card.train == first.card.train
    assert again.card.validation == (date(2024, 2, 1), date(2024, 3, 1))
    assert again.id.startswith("2024-09-recalibrate-")
    rows = out_of_time(later, again)
    old, new = (observed_expected(rows["bad"], v.predict(rows)) for v in (first, again))
    assert old.lower > 1.2
    assert new.lower < 1.1 and new.upper > 0.9
    assert auc(rows["bad"], again.predict(rows)) == pytest.approx(
        auc(rows["bad"], first.predict(rows)), abs=1e-3
    )


def test_without_a_champion_there_is_nothing_to_recalibrate(period):
    with pytest.raises(UserError, match="no champion to recalibrate"):
        train(period, "recalibrate", "")


def test_an_unknown_kind_is_refused(period):
    with pytest.raises(UserError, match="'again' is unknown"):
        train(period, "again", "")


def test_a_search_cut_by_time_says_so(tmp_path):
    hurried = small_period(tmp_path, AS_OF, small_policy("development: {tuning_seconds: 0.001}"))
    fill(hurried)
    version = load_version(hurried.store, train(hurried, "initial", ""))
    assert version.card.tuned_trials == 1
    assert version.card.tuning_cut_by_time
    assert "the time budget cut the search" in version.card_markdown


def test_another_seed_is_another_model(period, version, tmp_path):
    other = small_period(tmp_path, AS_OF, small_policy("development: {seed: 1}"))
    fill(other)
    again = load_version(other.store, train(other, "initial", ""))
    assert again.files["model.cbm"] != version.files["model.cbm"]
