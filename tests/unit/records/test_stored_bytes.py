"""Documents as they are stored, to the byte: stores outlive releases, and hashes rest on bytes."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from creditrisk.errors import GateError
from creditrisk.records.champion_pointer import Tenure, change_champion
from creditrisk.records.decision import Axis, Decision, Recommendation, keep
from creditrisk.records.lease import acquire
from creditrisk.records.run import recorded
from creditrisk.stages.closing.close import close
from creditrisk.stages.decision.resolve import resolve
from tests.builders.small_lender import small_period

MARCH = date(2024, 3, 1)
AT = "2024-03-02T08:00:00.000+00:00"
MONTHLY = (
    b'{"closed": {"at": "2024-03-02T08:00:00.000+00:00", "run_id": "r1"}, "run_id": "r1",'
    b' "scheduled_at": "2024-03-02T06:00:00Z", "status": "ok", "tasks": [{"as_of":'
    b' "2024-03-02T06:00:00Z", "code": "1+ab", "error": "", "exit_code": 0, "image": "ml:1",'
    b' "peak_mb": 3, "run_id": "r1", "seconds": 0.0, "started":'
    b' "2024-03-02T08:00:00.000+00:00", "status": "ok", "task": "resolve_period"}]}'
)
DECISION = b"""{
 "action": "retrain",
 "as_of": "2024-03-01",
 "axes": {
  "calibration": {
   "cohorts": [],
   "state": "green",
   "text": "O/E 1.0"
  },
  "discrimination": {
   "cohorts": [
    "2023-10-01",
    "2023-11-01"
   ],
   "state": "red",
   "text": "AUC 0.6"
  }
 },
 "champion": "2023-12-initial-1",
 "decision": "retrain",
 "inputs": {
  "gold/features": "f1"
 },
 "key": "k",
 "measured": {
  "applications": 400.0
 },
 "n": 1,
 "policy": "p",
 "reason": "",
 "reasons": [
  "gr\\u00fcn"
 ],
 "supersedes": 0,
 "thresholds": {
  "rule": {
   "red_axes": 2
  }
 },
 "tried": [
  "2024-03-retrain-0"
 ],
 "triggers": [
  "two_of_three"
 ]
}"""
OVERRIDDEN = b""",
 "recommended": {
  "action": "none",
  "decision": "keep",
  "triggers": [
   "cool_down"
  ]
 },
 "supersedes": 1"""
CHAMPIONS = b"""{
 "history": [
  {
   "version": "2023-12-initial-1",
   "since": "2023-12-01",
   "by": "pipeline",
   "at": "2024-03-02T08:00:00.000+00:00",
   "reason": "passed validation",
   "rollback": false,
   "sequence": 1
  },
  {
   "version": "2024-03-retrain-1",
   "since": "2024-03-01",
   "by": "ann",
   "at": "2024-03-02T08:00:00.000+00:00",
   "reason": "better",
   "rollback": true,
   "sequence": 2
  }
 ]
}"""


@pytest.fixture
def period(tmp_path, monkeypatch):
    """A store, and a process whose clock and memory stand still."""
    monkeypatch.setenv("CREDITRISK_CODE", "1+ab")
    monkeypatch.setenv("CREDITRISK_IMAGE", "ml:1")
    monkeypatch.setattr(
        "creditrisk.records.run._clock", lambda: datetime(2024, 3, 2, 8, tzinfo=UTC)
    )
    monkeypatch.setattr("resource.getrusage", lambda _: SimpleNamespace(ru_maxrss=4000))
    period = small_period(tmp_path, MARCH)
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    return period


def decision(**more):
    cohorts = frozenset({date(2023, 11, 1), date(2023, 10, 1)})
    facts = {
        "as_of": f"{MARCH}", "n": 1, "decision": "retrain", "action": "retrain",
        "triggers": ("two_of_three",), "reasons": ("grün",),
        "axes": {
            "discrimination": Axis("red", cohorts, "AUC 0.6"),
            "calibration": Axis("green", text="O/E 1.0"),
        },
        "measured": {"applications": 400.0}, "thresholds": {"rule": {"red_axes": 2}},
        "policy": "p", "champion": "2023-12-initial-1", "inputs": {"gold/features": "f1"},
        "key": "k", "supersedes": 0, "reason": "", "tried": ("2024-03-retrain-0",),
    }  # fmt: skip
    return Decision(**facts | more)


def test_a_task_leaves_that_it_began_and_its_record(period):
    with pytest.raises(SystemExit), recorded(period.store, "etl", "2024-03", "r"):
        raise GateError("form: 9 of 10 rows set aside")
    assert period.store.read("begun/r/etl") == b"2024-03"
    assert period.store.read("runs/r/etl.json") == (
        b'{"as_of": "2024-03", "code": "1+ab", "error": "form: 9 of 10 rows set aside",'
        b' "exit_code": 3, "image": "ml:1", "peak_mb": 3, "run_id": "r", "seconds": 0.0,'
        b' "started": "2024-03-02T08:00:00.000+00:00", "status": "blocked", "task": "etl"}'
    )


def test_a_run_leaves_what_it_resolved_and_how_its_month_ended(period):
    resolve("", "2024-03-02T06:00:00Z", "", "r1", lease=True)
    (config,) = (
        key
        for key in period.store.keys("configs/")
        if json.loads(period.store.read(key))["policy"] != period.policy.sha
    )
    name = config.removeprefix("configs/").removesuffix(".json")
    assert period.store.read("periods/r1.json") == (
        f'{{"month": "2024-03-01", "config": "{name}", "champion": ""}}'.encode()
    )
    assert period.store.read("lease.json") == (
        b'{"beat": 1, "expires": "2024-03-02T08:01:00+00:00", "lost_by": "", "run_id": "r1",'
        b' "silence": 60.0}'
    )
    close("r1")
    assert period.store.read(f"months/{MARCH}/run.json") == MONTHLY
    assert period.store.read("lease.json") == (
        b'{"beat": 2, "expires": "2024-03-02T08:01:00+00:00", "lost_by": "", "run_id": "",'
        b' "silence": 60.0}'
    )


def test_a_configuration_names_a_policy_and_a_portfolio(period):
    policy, portfolio = period.policy.sha, period.portfolio.sha
    assert period.store.read(f"configs/{policy[:16]}-{portfolio[:16]}.json") == (
        f'{{"policy": "{policy}", "portfolio": "{portfolio}"}}'.encode()
    )


def test_a_decision_has_an_override_and_a_containment_only_where_there_is_one(period):
    keep(period.store, decision())
    assert period.store.read(f"decisions/{MARCH}/0001.json") == DECISION
    rule = Recommendation(decision="keep", action="none", triggers=("cool_down",))
    keep(period.store, decision(n=2, supersedes=1, recommended=rule, contained=("all",)))
    changed = DECISION.replace(b'"n": 1', b'"n": 2').replace(b',\n "supersedes": 0', OVERRIDDEN)
    changed = changed.replace(b',\n "decision"', b',\n "contained": [\n  "all"\n ],\n "decision"')
    assert period.store.read(f"decisions/{MARCH}/0002.json") == changed


def test_the_champion_pointer_holds_every_change(period):
    for change in (
        Tenure(version="2023-12-initial-1", since=date(2023, 12, 1), by="pipeline", at=AT,
               reason="passed validation"),
        Tenure(version="2024-03-retrain-1", since=MARCH, by="ann", at=AT, reason="better",
               rollback=True),
    ):  # fmt: skip
        change_champion(period.store, lambda _, change=change: change)
    assert period.store.read("registry/champion.json") == CHAMPIONS


def test_a_lease_names_the_run_it_was_lost_by(period):
    acquire(period.store, "dead", AT)
    acquire(period.store, "next", "2024-03-02T10:00:00+00:00", lambda _: None)
    assert period.store.read("lease.json") == (
        b'{"beat": 2, "expires": "2024-03-02T10:01:00+00:00", "lost_by": "dead", "run_id": "next",'
        b' "silence": 60.0}'
    )
