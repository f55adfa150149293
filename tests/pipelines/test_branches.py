"""Every branch of the monthly pipeline, run under kfp.local: which tasks ran, what they left."""

import gzip
import json
import shutil
from dataclasses import replace

import yaml

from creditrisk import contracts
from creditrisk.period import freeze
from creditrisk.policy import merge, parse_policy
from creditrisk.portfolio import load_portfolio
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.lease import read_lease
from creditrisk.records.run import run_records
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_audit_store
from creditrisk.synthetic.scenario import Scenario, Shift, demo_scenario, refused_scenario
from pipelines.local.in_process import run_month
from tests.pipelines.conftest import POLICY, month

MEASURED = ("resolve_period", "etl", "score", "monitor", "decide")
CHALLENGED = (*MEASURED, "train", "validate")
PROMOTED = (*CHALLENGED, "refit", "promote", "rescore")


def decision(lender, number):
    keys = list(lender.store.keys(f"decisions/{month(number)}/"))
    return json.loads(lender.store.read(keys[-1]))


def page(lender, number):
    return lender.store.read(f"months/{month(number)}/report.html").decode()


def events(lender):
    return [record.event for record in Trail(open_audit_store(lender.store)).records()]


def small_change_of(lender, text):
    """Freeze the lender's policy with some keys replaced."""
    content = merge(yaml.safe_load(POLICY), yaml.safe_load(text))
    policy = parse_policy(yaml.safe_dump(content), "test")
    return freeze(lender.store, policy, load_portfolio())


def scores(lender, number):
    return lender.period(number).lake.read(contracts.SCORES, [month(number)]).to_pandas()


def assert_closed(lender, number, status="ok"):
    """Whatever happened, the books are closed: record, page, lease, an audit trail that holds."""
    assert json.loads(lender.store.read(f"months/{month(number)}/run.json"))["status"] == status
    assert f"{month(number):%B %Y}" in page(lender, number)
    assert events(lender)[-1] == "run_closed"
    assert verify(Trail(open_audit_store(lender.store))) == []
    assert read_lease(lender.store).run_id == ""


def test_too_little_history_waits_and_says_for_what(lender):
    run = lender.run_month(3)
    assert run.tasks == MEASURED
    assert decision(lender, 3)["decision"] == "wait"
    assert "matured" in decision(lender, 3)["reasons"][0]
    assert scores(lender, 3).empty
    assert list(lender.store.keys("registry/")) == []
    assert_closed(lender, 3)


def test_evidently_draws_beside_the_decision_where_the_policy_wants_it(lender):
    drawing = small_change_of(lender, "monitoring: {reports: true}")
    run = replace(lender, config=drawing).run_month(3)
    assert sorted(run.tasks) == sorted((*MEASURED, "evidently"))
    drawn = set(lender.store.keys(f"months/{month(3)}/evidently/"))
    pages = ("drift", "summary", "classification")
    assert drawn == {
        f"months/{month(3)}/evidently/{page}.{kind}" for page in pages for kind in ("html", "json")
    }
    assert_closed(lender, 3)


def test_without_a_champion_the_first_model_is_trained_and_promoted(first_run):
    lender, run = first_run
    assert run.tasks == PROMOTED
    assert decision(lender, 14)["action"] == "initial"
    champion = current_champion(lender.store)
    assert champion.startswith("2025-02-initial-")
    scored = scores(lender, 14)
    assert set(scored.model_version) == {champion}
    assert scored.rescored.all()
    assert scored.pd.between(0, 1).all()
    assert_closed(lender, 14)


def test_a_promoted_month_run_again_acts_no_second_time(first_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lender = first_run[0].copy(tmp_path / "lender")
    before = {key: lender.store.tag(key) for key in lender.store.keys("registry/")}
    scored = scores(lender, 14)
    run = lender.run_month(14)
    assert run.tasks == MEASURED
    assert {key: lender.store.tag(key) for key in lender.store.keys("registry/")} == before
    assert len(list(lender.store.keys(f"decisions/{month(14)}/"))) == 1
    assert scores(lender, 14).equals(scored)
    assert_closed(lender, 14)


def test_one_process_runs_a_month_as_the_pipeline_does(first_run, lender, monkeypatch):
    populated, run = first_run
    monkeypatch.setenv("CREDITRISK_STORE", lender.store.uri)
    run_id = run_month(str(lender.landing), lender.config, month(14))
    assert tuple(record.task for record in run_records(lender.store, run_id)) == run.tasks
    assert decision(lender, 14) == decision(populated, 14)
    assert current_champion(lender.store) == current_champion(populated.store)
    for table in ("scores/applications", "monitoring/findings"):
        ours, theirs = (one.period(14).lake.need(table, month(14)) for one in (lender, populated))
        assert ours.digest == theirs.digest, table
    assert_closed(lender, 14)


def test_a_quiet_month_keeps_the_champion(champion_lender):
    lender = champion_lender
    champion = current_champion(lender.store)
    run = lender.run_month(15)
    assert run.tasks == MEASURED
    assert decision(lender, 15)["decision"] == "keep"
    assert current_champion(lender.store) == champion
    assert set(scores(lender, 15).model_version) == {champion}
    assert_closed(lender, 15)


def test_a_grown_channel_reddens_stability_alone_and_is_watched(champion_lender):
    lender = champion_lender
    run = lender.run_month(17)
    assert run.tasks == MEASURED
    decided = decision(lender, 17)
    assert decided["axes"]["stability"]["state"] == "red"
    assert decided["decision"] == "watch"
    assert_closed(lender, 17)


def test_two_red_axes_retrain_and_a_challenger_that_passes_is_promoted(champion_lender):
    lender = champion_lender
    old = current_champion(lender.store)
    run = lender.run_month(20)
    assert run.tasks == PROMOTED
    decided = decision(lender, 20)
    assert decided["action"] == "retrain"
    assert "two_of_three" in decided["triggers"]
    new = current_champion(lender.store)
    assert new.startswith("2025-08-retrain-")
    verdict = json.loads(lender.store.read(f"registry/versions/{new}/validation.json"))
    assert verdict["verdict"] == "pass"
    assert len(verdict["windows"]) == 3
    scored = scores(lender, 20)
    assert set(scored.model_version) == {old, new}
    assert set(scored.rescored[scored.model_version == new]) == {True}
    assert_closed(lender, 20)


def test_a_challenger_that_fails_its_third_window_is_refused(champion_lender):
    lender = champion_lender
    old = current_champion(lender.store)
    lender.redeliver(refused_scenario(), since=17, until=20)
    run = lender.run_month(20)
    assert run.tasks == CHALLENGED
    assert current_champion(lender.store) == old
    versions = {key.split("/")[2] for key in lender.store.keys("registry/versions/")}
    (challenger,) = versions - {old}
    verdict = json.loads(lender.store.read(f"registry/versions/{challenger}/validation.json"))
    assert verdict["verdict"] == "fail"
    assert any(not gate["passed"] for gate in verdict["gates"])
    assert set(scores(lender, 20).model_version) == {old}
    assert_closed(lender, 20)


def test_only_calibration_red_recalibrates(champion_lender):
    limits = "monitoring: {decay_red: 0.1, decay_critical: 0.2, reports: false}"
    tolerant = small_change_of(champion_lender, limits)
    lender = replace(champion_lender, config=tolerant)
    dearer = Scenario(
        applications_per_month=1_000,
        shifts=(Shift(7, pilot_share=0.15), Shift(15, odds=2.0)),
    )
    # one cohort far off may be a shock, three are a change of level: those of 15 to 17 are known
    lender.redeliver(dearer, since=15, until=20)
    run = lender.run_month(20)
    decided = decision(lender, 20)
    assert decided["axes"]["calibration"]["state"] == "red"
    assert decided["decision"] == "recalibrate"
    assert run.tasks[: len(CHALLENGED)] == CHALLENGED
    versions = {key.split("/")[2] for key in lender.store.keys("registry/versions/")}
    assert any("-recalibrate-" in version for version in versions)
    assert_closed(lender, 20)


def test_a_column_of_garbage_blocks_the_month_on_purpose(champion_lender):
    lender = champion_lender
    path = lender.landing / "features_financials" / f"{month(15)}.csv.gz"
    header, *rows = gzip.decompress(path.read_bytes()).decode().splitlines()
    place = header.split(",").index("Outstanding_Debt")
    dirty = [header, *(garbage(row, place) for row in rows)]
    path.write_bytes(gzip.compress("\n".join(dirty).encode()))
    before = set(lender.store.keys("scores/"))
    run = lender.run_month(15)
    assert run.tasks == ("resolve_period", "etl")
    assert run.failure.status == "blocked"
    assert run.failure.exit_code == 3
    assert "outstanding_debt" in run.failure.error
    assert decision(lender, 15)["decision"] == "blocked"
    assert set(lender.store.keys("scores/")) == before
    assert_closed(lender, 15, "blocked")


def garbage(row, place):
    """The row with one field spoilt; fields before it hold no quotes in these rows."""
    import csv
    import io

    fields = next(csv.reader([row]))
    fields[place] = "n/a?"
    out = io.StringIO()
    csv.writer(out).writerow(fields)
    return out.getvalue().rstrip("\r\n")


def test_a_task_that_cannot_read_fails_the_run_and_leaves_earlier_months_alone(
    champion_lender,
):
    lender = champion_lender
    before = scores(lender, 14)
    data = lender.root / "store/lake/scores/applications/data"
    shutil.move(data, data.with_name("kept"))
    data.write_text("a file where a folder should be")
    run = lender.run_month(15)
    assert run.tasks == ("resolve_period", "etl", "score")
    assert run.failure.task == "score"
    assert run.failure.exit_code == 3
    assert "which is gone; restore it or re-run" in run.failure.error
    assert list(lender.store.keys(f"decisions/{month(15)}/")) == []
    assert_closed(lender, 15, "blocked")
    data.unlink()
    shutil.move(data.with_name("kept"), data)
    assert scores(lender, 14).equals(before)
    assert lender.run_month(15).tasks == MEASURED


def test_a_missing_file_is_one_line_and_nothing_half_written(champion_lender):
    lender = champion_lender
    lender.redeliver(replace(demo_scenario()), since=15, until=15)
    (lender.landing / "features_financials" / f"{month(16)}.csv.gz").unlink()
    for key in list(lender.store.keys("lake/")):
        if f"/manifests/{month(16)}/" in key:
            lender.store.delete(key)
    run = lender.run_month(16)
    assert run.failure.exit_code == 2
    assert "features_financials" in run.failure.error
    assert "\n" not in run.failure.error
    lake = lender.period(16).lake
    assert month(16) not in lake.months("gold/features")
    assert month(15) in lake.months("gold/features")
    assert_closed(lender, 16, "failed")
