import hashlib
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from creditrisk.errors import UserError
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import load_version
from creditrisk.records.layout import VERSIONS
from creditrisk.records.trail_check import verify
from creditrisk.records.version_files import sums_sha256
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.examine import examine
from creditrisk.stages.validation.report_page import page
from creditrisk.stages.validation.validate import evidence_of, validate
from tests.builders.small_lender import Scenario, fill, small_period, small_policy
from tests.builders.versions import AT, at_month, moved, variant

AS_OF = date(2024, 4, 1)
LAST_WINDOW = 12  # months after the first one; matures at AS_OF


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A stable lender's store with one trained, not yet validated version."""
    period = small_period(tmp_path_factory.mktemp("lender"), AS_OF)
    fill(period, seed=1)
    return period, train(period, "initial", "")


@pytest.fixture(scope="module")
def passed(lender, tmp_path_factory):
    period, version = lender
    period = moved(period, tmp_path_factory.mktemp("passed"))
    assert validate(period, version, "", at=AT) == "pass"
    return period, version


def content_of(period, version):
    return json.loads(period.store.read(f"{VERSIONS}{version}/validation.json"))


def objects(store):
    return {key: store.tag(key) for key in store.keys("")}


def gates_of(period, version):
    return content_of(period, version)["gates"]


def states(period, version):
    worst = {}
    for gate in gates_of(period, version):
        order = ["green", "amber", "red", "insufficient"]
        worst[gate["gate"]] = max(gate["state"], worst.get(gate["gate"], "green"), key=order.index)
    return worst


def broken(tmp_path, scenario, seed=1):
    """The lender's store with its newest matured cohort of another population."""
    period = small_period(tmp_path, AS_OF)
    fill(period, {LAST_WINDOW: scenario}, seed=seed)
    return period, train(period, "initial", "")


def test_a_stable_lenders_model_passes_with_all_its_evidence(passed):
    period, version = passed
    content = content_of(period, version)
    assert content["cohorts"] == [["2023-11-01"], ["2023-12-01"], ["2024-01-01"]]
    for window in content["windows"]:
        assert window["rows"] == 400
        assert window["auc"]["lower"] < window["auc"]["auc"] < window["auc"]["upper"]
        assert window["gini"] == pytest.approx(2 * window["auc"]["auc"] - 1)
        assert sum(grade["rows"] for grade in window["grades"]) == 400
        assert sum(grade["defaults"] for grade in window["grades"]) == window["bads"]
    assert content["pooled"]["bads"] == sum(window["bads"] for window in content["windows"])
    assert content["comparison"] is None
    assert content["reasons"] == []
    assert set(content["masked"]) == {"visits"}
    for key, digest in content["data_version"].items():  # what it was judged on, by version
        assert period.lake.manifest(key).digest == digest
    assert {key.split("/manifests/")[0] for key in content["data_version"]} == {
        "lake/gold/features",
        "lake/gold/labels",
    }


def test_scoring_reads_what_validation_wrote(passed):
    period, version = passed
    record, content = validated_states(period.store, version), content_of(period, version)
    assert record.masked == {"visits"}
    assert record.pooled["plain"].auc == content["pooled"]["auc"]
    assert record.pooled["visits"].auc < record.pooled["plain"].auc


def test_the_reading_is_on_record_before_the_verdict_and_the_verdict_with_its_hash(passed):
    period, version = passed
    data = period.store.read(f"{VERSIONS}{version}/validation.json")
    read, judged = [r for r in period.trail.records() if r.event in ("oot_read", "validated")]
    assert (read.event, judged.event) == ("oot_read", "validated")
    assert read.body["windows"] == [["2023-11-01"], ["2023-12-01"], ["2024-01-01"]]
    assert read.body["policy"] == period.policy.sha
    assert judged.body["sha256"] == hashlib.sha256(data).hexdigest()
    assert judged.body["sums"] == sums_sha256(period.store, version)
    assert judged.at == AT
    assert verify(period.trail) == []


def test_every_level_that_is_shown_carries_what_cohorts_share(lender):
    period, version = lender
    model = load_version(period.store, version)

    def width(interval):
        return interval.upper - interval.lower

    def widths(stance):
        limits = period.policy.shocks.model_copy(update={"stance": stance})
        policy = period.policy.model_copy(update={"shocks": limits})
        found = examine(replace(period, policy=policy), model, None)
        groups = [one.oe for column in found.fairness for one in column.groups if one.oe]
        masked = [test.pooled.oe for test in found.masked.values()]
        return [width(oe) for oe in (found.pooled.oe, *masked, *groups)]

    alone, shared = widths("point_in_time"), widths("through_the_cycle")
    assert len(alone) > 3
    assert all(wide > narrow for wide, narrow in zip(shared, alone, strict=True))


def test_a_second_run_returns_the_stored_verdict_and_writes_nothing(passed, tmp_path):
    period, version = passed
    period = moved(period, tmp_path)
    before = objects(period.store)
    records = len(list(period.trail.records()))
    assert validate(period, version, "", at="2024-05-01T00:00:00+00:00") == "pass"
    assert objects(period.store) == before
    assert len(list(period.trail.records())) == records


def test_a_run_cut_off_before_its_record_is_completed_by_the_next(lender, tmp_path, monkeypatch):
    period, version = lender
    period = moved(period, tmp_path)

    def crash(*args, **kwargs):
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.records.oot_ledger.record_verdict", crash)
        with pytest.raises(RuntimeError):
            validate(period, version, "", at=AT)
    assert validate(period, version, "", at=AT) == "pass"
    assert period.trail.find("validated", version) is not None
    assert [r.event for r in period.trail.records()].count("oot_read") == 1


def test_the_same_inputs_give_the_same_bytes(lender, passed, tmp_path):
    period, version = lender
    again = moved(period, tmp_path)
    validate(again, version, "", at="2030-01-01T00:00:00+00:00")
    for name in ("validation.json", "validation.html"):
        key = f"{VERSIONS}{version}/{name}"
        assert again.store.read(key) == passed[0].store.read(key)


def test_another_policy_may_not_judge_the_same_version_again(passed):
    period, version = passed
    looser = at_month(period, AS_OF, small_policy("validation: {decay_red: 0.2}"))
    with pytest.raises(UserError, match="validated before with policy"):
        validate(looser, version, "", at=AT)


def test_a_later_month_may_not_judge_the_same_version_again(passed):
    period, version = passed
    with pytest.raises(UserError, match="as_of 2024-04-01"):
        validate(at_month(period, date(2024, 5, 1)), version, "", at=AT)


def test_a_ranking_lost_in_the_third_window_fails_by_decay(tmp_path):
    period, version = broken(tmp_path, Scenario(signal=0))
    assert validate(period, version, "", at=AT) == "fail"
    found = states(period, version)
    assert (found["decay"], found["range"], found["auc_floor"]) == ("red", "red", "red")
    assert any(text.startswith("decay, all windows: AUC 0.") for text in
               content_of(period, version)["reasons"])  # fmt: skip


def test_twice_the_odds_in_the_third_window_fail_by_calibration(tmp_path):
    period, version = broken(tmp_path, Scenario(odds=2.5))
    assert validate(period, version, "", at=AT) == "fail"
    red = [gate for gate in gates_of(period, version) if gate["state"] == "red"]
    assert ("oe", "2024-01") in [(gate["gate"], gate["window"]) for gate in red]
    assert min(gate["value"] for gate in red if gate["gate"] == "oe") > 1.2


def test_other_applicants_in_the_third_window_fail_by_score_psi(tmp_path):
    period, version = broken(tmp_path, Scenario(shift=-4.0))
    assert validate(period, version, "", at=AT) == "fail"
    red = {(gate["gate"], gate["window"]) for gate in gates_of(period, version)
           if gate["state"] == "red"}  # fmt: skip
    assert ("score_psi", "2024-01") in red
    assert ("score_psi", "2023-11") not in red


def test_a_window_without_bads_is_not_enough_evidence(lender, tmp_path):
    period, version = lender
    period = moved(period, tmp_path)
    few = variant(period, version, "few", windows=[["2023-11-01"], ["2023-12-01"], ["2024-02-01"]])
    assert validate(period, few, "", at=AT) == "insufficient"
    content = content_of(period, few)
    assert content["reasons"] == ["sample, 2024-02: 0 bads and 0 goods, 30 bads needed"]
    assert content["windows"] == []


def test_two_windows_are_not_enough_evidence(lender, tmp_path):
    period, version = lender
    period = moved(period, tmp_path)
    two = variant(period, version, "two", windows=[["2023-12-01"], ["2024-01-01"]])
    assert validate(period, two, "", at=AT) == "insufficient"


def test_too_few_bads_are_not_enough_evidence(lender, tmp_path):
    period, version = lender
    strict = moved(period, tmp_path, small_policy("development: {oot_min_bads: 300}"))
    assert validate(strict, version, "", at=AT) == "insufficient"


def test_an_outcome_told_after_as_of_is_not_read(lender, tmp_path):
    period, version = lender
    period = moved(period, tmp_path)
    earlier = at_month(period, date(2024, 3, 1))
    assert validate(earlier, version, "", at=AT) == "insufficient"
    assert content_of(period, version)["reasons"][0].startswith("sample, 2024-01: 0 bads")


def test_a_window_the_version_was_built_on_is_refused(lender, tmp_path):
    period, version = lender
    period = moved(period, tmp_path)
    leaking = variant(period, version, "leak", windows=[["2023-10-01"], ["2023-11-01"]])
    with pytest.raises(UserError, match="window 2023-10 is not later"):
        validate(period, leaking, "", at=AT)
    assert period.trail.find("oot_read", f"{leaking}:{AS_OF}") is None


def test_an_altered_model_is_refused_by_name_before_any_outcome_is_read(lender, tmp_path):
    period, version = lender
    period = moved(period, tmp_path)
    key = f"{VERSIONS}{version}/calibration.json"
    data = bytearray(period.store.read(key))
    data[len(data) // 2] ^= 1
    period.store.write(key, bytes(data))
    with pytest.raises(UserError, match=r"calibration\.json was altered"):
        validate(period, version, "", at=AT)
    assert period.trail.find("oot_read", f"{version}:{AS_OF}") is None


def test_the_page_stands_alone_and_escapes_what_it_shows(passed):
    period, version = passed
    html = page(evidence_of(period, version))
    assert html == period.store.read(f"{VERSIONS}{version}/validation.html").decode()
    assert version in html
    assert "://" not in html
    assert "<script" not in html
    for name in ("2023-11", "Against the scorecard", "With a source down", "floor 0.7"):
        assert name in html


def test_the_pipeline_gets_finite_numbers_and_curves(passed):
    period, version = passed
    evidence = evidence_of(period, version)
    assert {"auc", "oe", "window_1_auc", "window_3_oe"} <= set(evidence.numbers())
    assert np.isfinite(list(evidence.numbers().values())).all()
    points = evidence.roc.points
    assert all(len(part) == len(points[0]) > 2 for part in points)
    assert np.isfinite(np.array(points)).all()
    assert sum(map(sum, evidence.confusion)) == 1200


def test_evidence_without_a_validation_is_an_error_that_says_so(lender):
    period, version = lender
    with pytest.raises(UserError, match=r"has no validation\.json"):
        evidence_of(period, version)
