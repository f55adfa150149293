"""What is published for a month's applications."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from creditrisk import contracts
from creditrisk.contracts import SCORES
from creditrisk.errors import GateError, UserError
from creditrisk.lake import table_digest
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.records.layout import VERSIONS
from creditrisk.stages.scoring import score as scoring
from creditrisk.stages.scoring.score import conservative, grades, score
from tests.builders.small_lender import Scenario, fill, rewrite, small_period, small_policy
from tests.builders.trained_version import UNSEEN, install

AS_OF = date(2024, 1, 1)
DOWN = {UNSEEN: Scenario(visits_down=True)}


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A month to score, every source up. Tests that write take their own."""
    period = small_period(tmp_path_factory.mktemp("lender"), AS_OF)
    fill(period)
    return period, install(period)


def lender_with(tmp_path, scenarios=None, policy=None, **validated):
    period = small_period(tmp_path, AS_OF, policy)
    fill(period, scenarios)
    return period, install(period, **validated)


def published(period):
    return period.lake.read(SCORES, [period.as_of]).to_pandas().set_index("application_id")


def second_version(period, version):
    """A version of another name and the same content, as if retrained."""
    for key in list(period.store.keys(f"{VERSIONS}{version}/")):
        period.store.write(key.replace(version, "other"), period.store.read(key))
    return "other"


@pytest.fixture
def any_name(monkeypatch):
    """Versions load without the check that their name is their content."""

    def load(store, id):
        keys = list(store.keys(f"{VERSIONS}{id}/"))
        return ModelVersion(id, {key.rpartition("/")[2]: store.read(key) for key in keys})

    monkeypatch.setattr(scoring, "load_version", load)


def test_every_application_gets_one_row_with_pd_grade_and_reasons(lender):
    period, version = lender
    commit = score(period, version)
    rows = published(period)
    assert commit.rows == len(rows) == 400
    assert rows["pd"].between(0, 1).all()
    assert (rows["model_version"] == version).all()
    assert not rows["held_back"].any() and not rows["rescored"].any()
    assert (rows["source_masked"] == "").all()
    assert rows["reason_1"].notna().mean() > 0.8


def test_the_published_pd_is_the_versions(lender):
    period, version = lender
    score(period, version)
    frame = period.lake.read(contracts.features(period.portfolio), [AS_OF]).to_pandas()
    expected = load_version(period.store, version).predict(frame)
    np.testing.assert_array_equal(published(period).loc[frame["application_id"], "pd"], expected)


def test_a_higher_pd_never_has_a_better_grade(lender):
    period, version = lender
    score(period, version)
    rows = published(period).sort_values("pd")
    assert rows["grade"].is_monotonic_increasing
    assert rows["grade"].min() >= 1


def test_a_grade_includes_its_upper_bound_and_no_pd_has_no_grade():
    policy = small_policy("development: {grades: [0.1, 0.2]}")
    found = grades(np.array([0.0, 0.1, 0.1001, 0.2, 0.9, np.nan]), policy)
    assert found.tolist() == [1, 1, 2, 2, 3, pd.NA]


def test_the_risky_are_told_more_reasons_than_the_safe(lender):
    period, version = lender
    score(period, version)
    rows = published(period).sort_values("pd")
    count = rows[["reason_1", "reason_2", "reason_3", "reason_4"]].notna().sum(axis=1)
    assert count.tail(100).mean() > count.head(100).mean()
    assert rows["reason_1"].tail(100).str.contains("housing|debt|income|visits|pages").all()


def test_a_reason_speaks_of_the_applicants_own_value(lender):
    period, version = lender
    score(period, version)
    frame = period.lake.read(contracts.features(period.portfolio), [AS_OF]).to_pandas()
    rows = published(period).join(frame.set_index("application_id")[["home", "debt"]])
    rent = rows[rows["reason_1"].str.startswith("housing", na=False)]
    assert (rent["reason_1"] == "housing: " + rent["home"]).all()
    high = rows.loc[rows["reason_1"] == "outstanding debt: high", "debt"]
    assert high.min() > frame["debt"].quantile(0.3)


def test_without_a_champion_the_table_is_empty_and_typed(tmp_path):
    period, _ = lender_with(tmp_path)
    commit = score(period, "")
    assert commit.rows == 0
    assert period.lake.read(SCORES, [AS_OF]).schema == SCORES.arrow


def test_scoring_twice_gives_the_same_commit(tmp_path):
    period, version = lender_with(tmp_path)
    assert score(period, version) == score(period, version)


def test_the_same_inputs_give_the_same_digest_in_another_store(lender, tmp_path):
    period, version = lender_with(tmp_path)
    assert score(period, version).digest == score(*lender).digest


def test_a_second_version_adds_its_rows_and_leaves_the_first_ones(tmp_path, any_name):
    period, version = lender_with(tmp_path)
    score(period, version)
    first = published(period)
    other = second_version(period, version)
    commit = score(period, other, rescored=True)
    rows = published(period)
    assert commit.rows == 800
    pd.testing.assert_frame_equal(rows[rows["model_version"] == version], first)
    assert rows.loc[rows["model_version"] == other, "rescored"].all()


def test_a_month_run_again_after_a_promotion_changes_nothing(tmp_path, any_name):
    period, version = lender_with(tmp_path)
    score(period, version)
    last = score(period, second_version(period, version), rescored=True)
    assert score(period, version) == last
    assert score(period, "") == last


def test_published_rows_outlive_a_correction_of_their_features(tmp_path):
    period, version = lender_with(tmp_path)
    score(period, version)
    before = published(period)
    contract = contracts.features(period.portfolio)
    frame = period.lake.read(contract, [AS_OF]).to_pandas()
    late = frame.head(1).assign(application_id="late", customer_id="late")
    corrected = pd.concat([frame.assign(debt=frame["debt"] * 9), late], ignore_index=True)
    table = pa.Table.from_pandas(corrected, schema=contract.arrow, preserve_index=False)
    period.lake.write(contract, AS_OF, table, inputs={"test": "2"}, code="test")
    score(period, version)
    after = published(period)
    pd.testing.assert_frame_equal(after.drop(index="late"), before)
    assert after.loc["late", "pd"] > 0


def test_a_source_that_is_down_is_marked_where_the_version_passed_without_it(tmp_path):
    period, version = lender_with(tmp_path, DOWN)
    score(period, version)
    rows = published(period)
    assert (rows["source_masked"] == "visits").all()
    assert rows["pd"].notna().all() and not rows["held_back"].any()
    reasons = rows[["reason_1", "reason_2", "reason_3", "reason_4"]].stack()
    assert not reasons.str.contains("visits").any()  # an outage is nobody's fault


@pytest.mark.parametrize("passed", [False, None])
def test_without_evidence_for_the_outage_applications_are_held_back(tmp_path, passed):
    period, version = lender_with(tmp_path, DOWN, masked_passed=passed)
    score(period, version)
    rows = published(period)
    assert rows["held_back"].all()
    assert rows[["pd", "grade", "reason_1"]].isna().all().all()


def test_only_the_rows_without_their_source_are_held_back(tmp_path):
    period, version = lender_with(tmp_path, masked_passed=False)
    contract = contracts.features(period.portfolio)
    frame = period.lake.read(contract, [AS_OF]).to_pandas()
    frame["visits_available"] = [False] * 5 + [None] * 5 + [True] * 390
    table = pa.Table.from_pandas(frame, schema=contract.arrow, preserve_index=False)
    period.lake.write(contract, AS_OF, table, inputs={"test": "2"}, code="test")
    score(period, version)
    held = published(period)["held_back"]
    assert set(held.index[held]) == set(frame["application_id"].head(10))


def test_no_reasons_are_computed_where_the_policy_asks_for_none(tmp_path):
    period, version = lender_with(tmp_path, policy=small_policy("scoring: {reason_codes: 0}"))
    score(period, version)
    assert published(period)[["reason_1", "reason_4"]].isna().all().all()


def test_reasons_are_the_same_whatever_the_size_of_a_chunk(lender, monkeypatch):
    period, version = lender
    whole = score(period, version).digest
    model = load_version(period.store, version)
    frame = period.lake.read(contracts.features(period.portfolio), [AS_OF]).to_pandas()
    monkeypatch.setattr(scoring, "CHUNK", 37)
    validated = scoring.validated_states(period.store, version)
    rows = scoring.score_rows(model, frame, validated, period.policy)
    table = pa.Table.from_pandas(
        rows.assign(rescored=False)[list(SCORES.names)], SCORES.arrow, preserve_index=False
    )
    assert table_digest(SCORES, table) == whole


def test_a_blocked_month_publishes_nothing_and_keeps_the_checks(tmp_path):
    policy = small_policy("scoring: {max_mass_point: 0.0}")
    period, version = lender_with(tmp_path, policy=policy)
    with pytest.raises(GateError, match="not published"):
        score(period, version)
    assert period.lake.commit(SCORES.table, AS_OF) is None
    kept = json.loads(period.store.read(f"months/{AS_OF}/publication.json"))
    assert kept["publications"][0]["blocked"]


def test_a_shifted_population_is_published_with_a_warning(tmp_path):
    strict = small_policy("scoring: {max_mean_jump: 0.1}")
    earlier = small_period(tmp_path, date(2023, 12, 1))
    period = small_period(tmp_path, AS_OF, strict)
    fill(period, {12: Scenario(shift=-6)})
    version = install(period)
    score(earlier, version)
    assert score(period, version).rows == 400
    kept = json.loads(period.store.read(f"months/{AS_OF}/publication.json"))
    checks = {check["name"]: check["state"] for check in kept["publications"][0]["checks"]}
    assert checks["mean_jump"] == "warn"


def test_applications_unlike_the_others_are_counted_before_anything_is_published(tmp_path):
    period = small_period(tmp_path, AS_OF, small_policy("monitoring: {max_anomalous_share: 0.01}"))
    fill(period)
    table = contracts.features(period.portfolio)

    def dirty(rows):
        far = rows.index < 12
        return rows.assign(
            income=rows["income"].mask(far, 9e5),
            debt=rows["debt"].mask(far, 9e5),
            visits_count=rows["visits_count"].mask(far, 60),
        )

    rewrite(period, table, [AS_OF], dirty)
    score(period, install(period))
    kept = json.loads(period.store.read(f"months/{AS_OF}/publication.json"))
    (odd,) = (c for c in kept["publications"][0]["checks"] if c["name"] == "anomalous")
    assert odd["state"] == "warn"
    assert odd["value"] >= 12 / 400 and "of 400 applications" in odd["text"]


def test_a_month_without_features_names_the_month(tmp_path):
    period = small_period(tmp_path, AS_OF)
    with pytest.raises(UserError, match="gold/features has no month 2024-01-01"):
        score(period, "")


def test_a_margin_of_conservatism_raises_the_odds_of_every_pd():
    pds = np.array([0.0, 0.02, 0.5, np.nan])
    found = conservative(pds, np.log(2))
    assert found[:3] == pytest.approx([0.0, 0.04 / 1.02, 2 / 3])
    assert np.isnan(found[3])
    assert conservative(pds, 0.0) is pds
