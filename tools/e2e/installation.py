"""Steps on the release itself: what must be there, install, upgrade, roll back, remove."""

import json
import os
import subprocess
import sys
from typing import Any

from tools.e2e.release import Release
from tools.e2e.step import demand

KEPT = ("store", "reader", "pii")
FOUR_EYES = "--set=policy.promotion.mode=four_eyes"


def cluster(release: Release) -> str:
    """The cluster answers and has a place for volumes"""
    done = release.kubectl("version", "--output=json")
    demand(done.returncode == 0, f"no cluster at context {release.context}: {done.stderr}")
    demand(release.found("storageclass"), "no StorageClass: MinIO's volume would wait without end")
    return f"Kubernetes {json.loads(done.stdout)['serverVersion']['gitVersion']}"


def kubeflow(release: Release) -> str:
    """Kubeflow Pipelines 2.17 answers in the namespace of runs"""
    found = release.kubectl(
        *("get", "deployment", "ml-pipeline"),
        "--output=jsonpath={.spec.template.spec.containers[0].image}",
    )
    demand(found.returncode == 0, f"namespace {release.namespace} has no Kubeflow Pipelines")
    demand(":2.17" in found.stdout, f"it is {found.stdout}, not 2.17")
    return found.stdout


def install(release: Release, *settings: str) -> str:
    """The chart installs under a name of its own"""
    done = release.install(*settings)
    demand(done.returncode == 0, done.stderr)
    return f"revision {_revision(release)}{'' if release.kubeflow else ', without pipelines'}"


def permissions(release: Release) -> str:
    """Accounts may what docs/permissions.md says, and no more: asked and tried"""
    settings = {"CREDITRISK_NAME": release.name, "CREDITRISK_NAMESPACE": release.namespace}
    settings |= {"CREDITRISK_CONTEXT": release.context}
    words = (sys.executable, "-m", "pytest", "-q", "--tb=line", "tests/cluster")
    done = subprocess.run(
        words, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    (release.logs / "permissions.log").write_text(done.stdout, "utf-8")
    last = (done.stdout.strip().splitlines() or [done.stderr])[-1]
    asked = "passed" in last and not (release.kubeflow and "skipped" in last)
    demand(done.returncode == 0 and asked, last)
    return last


def doctor(release: Release) -> str:
    """A pod of the release finds its store, audit trail and policy in order"""
    words = ("test", "--logs", "--timeout=10m")
    done = release.helm(*words)
    demand(done.returncode == 0, done.stdout[-300:] + done.stderr[-300:])
    return f"{done.stdout.count(' ok ')} checks ok"


def rollback(release: Release) -> str:
    """A rollback brings back policy and pipelines of before an upgrade; the schedule runs them"""
    first = _monthly(release)
    # what tasks ask for is compiled into the pipelines
    done = release.install(FOUR_EYES, "--set-string=run.cpu=250m")
    demand(done.returncode == 0, done.stderr)
    upgraded = _monthly(release)
    demand("four_eyes" in _policy(release), "the ConfigMap still has the policy from before")
    demand(upgraded["version_id"] != first["version_id"], "the upgrade changed no pipeline")
    done = release.helm("rollback", "--wait", "--timeout=15m")
    demand(done.returncode == 0, done.stderr)
    demand("four_eyes" not in _policy(release), "the policy of the upgrade is still there")
    back = _monthly(release)
    demand(back["version"].startswith(first["version"]), f"runs are {back}, were {first}")
    [schedule] = schedules(release)
    demand(schedule["version_id"] == back["version_id"], f"the schedule runs {schedule}")
    return f"{first['version']}, upgraded to {upgraded['version']}, back as {back['version']}"


def upgrade_policy(release: Release) -> str:
    """An upgrade with a changed policy reaches what runs read"""
    done = release.install(FOUR_EYES)
    demand(done.returncode == 0, done.stderr)
    demand("four_eyes" in _policy(release), "the ConfigMap still has the policy from before")
    return f"revision {_revision(release)}: four eyes"


def reinstall(release: Release) -> str:
    """What is removed and installed again finds its keys, its store and its champion"""
    before, keys = facts(release), [release.secret(role, "secretkey", "") for role in KEPT[:2]]
    done = release.helm("uninstall", "--wait", "--timeout=10m")
    demand(done.returncode == 0, done.stderr)
    # pods of runs that ended stay for their logs
    alive = "--field-selector=status.phase!=Succeeded,status.phase!=Failed"
    selector = f"--selector=app.kubernetes.io/name={release.name}"
    release.kubectl("wait", "pods", selector, alive, "--for=delete", "--timeout=2m")
    demand(not release.found("pods", selector, alive), "pods go on")
    install(release, FOUR_EYES)  # without, runs would wait for a person: it is looser
    demand(keys == [release.secret(role, "secretkey", "") for role in KEPT[:2]], "other keys")
    after = facts(release)
    demand(after == before, f"before: {before}; after: {after}")
    return f"champion {after['champion'] or 'none yet'}, the trail is whole"


def clean_up(release: Release) -> str:
    """Nothing of the trial is left on the cluster"""
    release.helm("uninstall", "--wait", "--timeout=10m")
    release.kubectl("delete", "namespace", release.people, "--timeout=5m")
    release.kubectl("delete", "jobs,pods", f"--selector=app.kubernetes.io/name={release.name}")
    for role in KEPT:
        release.kubectl("delete", "secret", f"{release.name}-{role}")
    kinds = "pods,jobs,secrets,configmaps,serviceaccounts,networkpolicies,roles"
    left = release.found(kinds, f"--selector=app.kubernetes.io/name={release.name}")
    names = ", ".join(f"{one['kind']} {one['metadata']['name']}" for one in left)
    demand(not left, f"left: {names}")
    return "nothing left"


def facts(release: Release, month: str = "") -> dict[str, Any]:
    """What the store says, read with the reader's keys."""
    words = (sys.executable, "-m", "tools.e2e.facts", *filter(None, (month,)))
    done = release.command("reader", *words)
    demand(done.returncode == 0, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def schedules(release: Release) -> list[dict[str, Any]]:
    """The schedules of a release, as its own command lists them."""
    done = release.command("reader", "creditrisk", "schedule", "list", "--json")
    demand(done.returncode == 0, done.stderr)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _monthly(release: Release) -> dict[str, Any]:
    """The newest version of the monthly pipeline: what the release's own settings compile to."""
    done = release.command("reader", "creditrisk", "deploy", "--json")
    demand(done.returncode == 0, done.stderr)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    demand(not any(one["uploaded"] for one in found), "the newest version was of other settings")
    return next(one for one in found if one["pipeline"].endswith("monthly-lifecycle"))


def _policy(release: Release) -> str:
    return release.kubectl("get", "configmap", f"{release.name}-policy", "--output=yaml").stdout


def _revision(release: Release) -> str:
    # `helm status` would write the release's Secrets into the log
    [newest] = json.loads(release.helm("history", "--max=1", "--output=json").stdout)
    return str(newest["revision"])
