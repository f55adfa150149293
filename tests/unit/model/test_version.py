"""Versions on disk: checked before use, named by content; scoring with one."""

import json
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.model.mask_states import masked
from creditrisk.model.scorer import log_odds, shap_values
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.records.layout import SUMS, VERSIONS
from creditrisk.records.version_files import list_versions, save_version
from creditrisk.stages.training.train import train
from tests.builders.small_lender import fill, small_period


@pytest.fixture(scope="module")
def period(tmp_path_factory):
    period = small_period(tmp_path_factory.mktemp("version"), date(2024, 1, 1))
    fill(period)
    return period


@pytest.fixture(scope="module")
def version(period):
    return load_version(period.store, train(period, "initial", ""))


@pytest.fixture(scope="module")
def applications(period):
    rows = period.lake.read(contracts.features(period.portfolio), [period.as_of])
    return rows.to_pandas()


def test_every_file_of_a_version_is_checked_by_name(period, version):
    for name, data in version.files.items():
        key = f"{VERSIONS}{version.id}/{name}"
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 1
        period.store.write(key, bytes(flipped))
        with pytest.raises(UserError, match=f"{key} was altered"):
            load_version(period.store, version.id)
        period.store.write(key, data)
    assert load_version(period.store, version.id).id == version.id


def test_sums_rewritten_to_fit_an_altered_file_do_not_fit_the_id(period, version):
    key = f"{VERSIONS}{version.id}/{SUMS}"
    data = period.store.read(key)
    period.store.write(key, json.dumps(json.loads(data) | {"card.md": "0" * 64}).encode())
    with pytest.raises(UserError, match=r"SUMS\.json was altered"):
        load_version(period.store, version.id)
    period.store.write(key, data)


def test_a_missing_file_is_named(period, version):
    key = f"{VERSIONS}{version.id}/calibration.json"
    period.store.delete(key)
    with pytest.raises(UserError, match=r"calibration\.json is gone"):
        load_version(period.store, version.id)
    period.store.write(key, version.files["calibration.json"])


def test_an_unknown_version_is_said_to_be_unknown(period):
    with pytest.raises(UserError, match="no model version '2020-01-initial-00000000'"):
        load_version(period.store, "2020-01-initial-00000000")


def test_the_same_content_is_the_same_version(period, version):
    assert save_version(period.store, period.as_of, "initial", version.files) == version.id
    other = version.files | {"card.md": b"another"}
    assert save_version(period.store, period.as_of, "initial", other) != version.id


def test_a_writer_that_stopped_half_way_left_no_version_and_a_second_one_completes_it(
    period, version
):
    files = version.files | {"card.md": b"interrupted"}
    made = save_version(period.store, period.as_of, "retrain", files)
    period.store.delete(f"{VERSIONS}{made}/{SUMS}")
    period.store.write(f"{VERSIONS}{made}/card.md", b"interr")
    assert made not in list_versions(period.store)
    assert save_version(period.store, period.as_of, "retrain", files) == made
    assert load_version(period.store, made).card_markdown == "interrupted"


def test_a_damaged_version_is_not_taken_for_a_saved_one(period, version):
    files = version.files | {"card.md": b"damaged"}
    made = save_version(period.store, period.as_of, "retrain", files)
    period.store.write(f"{VERSIONS}{made}/card.md", b"damage")
    with pytest.raises(UserError, match=r"card\.md was altered"):
        save_version(period.store, period.as_of, "retrain", files)


def test_an_application_scores_alone_as_in_a_batch_in_any_order(version, applications):
    batch = version.predict(applications)
    backwards = version.predict(applications.iloc[::-1])[::-1]
    alone = [version.predict(applications.iloc[[i]])[0] for i in range(20)]
    assert batch.tolist() == backwards.tolist()
    assert batch[:20].tolist() == alone


def test_scores_are_probabilities_and_not_one_mass(version, applications):
    pd = version.predict(applications)
    assert ((pd > 0) & (pd < 1)).all()
    assert len(np.unique(pd)) > 0.9 * len(pd)


def test_contributions_and_base_add_up_to_the_log_odds(version, applications):
    matrix = version.matrix(applications)
    values = shap_values(version.scorer.model, matrix)
    base = log_odds(version.scorer.model, matrix) - values.sum(axis=1)
    assert values.shape == matrix.shape
    assert np.ptp(base) < 1e-9
    assert version.feature_names == tuple(matrix.columns)


def test_no_rows_give_no_scores(version, applications):
    nobody = applications.iloc[:0]
    assert version.predict(nobody).shape == (0,)
    assert shap_values(version.scorer.model, version.matrix(nobody)).shape == (
        0,
        len(version.feature_names),
    )
    assert version.predict_benchmark(nobody).shape == (0,)


def test_an_unseen_category_and_missing_values_are_scored(version, applications):
    strange = applications.assign(home="houseboat", debt=np.nan, debt_to_income=np.nan)
    for pds in (version.predict(strange), version.predict_benchmark(strange)):
        assert np.isfinite(pds).all()


def test_rows_of_an_outage_score_as_masked_ones_whatever_their_columns_hold(version, applications):
    down = applications.assign(visits_available=False)
    expected = version.predict(masked(applications, "visits", version.portfolio))
    assert version.predict(down).tolist() == expected.tolist()


def test_the_profile_counts_the_newest_window_in_bins_of_its_own(period, version):
    window = list(version.card.windows[-1])
    rows = period.lake.read(contracts.features(period.portfolio), window).to_pandas()
    reference = version.profile.score
    assert reference.bins.counts(version.predict(rows)).tolist() == list(reference.counts)
    down = version.profile.masked_score["visits"]
    pd = version.predict(masked(rows, "visits", version.portfolio))
    assert down.bins.counts(pd).tolist() == list(down.counts)
    matrix = version.matrix(rows)
    for name in version.feature_names:
        feature = version.profile.features[name]
        assert isinstance(feature.bins, FrozenBins)
        assert feature.bins.counts(matrix[name]).tolist() == list(feature.counts)
        assert feature.importance >= 0
    assert version.profile.rows == len(rows)


def test_headline_numbers_are_finite(version):
    numbers = version.metrics.headlines()
    assert numbers["validation_auc"] > 0.65
    assert np.isfinite(list(numbers.values())).all()


def test_rows_that_get_no_probability_are_named_in_one_line(period, version, applications):
    maps = json.loads(version.files["calibration.json"])
    maps["visits"]["slope"] = math.nan
    files = version.files | {"calibration.json": json.dumps(maps).encode()}
    odd = ModelVersion(version.id, files)
    down = masked(applications.head(7), "visits", period.portfolio)
    some = pd.concat([applications.tail(20), down])
    with pytest.raises(UserError) as error:
        odd.predict(some)
    assert "7 of 27 applications no PD from 0 to 1: C012" in str(error.value)
    assert "and 2 more; `creditrisk registry rollback`" in str(error.value)
    assert len(odd.predict(applications.tail(20))) == 20


def test_sums_of_events_that_are_infinite_count_as_missing(period, version, applications):
    endless = applications.assign(visits_pages_sum=math.inf, visits_noise_sum=-math.inf)
    missing = applications.assign(visits_pages_sum=math.nan, visits_noise_sum=math.nan)
    assert version.predict(endless).tolist() == version.predict(missing).tolist()
