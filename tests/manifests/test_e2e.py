"""The trial of a release, as far as it goes without a cluster."""

import json
import subprocess
from datetime import date

import pytest

from tools.e2e import installation, months
from tools.e2e.__main__ import STEPS
from tools.e2e.executors import driver
from tools.e2e.release import Release
from tools.e2e.step import FailedError, Step, demand, run_all, table
from tools.manifest_objects import faults


class NoCluster(Release):
    """A release whose kubectl knows one ConfigMap."""

    def kubectl(self, *words, stdin=None, namespace=""):
        data = {"CREDITRISK_STORE": "s3://store", "CREDITRISK_SPARK_EXECUTORS": "7"}
        return subprocess.CompletedProcess(words, 0, json.dumps({"data": data}), "")


@pytest.fixture
def release(tmp_path):
    images = {"spark": "creditrisk-spark:0123", "ops": "creditrisk-ops:0123"}
    return NoCluster("c", "kubeflow", "creditrisk-e2e", images, date(2026, 11, 1), tmp_path)


def sound(release):
    """It stands"""
    return "as it was"


def broken(release):
    """It falls"""
    demand(False, "it fell | and\nbroke")


def faulty(release):
    """It is wrong itself"""
    raise LookupError("nothing there")


def test_a_step_that_fails_says_why_and_what_does_not_need_it_goes_on(release):
    steps = [Step(broken), Step(faulty), Step(sound, ("broken",)), Step(sound)]
    assert [(one.state, one.fact) for one in run_all(steps[:3], release)] == [
        ("FAILED", "it fell | and broke"),
        ("FAILED", "LookupError: nothing there"),
        ("not run", "needs: broken"),
    ]
    assert [one.state for one in run_all([steps[0], steps[3]], release)] == ["FAILED", "passed"]


def test_the_table_has_a_row_a_step_and_no_cell_breaks_it(release):
    rows = list(table(run_all([Step(broken), Step(sound)], release)))
    assert rows[2] == "| broken | It falls | FAILED | 0 | it fell / and broke |"
    assert all(row.count("|") == 6 for row in rows)


def test_every_step_says_what_it_proves_and_needs_what_comes_before():
    before = set()
    for step in STEPS:
        assert step.proves and set(step.needs) <= before, step.name
        before.add(step.name)
    assert len(before) == len(STEPS)


def test_the_months_of_a_trial_end_with_this_one(release):
    assert (release.month(1), release.month(22)) == ("2025-02-01", "2026-11-01")


def test_a_step_s_driver_is_a_pod_that_restricted_namespaces_take(release):
    pod = driver(release, "print()", "512m", "45")
    assert faults([pod]) == []
    env = {one["name"]: one.get("value") for one in pod["spec"]["containers"][0]["env"]}
    assert env["CREDITRISK_SPARK_EXECUTORS"] == "2"  # the step's, not the release's
    assert env["CREDITRISK_STORE"] == "s3://store"
    assert len(env) == len(pod["spec"]["containers"][0]["env"])


@pytest.mark.parametrize(
    ("says", "kubeflow", "passes"),
    [
        ("79 passed in 61.02s", True, True),
        ("79 skipped in 0.12s", True, False),  # they were never asked
        ("76 passed, 3 skipped in 41.90s", True, False),
        ("76 passed, 3 skipped in 41.90s", False, True),  # of Argo, which is not there
        ("79 skipped in 0.12s", False, False),
    ],
)
def test_permissions_are_asked_of_the_trial_s_own_cluster_or_the_step_fails(
    release, monkeypatch, says, kubeflow, passes
):
    def pytest_says(words, env, **options):
        assert env["CREDITRISK_CONTEXT"] == "c"  # whatever kubectl's current context is
        return subprocess.CompletedProcess(words, 0, f"...\n{says}\n", "")

    monkeypatch.setattr(installation.subprocess, "run", pytest_says)
    monkeypatch.setattr(NoCluster, "kubeflow", kubeflow)
    if passes:
        assert installation.permissions(release) == says
    else:
        with pytest.raises(FailedError, match="skipped"):
            installation.permissions(release)


class Upgraded(NoCluster):
    """A release whose Helm knows its history."""

    def install(self, *settings):
        return subprocess.CompletedProcess(settings, 0, "", "")

    def helm(self, *words):
        assert words[0] == "history", "what Helm says is kept in a log, and status says Secrets"
        return subprocess.CompletedProcess(words, 0, '[{"revision": 4}]', "")

    def kubectl(self, *words, stdin=None, namespace=""):
        return subprocess.CompletedProcess(words, 0, "mode: four_eyes", "")


def test_a_revision_is_told_and_no_secret_is_logged_for_it(tmp_path):
    release = Upgraded("c", "kubeflow", "creditrisk-e2e", {}, date(2026, 11, 1), tmp_path)
    assert installation.upgrade_policy(release) == "revision 4: four eyes"


class Scheduled(NoCluster):
    """A release whose schedule fires as soon as its cron says so; it notes its calls."""

    calls = ()

    def found(self, *words, namespace=""):
        self.calls.append(words[0])
        return [{"metadata": {"name": "creditriske2emonthlylifecyc7x2"}}]

    def kubectl(self, *words, stdin=None, namespace=""):
        self.calls.append(stdin)
        return subprocess.CompletedProcess(words, 0, "", "")

    def command(self, role, *words):
        self.calls.append(" ".join(words[1:3]))
        return subprocess.CompletedProcess(words, 0, "", "")


@pytest.fixture
def scheduled(tmp_path, monkeypatch):
    monkeypatch.setattr(Scheduled, "calls", [])
    return Scheduled("c", "kubeflow", "creditrisk-e2e", {}, date(2026, 11, 1), tmp_path)


def test_a_schedule_is_hurried_by_its_cron_alone_and_paused_once_it_has_fired(
    scheduled, monkeypatch
):
    closed = {"run": "ok", "scheduled": "2026-11-30T06:31:00+00:00"}
    monkeypatch.setattr(months, "facts", lambda release, month: closed)
    assert months.fired_schedule(scheduled) == f"2026-11-01: meant for {closed['scheduled']}"
    # anything but a cron has a type of Go's, and a wrong one stops KFP's controller for all
    hurried = {"spec": {"trigger": {"cronSchedule": {"cron": "0 * * * * *"}}}}
    expected = ["schedule resume", "scheduledworkflows", hurried, "workflows", "schedule pause"]
    assert scheduled.calls == expected


def test_a_fired_month_that_did_not_end_well_fails_the_step(scheduled, monkeypatch):
    closed = {"run": "failed", "scheduled": "2026-11-30T06:31:00+00:00"}
    monkeypatch.setattr(months, "facts", lambda release, month: closed)
    with pytest.raises(FailedError, match="failed"):
        months.fired_schedule(scheduled)


class Running(NoCluster):
    """A release with one running pod of the ETL, as Argo makes it; it notes what is removed."""

    removed = ()

    def found(self, *words, namespace=""):
        containers = [{"image": "argoexec:v4.0.5"}, {"image": self.images["spark"]}]
        pod = {"metadata": {"name": "etl"}, "spec": {"containers": containers}}
        return [{**pod, "status": {"phase": "Running"}}]

    def kubectl(self, *words, stdin=None, namespace=""):
        self.removed.append(words[2])
        return subprocess.CompletedProcess(words, 0, "", "")


def test_the_etl_s_pod_is_found_behind_the_container_that_argo_puts_first(tmp_path, monkeypatch):
    monkeypatch.setattr(Running, "removed", [])
    images = {"spark": "creditrisk-spark:0123"}
    release = Running("c", "kubeflow", "creditrisk-e2e", images, date(2026, 11, 1), tmp_path)
    months.kill_etl_pod(release, killed := [])
    assert killed == Running.removed == ["etl"]
