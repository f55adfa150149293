"""The system measured by its own promises."""

import json
import os
import signal
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from creditrisk.contracts import FINDINGS, features
from creditrisk.records.decision import keep
from creditrisk.records.month import Closing, MonthRun, write_month_run
from creditrisk.records.run import recorded
from creditrisk.stages.closing.close import close
from creditrisk.stages.decision.resolve import resolve
from creditrisk.stages.monitoring.finding import findings_table
from creditrisk.stages.monitoring.service_levels import (
    months_on_time,
    promotion,
    service,
    throughput,
)
from tests.builders.documents import decision, made_champion, record
from tests.builders.small_lender import small_period, small_policy

JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))
DUE = "2024-02-02T06:00:00Z"


def closed(at, scheduled_at=""):
    closing = Closing(at=at, run_id="r") if at else None
    return MonthRun(run_id="r", status="ok", closed=closing, scheduled_at=scheduled_at)


def test_a_month_is_on_time_when_it_closes_within_the_days_of_its_schedule():
    runs = {
        FEB: closed("2024-02-05T06:00:00.000+00:00", DUE),
        MAR: closed("2024-03-05T06:00:01.000+00:00", "2024-03-02T06:00:00Z"),
    }
    found = months_on_time(runs, close_days=3)
    assert (found.value, found.rows) == (0.5, 2)
    assert found.text == "1 of 2 months closed within 3 days; not 2024-03"


def test_a_month_the_schedule_missed_or_that_failed_is_late():
    failed = closed("", "2024-03-02T06:00:00Z")
    runs = {FEB: closed("2024-02-02T07:00:00+00:00", DUE), MAR: failed, APR: None}
    assert months_on_time(runs, 3).value == pytest.approx(1 / 3)


def test_months_before_the_first_schedule_promised_nothing():
    runs = {JAN: closed("2026-01-01T00:00:00+00:00"), FEB: closed("2024-02-03T00:00:00Z", DUE)}
    assert (months_on_time(runs, 3).value, months_on_time(runs, 3).rows) == (1.0, 1)


def test_without_a_schedule_there_is_no_promise():
    found = months_on_time({JAN: closed("2026-01-01T00:00:00+00:00"), FEB: None}, 3)
    assert (found.value, found.state) == (None, "insufficient")


def scoring(period, run_id, seconds):
    scored = record("score", run_id=run_id, as_of=f"{FEB}", seconds=seconds)
    period.store.write(f"runs/{run_id}/score.json", scored.encode())


def test_throughput_is_that_of_the_newest_closed_month(tmp_path):
    period = small_period(tmp_path, APR)
    contract = features(period.portfolio)
    names = {name: [None, None] for name in contract.names}
    rows = names | {
        "application_id": ["a", "b"],
        "customer_id": ["a", "b"],
        "snapshot_date": [FEB] * 2,
    }
    rows |= {"visits_count": [0, 0], "visits_pages_sum": [0.0] * 2, "visits_noise_sum": [0.0] * 2}
    table = pa.table(rows, schema=contract.arrow)
    period.lake.write(contract, FEB, table, inputs={}, code="test")
    scoring(period, "r", 0.5)
    scoring(period, "again", 99)
    found = throughput(period, {FEB: closed("2024-02-03T00:00:00Z"), MAR: closed("")})
    assert (found.value, found.rows, found.cohort) == (4.0, 2, "2024-02")
    assert throughput(period, {MAR: None}).value is None


def promoted(period, version, since, at, decided_at, action="retrain"):
    made_champion(period.store, version, since)
    found = decision(date.fromisoformat(f"{version[:7]}-01"), action=action)
    keep(period.store, found)
    period.trail.append("decided", "pipeline", decided_at, found.record(), found.id)
    period.trail.append("promoted", "ann", at, {"version": version}, f"{version}:{since}")


def test_trigger_to_promotion_runs_from_the_decision_to_the_promotion(tmp_path):
    period = small_period(tmp_path, APR)
    promoted(period, "2024-02-retrain-x", MAR, "2024-03-03T08:00:00+00:00", "2024-03-02T02:00:00Z")
    found = promotion(period)
    assert (found.value, found.cohort) == (30.0, "2024-03")
    assert promotion(small_period(tmp_path, MAR)).value is None  # not before its own month ended


def test_a_version_nobody_decided_on_was_not_triggered(tmp_path):
    period = small_period(tmp_path, APR)
    promoted(period, "2024-02-retrain-x", MAR, "2024-03-03T08:00:00Z", DUE, action="none")
    assert promotion(period).value is None


def test_a_new_store_has_no_figures_and_says_why(tmp_path):
    found = service(small_period(tmp_path, MAR))
    assert [f.metric for f in found] == ["months_on_time", "throughput", "trigger_to_promotion"]
    assert {f.value for f in found} == {None}
    assert all(f.text for f in found)


def test_an_earlier_month_closed_late_changes_nothing_of_a_month_already_measured(tmp_path):
    period = small_period(tmp_path, APR)
    write_month_run(period.store, FEB, closed("2024-02-03", DUE))
    at_first = service(period)
    table = findings_table(at_first, "", APR)
    period.lake.write(FINDINGS, APR, table, inputs={"policy": period.policy.sha}, code="test")
    late = closed("2024-03-03T06:00:00Z", "2024-03-02T06:00:00Z")
    write_month_run(period.store, MAR, late)
    by_name = sorted(at_first, key=lambda finding: finding.metric)
    assert sorted(service(period), key=lambda finding: finding.metric) == by_name
    assert by_name[0].value == 0.5
    other = small_period(tmp_path, APR, small_policy("monitoring: {close_days: 1}"))
    assert service(other)[0].text == "2 of 2 months closed within 1 days"


def test_findings_that_were_damaged_are_measured_again(tmp_path):
    period = small_period(tmp_path, APR)
    table = findings_table(service(period), "", APR)
    period.lake.write(FINDINGS, APR, table, inputs={"policy": period.policy.sha}, code="test")
    folder = Path(period.store.uri.removeprefix("file://"))
    for part in folder.rglob("*.parquet"):
        part.write_bytes(b"damaged")
    assert [found.metric for found in service(period)] == [f.metric for f in service(period)]
    assert len(service(period)) == 3


def test_a_task_that_was_killed_makes_the_month_a_failed_one(tmp_path, monkeypatch):
    period = small_period(tmp_path, MAR)
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    resolve("2024-03", "", period.config, "run", lease=False)
    pid = os.fork()
    if pid == 0:
        with recorded(period.store, "train", "2024-03-01", "run"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    close("run")
    body = json.loads(period.store.read(f"months/{MAR}/run.json"))
    assert (body["status"], body["closed"]) == ("failed", None)
    assert body["tasks"][-1]["task"] == "train"
    assert "it was terminated, or its time or its memory ran out" in body["tasks"][-1]["error"]
    with recorded(period.store, "train", "2024-03-01", "run"):
        pass  # a second attempt
    close("run")
    assert json.loads(period.store.read(f"months/{MAR}/run.json"))["status"] == "ok"


def test_the_first_closing_of_a_month_and_its_schedule_stay(tmp_path, monkeypatch):
    period = small_period(tmp_path, MAR)
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    body = []
    for run, as_of, scheduled in (("one", "", "2024-03-02T06:00:00Z"), ("two", "2024-03", "")):
        resolve(as_of, scheduled, period.config, run, lease=False)
        close(run)
        body.append(json.loads(period.store.read(f"months/{MAR}/run.json")))
    assert body[1]["run_id"] == "two"
    assert body[1]["closed"] == body[0]["closed"]
    assert body[1]["closed"]["run_id"] == "one"
    assert body[1]["scheduled_at"] == "2024-03-02T06:00:00Z"
