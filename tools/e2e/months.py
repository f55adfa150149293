"""Steps on months: each is a run of the monthly pipeline on Kubeflow."""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from creditrisk.calendar_month import parse_month
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import demo_scenario
from tools.e2e.installation import facts
from tools.e2e.release import HOURS, Done, Release
from tools.e2e.step import demand
from tools.helm import MANIFESTS

FIRST, KEPT, KILLED, BLOCKED, RETRAINED, SCHEDULED = 14, 15, 16, 17, 20, 22
# a whole number there is one in Go: as a string it would stop KFP's controller for every schedule
NOW = {"spec": {"trigger": {"cronSchedule": {"cron": "0 * * * * *"}}}}


def deliveries(release: Release) -> str:
    """Files of 22 months reach the landing with the deliverer's keys"""
    first = release.month(1)
    with tempfile.TemporaryDirectory() as folder:
        deliver(demo_scenario(), parse_month(first), 22, 1, Path(folder))
        done = _put(release, folder)
    demand(done.returncode == 0, done.stderr)
    return f"{done.stdout.strip()}, {first} to {release.last}"


def first_champion(release: Release) -> str:
    """The first month with enough outcomes trains, validates and promotes a model"""
    month = release.month(FIRST)
    demand((done := _run(release, month)).returncode == 0, done.stdout[-300:] + done.stderr)
    found = facts(release, month)
    demand(found["champion"] and not found["faults"], f"{found}")
    return f"{month}: {found['champion']}"


def kept_month(release: Release) -> str:
    """A month like those before keeps the champion and starts no training"""
    month, before = release.month(KEPT), facts(release)["champion"]
    demand((done := _run(release, month)).returncode == 0, done.stdout[-300:] + done.stderr)
    found = facts(release, month)
    demand(found["action"] == "none" and found["champion"] == before, f"{found}")
    return f"{month}: {found['decisions'][-1]}"


def the_same_month_twice(release: Release) -> str:
    """A decided month that is run again is not decided again"""
    month = release.month(KEPT)
    before = facts(release, month)["decisions"]
    demand((done := _run(release, month)).returncode == 0, done.stdout[-300:] + done.stderr)
    after = facts(release, month)
    demand(after["decisions"] == before and not after["faults"], f"{before}, then {after}")
    return f"{month}: {len(before)} decision"


def killed_etl_pod(release: Release) -> str:
    """A month survives the loss of its ETL pod"""
    month, killed = release.month(KILLED), list[str]()
    killer = threading.Thread(target=kill_etl_pod, args=(release, killed), daemon=True)
    killer.start()
    done = _run(release, month)
    demand(killed, "no ETL pod was seen")
    demand(done.returncode == 0, done.stdout[-300:] + done.stderr)
    found = facts(release, month)
    demand(found["run"] == "ok" and len(found["decisions"]) == 1, f"{found}")
    return f"{month}: {killed[0]} was removed, the run ended well"


def blocked_month(release: Release) -> str:
    """Unusable files end the run, and nothing of the month is scored"""
    month = release.month(BLOCKED)
    with tempfile.TemporaryDirectory() as folder:
        deliver(
            demo_scenario(), parse_month(release.month(1)), BLOCKED, 1, Path(folder), since=BLOCKED
        )
        whole = {path: path.read_bytes() for path in Path(folder).rglob("*.csv.gz")}
        for path in whole:
            path.write_bytes(b"not,what,was\nannounced,at,all\n")
        demand(_put(release, folder).returncode == 0, "the files cannot be put")
        done = _run(release, month)
        demand(done.returncode in (1, 2, 3), "the run ended well")
        found = facts(release, month)
        for path, data in whole.items():
            path.write_bytes(data)
        demand(_put(release, folder).returncode == 0, "the files cannot be mended")
    demand(found["run"] != "ok" and found["action"] in ("", "none"), f"{found}")
    return f"{month}: {(done.stdout + done.stderr).strip().splitlines()[-1]}"


def retrain_branch(release: Release) -> str:
    """Two red axes train a challenger, which waits for a second person"""
    month, before = release.month(RETRAINED), facts(release)["champion"]
    demand((done := _run(release, month)).returncode == 0, done.stdout[-300:] + done.stderr)
    found = facts(release, month)
    demand(found["action"] == "retrain", f"{found}")
    demand(found["waiting"] and found["champion"] == before, f"nothing waits: {found}")
    return f"{month}: {found['decisions'][-1]}; {found['waiting'][0]} waits"


def fired_schedule(release: Release) -> str:
    """A schedule that fires runs the month of its nominal time"""
    month = release.month(SCHEDULED)
    done = release.command("reader", "creditrisk", "schedule", "resume")  # as the release made it
    demand(done.returncode == 0, done.stderr)
    names = [one["metadata"]["name"] for one in release.found("scheduledworkflows")]
    [name] = [one for one in names if release.name.replace("-", "") in one.replace("-", "")]
    patch = ("patch", "scheduledworkflow", name, "--type=merge", "--patch-file=/dev/stdin")
    patched = release.kubectl(*patch, stdin=NOW)
    demand(patched.returncode == 0, patched.stderr)
    try:
        fired = f"--selector=scheduledworkflows.kubeflow.org/scheduledWorkflowName={name}"
        _until(lambda: release.found("workflows", fired), 300, "the schedule does not fire")
    finally:  # once is enough: a second run would be under way while later steps remove things
        release.command("reader", "creditrisk", "schedule", "pause")
    found = _until(lambda: _closed(release, month), HOURS, f"no scheduled run of {month} ended")
    demand(found["run"] == "ok", f"{found}")
    return f"{month}: meant for {found['scheduled']}"


def _closed(release: Release, month: str) -> dict[str, Any]:
    found = facts(release, month)
    return found if found["scheduled"] else {}


def _until(look: Callable[[], Any], seconds: int, otherwise: str) -> Any:  # noqa: ANN401 - what `look` finds
    """What is seen at last, looked for every ten seconds."""
    until = time.monotonic() + seconds
    while not (seen := look()):
        demand(time.monotonic() < until, otherwise)
        time.sleep(10)
    return seen


def _run(release: Release, month: str) -> Done:
    return release.command("reader", "creditrisk", "run", "--remote", "--as-of", month)


def _put(release: Release, folder: str) -> Done:
    return release.command("deliverer", sys.executable, str(MANIFESTS / "deliver.py"), folder)


def kill_etl_pod(release: Release, killed: list[str]) -> None:
    """Remove the pod of the ETL once it runs."""
    selector = f"--selector=app.kubernetes.io/name={release.name},app.kubernetes.io/component=run"
    for _ in range(600):
        for one in release.found("pods", selector):
            images = {container["image"] for container in one["spec"]["containers"]}  # Argo's, too
            if release.images["spark"] in images and one["status"]["phase"] == "Running":
                killed.append(one["metadata"]["name"])
                release.kubectl("delete", "pod", killed[0], "--wait=false")
                return
        time.sleep(2)
