"""What a month's findings say when the population stays, changes or a source goes down."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.stages.monitoring.monitor import monitor, numbers_of
from creditrisk.stages.scoring.score import score
from tests.builders import small_lender as small
from tests.builders.monitored_lender import AS_OF, found, lender
from tests.builders.small_lender import START, Scenario
from tests.builders.trained_version import UNSEEN, trained

NOW = 14
POOLED = "monitoring: {min_bads: 200}"  # three cohorts: states hang on no single draw
AXES = ("discrimination", "stability", "calibration")


def axes(findings):
    return {axis: findings.loc[f"axis:{axis}", "state"] for axis in AXES}


@pytest.fixture(scope="module")
def stable(tmp_path_factory):
    period, version = lender(tmp_path_factory.mktemp("stable"), policy=POOLED)
    score(period, version)
    return period, version, found(period, version)


def test_in_a_stable_world_no_axis_is_red(stable):
    assert set(axes(stable[2]).values()) <= {"green", "amber"}


def test_a_finding_says_which_cohorts_it_measured_and_when_their_outcome_was_known(stable):
    row = stable[2].loc["auc"]
    assert (row["cohort"], row["rows"]) == ("2023-10..2023-12", 1200)
    assert row["label_as_of"] == AS_OF
    assert stable[2].loc["score_psi", "cohort"] == "2024-03"
    assert row["lower"] < row["value"] < row["upper"]


def test_a_column_that_grows_by_construction_is_not_compared_for_drift(tmp_path, monkeypatch):
    growing = small.PORTFOLIO.replace("debt: {type: number,", "debt: {growing: true, type: number,")
    monkeypatch.setattr(small, "PORTFOLIO", growing)
    findings = found(*lender(tmp_path, {NOW: Scenario(shift=1)}))
    assert not {"csi:debt", "missing:debt"} & set(findings.index)
    assert "csi:income" in findings.index


@pytest.mark.parametrize(("as_of", "pooled"), [(date(2024, 2, 1), ""), (AS_OF, "2023-10..2023-12")])
def test_cohorts_seen_at_other_ages_are_pooled_by_whole_cycles(
    tmp_path, monkeypatch, as_of, pooled
):
    trained()
    quarterly = small.PORTFOLIO.replace("role: performance", "role: performance\n    every: 3")
    monkeypatch.setattr(small, "PORTFOLIO", quarterly)
    policy = "outcome: {early_mob: 3}\ndevelopment: {validation_cohorts: 3, oot_months: 3}"
    findings = found(*lender(tmp_path, policy=policy, as_of=as_of))
    assert findings.loc["axis:discrimination", "cohort"] == pooled
    assert (findings.loc["axis:discrimination", "state"] == "insufficient") == (pooled == "")


def test_every_metric_the_rule_reads_is_there(stable):
    expected = {"auc", "auc_decay", "gini", "ks", "score_psi", "csi:debt", "csi_share", "oe"}
    expected |= {"missing:debt", "jeffreys", "brier", "ece", "csi:visits_evidence"}
    expected |= {"applications", "bad_rate_mob1", "bad_rate_mob3", "mean_pd", "approval_rate"}
    expected |= {"expected_loss", "held_back"} | {f"axis:{axis}" for axis in AXES}
    assert expected <= set(stable[2].index)
    assert not any(name.startswith("source_outage") for name in stable[2].index)


def test_the_portfolios_figures_follow_from_the_published_scores(stable):
    period, _, findings = stable
    pds = period.lake.read(contracts.SCORES, [AS_OF])["pd"].to_numpy()
    approved = pds[pds <= period.policy.scoring.cutoff]
    assert findings.loc["mean_pd", "value"] == pytest.approx(pds.mean())
    assert findings.loc["approval_rate", "value"] == len(approved) / len(pds)
    assert findings.loc["expected_loss", "value"] == pytest.approx(approved.sum() * 0.45 * 10_000)
    assert findings.loc["expected_loss", "text"].startswith("PD x LGD")


def test_the_bad_rate_is_counted_on_the_newest_matured_cohort_of_its_horizon(stable):
    findings = stable[2]
    assert findings.loc["bad_rate_mob3", "cohort"] == "2023-12..2023-12"
    assert findings.loc["bad_rate_mob1", "cohort"] == "2024-02..2024-02"
    assert findings.loc["bad_rate_mob1", "value"] < findings.loc["bad_rate_mob3", "value"]


def test_headline_numbers_are_finite_and_leave_single_features_out(stable):
    period, version, _ = stable
    numbers = numbers_of(period, monitor(period, version))
    assert {"auc", "oe", "score_psi", "applications"} <= set(numbers)
    assert all(np.isfinite(value) for value in numbers.values())
    assert not any(name.startswith(("csi:", "missing:", "axis:")) for name in numbers)


def test_monitoring_twice_gives_the_same_commit(stable):
    period, version, _ = stable
    assert monitor(period, version) == monitor(period, version)


def test_later_months_do_not_change_an_earlier_months_findings(stable, tmp_path):
    period, version, _ = stable
    broken = {NOW + 1: Scenario(odds=9, shift=2)}
    later, _ = lender(tmp_path, broken, POOLED, as_of=add_months(AS_OF, 3))
    back = replace(later, as_of=AS_OF)
    score(back, version)
    assert (again := monitor(back, version)).digest == monitor(period, version).digest
    assert all(key.split("/")[-2] <= AS_OF.isoformat() for key in again.inputs if "lake" in key)


def test_scores_that_no_longer_rank_turn_discrimination_red(tmp_path):
    states = axes(found(*lender(tmp_path, {UNSEEN: Scenario(signal=0)})))
    assert states["discrimination"] in ("red", "critical")


def test_tripled_default_odds_turn_calibration_red_and_nothing_else(tmp_path):
    states = axes(found(*lender(tmp_path, {UNSEEN: Scenario(odds=3)}, POOLED)))
    assert states["calibration"] in ("red", "critical")
    assert states["discrimination"] in ("green", "amber")
    assert states["stability"] in ("green", "amber")


def test_shifted_applicants_turn_stability_red_before_any_outcome_is_known(tmp_path):
    findings = found(*lender(tmp_path, {NOW: Scenario(shift=2)}, POOLED))
    assert axes(findings)["stability"] in ("red", "critical")
    assert findings.loc["csi:income", "state"] == "red"
    assert axes(findings)["discrimination"] in ("green", "amber")
    assert axes(findings)["calibration"] in ("green", "amber")


def test_a_source_that_is_down_is_an_outage_and_no_drift(tmp_path):
    findings = found(*lender(tmp_path, {NOW: Scenario(visits_down=True)}))
    row = findings.loc["source_outage:visits"]
    assert (row["value"], row["state"]) == (1.0, "none")
    assert "visits was down for 400 of 400 applications" in row["text"]
    assert axes(findings)["stability"] in ("green", "amber")
    assert not any(name.startswith("csi:visits") for name in findings.index)


def test_a_source_down_for_some_compares_each_group_with_its_own_reference(tmp_path):
    period, version = lender(tmp_path)
    contract = contracts.features(period.portfolio)
    frame = period.lake.read(contract, [AS_OF]).to_pandas()
    frame["visits_available"] = np.arange(len(frame)) >= 250
    table = pa.Table.from_pandas(frame, schema=contract.arrow, preserve_index=False)
    period.lake.write(contract, AS_OF, table, inputs={"test": "2"}, code="test")
    rows = period.lake.read_commits(FINDINGS, [monitor(period, version)]).to_pandas()
    psi = rows[rows["metric"] == "score_psi"].set_index("segment")
    assert psi.loc["all", "value"] == psi.loc["sources_down=visits", "value"]
    assert psi.loc["sources_down=none", "state"] == "insufficient"  # 150 rows
    assert "csi:visits_count" not in set(rows["metric"])


@pytest.mark.parametrize(("passed", "measured"), [(True, 400), (False, 0)])
def test_loans_scored_without_a_source_count_only_where_the_version_passed(
    tmp_path, passed, measured
):
    scenarios = {UNSEEN: Scenario(visits_down=True), 12: Scenario()}
    period, version = lender(tmp_path, scenarios, masked_passed=passed)
    findings = found(period, version)
    assert findings.loc["axis:discrimination", "rows"] == measured
    if passed:  # against what validation saw without the source
        assert "against 0.750 at validation" in findings.loc["auc_decay", "text"]
    else:
        assert axes(findings)["discrimination"] == axes(findings)["calibration"] == "insufficient"
        assert "1,200 loans not measured" in findings.loc["axis:calibration", "text"]


def test_too_few_bads_are_pooled_and_then_insufficient(tmp_path):
    policy = "monitoring: {min_bads: 100}"
    findings = found(*lender(tmp_path / "a", policy=policy))
    assert findings.loc["auc", "cohort"] in ("2023-11..2023-12", "2023-10..2023-12")
    assert findings.loc["auc", "bads"] >= 100
    policy = "monitoring: {min_bads: 5000}"
    findings = found(*lender(tmp_path / "b", policy=policy))
    assert findings.loc["auc", "cohort"] == "2023-10..2023-12"
    assert axes(findings)["discrimination"] == axes(findings)["calibration"] == "insufficient"
    assert "5000 and 30 needed" in findings.loc["axis:discrimination", "text"]


def test_before_a_cohort_newer_than_development_matures_outcomes_are_insufficient(tmp_path):
    period, version = lender(tmp_path, as_of=date(2023, 9, 1))
    findings = found(period, version)  # what has matured was in its own windows
    assert axes(findings)["discrimination"] == "insufficient"
    assert "no cohort after 2023-09 has matured" in findings.loc["axis:calibration", "text"]


def test_without_validation_the_level_is_judged_and_decay_is_not(tmp_path):
    findings = found(*lender(tmp_path, pooled=False))
    assert findings.loc["auc_decay", "state"] == "insufficient"
    assert axes(findings)["discrimination"] in ("green", "amber")


def test_the_plain_mode_needs_thresholds_alone(tmp_path):
    policy = "{rule: {mode: plain}, monitoring: {min_bads: 5000, auc_red: 0.95, auc_amber: 0.97}}"
    assert axes(found(*lender(tmp_path, policy=policy)))["discrimination"] == "red"


def test_without_a_champion_the_portfolio_is_measured_alone(tmp_path):
    period, _ = lender(tmp_path)
    findings = found(period, "")
    assert set(findings["axis"]) == {"portfolio", "system"}
    named = {"applications", "bad_rate_mob1", "bad_rate_mob3", "mean_pd", "approval_rate"}
    assert named <= set(findings.index)
    assert pd.isna(findings.loc["mean_pd", "value"])


def test_a_month_without_applications_is_scored_and_measured_all_the_same(tmp_path):
    period, version = lender(tmp_path, {NOW: Scenario(rows=0)})
    assert score(period, version).rows == 0
    findings = found(period, version)
    assert axes(findings)["stability"] == "insufficient"
    assert axes(findings)["discrimination"] in ("green", "amber")
    assert findings.loc["applications", "value"] == 0


def test_the_first_month_has_no_outcome_and_says_so(tmp_path):
    period, _ = lender(tmp_path, as_of=START)
    findings = found(period, "")
    assert pd.isna(findings.loc["bad_rate_mob3", "value"])
    assert "no outcome within mob 3 is known of 2022-10" in findings.loc["bad_rate_mob3", "text"]
