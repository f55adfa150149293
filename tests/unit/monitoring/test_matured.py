"""What outcomes tell beyond the axes: concept drift, the early outcome, on a real version."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from creditrisk import contracts
from creditrisk.contracts import FINDINGS
from creditrisk.errors import UserError
from creditrisk.model.matured_loans import outcomes
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import load_version
from creditrisk.stages.decision.basis import headlines, published, read_rows
from creditrisk.stages.monitoring import early_outcome as module
from creditrisk.stages.monitoring.concept_drift import concept_drift
from creditrisk.stages.monitoring.early_outcome import early_outcome, usual_share
from creditrisk.stages.monitoring.monitor import monitor, numbers_of
from creditrisk.stages.monitoring.reference import reference_rows
from tests.builders.small_lender import fill, rewrite, small_period, small_policy
from tests.builders.trained_version import install

AS_OF = date(2024, 3, 1)
NEWER_THAN = date(2023, 9, 1)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matured")
    period = small_period(folder, AS_OF, small_policy("monitoring: {min_bads: 200}"))
    fill(period)
    return period, install(period)


@pytest.fixture(scope="module")
def rows(lender):
    period, version = lender
    return period.lake.read_commits(FINDINGS, [monitor(period, version)]).to_pandas()


def test_the_reference_rows_are_those_the_version_was_made_from(lender):
    period, version = lender
    model = load_version(period.store, version)
    found = reference_rows(period, model)
    months = set(model.profile.cohorts)
    assert len(found.frame) == model.profile.rows == 400 * len(months)
    assert {commit.key for commit in found.commits} <= set(model.lineage.data_version)
    known = [outcomes(period, [month], 3).labels["bad"].sum() for month in months]
    assert found.frame["bad"].sum() == sum(known)


def test_a_lake_that_lost_the_reference_says_so_and_the_month_goes_on(lender):
    period, version = lender
    model = load_version(period.store, version)
    lost = {key.replace("00", "77"): sha for key, sha in model.lineage.data_version.items()}
    model.lineage = model.lineage.replace(data_version=lost)
    found = reference_rows(period, model)
    assert found.frame.empty
    assert found.lacking.startswith("no reference rows")
    validated = validated_states(period.store, version)
    early, _ = early_outcome(period, model, NEWER_THAN, validated)
    assert (early[0].value, early[0].state) == (None, "insufficient")


def test_an_unchanged_world_shows_no_concept_drift_and_shuffled_outcomes_do(lender):
    period, version = lender
    model, limits = load_version(period.store, version), period.policy.monitoring
    limits = limits.model_copy(update={"min_bads": 30})
    frame = reference_rows(period, model).frame
    y, pds = frame["bad"].to_numpy(dtype="int64"), model.predict(frame)
    same = concept_drift(y, pds, model, frame, limits)
    assert (same.value, same.p_value) == (pytest.approx(0, abs=1e-6), pytest.approx(1))
    lost = concept_drift(np.random.default_rng(1).permutation(y), pds, model, frame, limits)
    assert lost.value < -0.5
    assert lost.p_value < 1e-4


@pytest.mark.parametrize("bad", [0, 1])
def test_one_outcome_has_no_concept(lender, bad):
    period, version = lender
    model, limits = load_version(period.store, version), period.policy.monitoring
    frame = reference_rows(period, model).frame
    y = np.full(len(frame), bad)
    found = concept_drift(y, model.predict(frame), model, frame, limits)
    assert (found.value, found.state) == (None, "insufficient")


def test_a_version_that_learned_from_every_cohort_has_nothing_to_be_held_against(lender):
    period, version = lender
    model, frame = load_version(period.store, version), reference_rows(*_of(lender)).frame
    model.card = model.card.replace(windows=())
    y = frame["bad"].to_numpy(dtype="int64")
    limits = period.policy.monitoring.model_copy(update={"min_bads": 1})
    found = concept_drift(y, model.predict(frame), model, frame, limits)
    assert found.text == "the version has learned from every cohort there was"


def test_the_usual_share_is_that_of_bads_that_had_shown_early(lender):
    period, version = lender
    model = load_version(period.store, version)
    card = model.card
    cohorts = [*card.validation, *(month for window in card.windows for month in window)]
    early, late = (
        sum(outcomes(period, [c], mob).labels["bad"].sum() for c in cohorts) for mob in (1, 3)
    )
    found = usual_share(period, model, 1, 3)
    assert (found.early, found.bads) == (early, late)


def test_the_early_outcome_is_held_against_its_share_of_the_pds(lender, rows):
    period, version = lender
    model = load_version(period.store, version)
    row = rows[rows["metric"] == "early_oe"].iloc[0]
    first = date.fromisoformat(f"{row['cohort'][:7]}-01")
    cohorts = [m for m in period.lake.months("gold/features", AS_OF) if m >= first][:-1]
    frames = [period.lake.read(contracts.features(period.portfolio), [m]) for m in cohorts]
    expected = sum(model.predict(frame.to_pandas()).sum() for frame in frames)
    bads = sum(outcomes(period, [month], 1).labels["bad"].sum() for month in cohorts)
    share = usual_share(period, model, 1, 3).share
    assert row["value"] == pytest.approx(bads / (share * expected))
    assert row["lower"] < 1 < row["upper"]
    assert row["cohort"].endswith("2024-02")


def test_a_usual_share_that_cannot_be_read_says_why(lender, monkeypatch):
    period, version = lender

    def altered(*_):
        raise UserError("lake/x was altered")

    monkeypatch.setattr(module, "version_labels", altered)
    model, validated = load_version(period.store, version), validated_states(period.store, version)
    [finding], _ = early_outcome(period, model, NEWER_THAN, validated)
    assert (finding.state, finding.value) == ("insufficient", None)
    assert finding.text.endswith("is not known: lake/x was altered")


def test_where_early_is_the_outcome_itself_there_is_no_early_row(lender):
    period, version = lender
    outcome = period.policy.outcome.model_copy(update={"early_mob": 3})
    same = replace(period, policy=period.policy.model_copy(update={"outcome": outcome}))
    model, validated = load_version(period.store, version), validated_states(period.store, version)
    assert early_outcome(same, model, NEWER_THAN, validated) == ([], ())


def test_what_is_added_is_judged_by_nobody(rows):
    judged = rows[~rows["state"].isin(["none", "insufficient"])]
    families = {metric.partition(":")[0] for metric in judged["metric"]}
    assert families <= {
        "axis",
        "auc",
        "auc_decay",
        "oe",
        "jeffreys",
        "score_psi",
        "csi",
        "csi_share",
    }
    assert set(judged["segment"]) == {"all"}


def test_the_rule_sees_each_metric_once_and_of_the_whole_pool(lender, rows):
    period, version = lender
    seen = read_rows(period, AS_OF, version)
    whole = rows[(rows["metric"] == "auc") & (rows["segment"] == "all")]
    assert published(seen)["auc"] == whole["value"].item()
    assert not any(name.startswith(("share", "vintage", "roll")) for name in headlines(seen))


def test_headlines_are_a_short_list(lender):
    period, version = lender
    numbers = numbers_of(period, monitor(period, version))
    assert {"auc", "precision", "recall", "early_oe", "domain_auc"} <= set(numbers)
    assert not any(":" in name for name in numbers)
    assert len(numbers) < 40


def _of(lender):
    period, version = lender
    return period, load_version(period.store, version)


def test_loans_of_a_matured_cohort_without_an_outcome_are_counted_in_the_axes_text(tmp_path):
    period = small_period(tmp_path, AS_OF, small_policy())
    fill(period)

    def half_known(rows):
        return rows.assign(bad=rows["bad"].where(np.arange(len(rows)) % 2 == 0))

    rewrite(period, contracts.LABELS, [AS_OF], half_known)
    found = period.lake.read_commits(FINDINGS, [monitor(period, install(period))]).to_pandas()
    axis = found[found["metric"] == "axis:calibration"].iloc[0]
    assert axis["rows"] == 200
    assert axis["text"].endswith("200 loans have no outcome yet")


def test_an_early_outcome_of_few_bads_is_no_evidence(tmp_path):
    period = small_period(tmp_path, AS_OF, small_policy("monitoring: {min_reference_bads: 200}"))
    fill(period)
    found = period.lake.read_commits(FINDINGS, [monitor(period, install(period))]).to_pandas()
    row = found[found["metric"] == "early_oe"].iloc[0]
    assert (row["state"], np.isnan(row["value"])) == ("insufficient", True)
    assert row["text"].endswith("bads within mob 1, 200 needed")
