"""Steps on approval under four eyes: who may, and who may not, in a pod with a token."""

from tools.e2e.installation import facts
from tools.e2e.pod import Actor, pod
from tools.e2e.release import Release
from tools.e2e.step import demand
from tools.manifest_objects import Object

PERSON = "e2e-approver"


def refused_to_the_run(release: Release) -> str:
    """The run's own account, with the run's keys, cannot approve"""
    waiting = facts(release)["waiting"]
    demand(waiting, "nothing waits")
    run = Actor("deploy", f"{release.name}-run", "store", release.namespace)
    phase, log = release.pod(_approval(release, waiting[0], run))
    demand(phase == "Failed" and facts(release)["waiting"] == waiting, f"{phase}: {log[-300:]}")
    demand("cannot act for a person" in log, f"refused for another reason: {log[-300:]}")
    return log.strip().splitlines()[-1]


def approved_with_a_token(release: Release) -> str:
    """A person's token and the approver's keys make the challenger champion"""
    [version] = facts(release)["waiting"] or [""]
    demand(version, "nothing waits")
    account: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": PERSON}}
    release.kubectl("apply", "--filename=-", stdin=account, namespace=release.people)
    person = Actor("person", PERSON, "approver", release.people)
    phase, log = release.pod(_approval(release, version, person))
    found = facts(release)
    demand(phase == "Succeeded" and found["champion"] == version, f"{phase}: {log[-300:]}")
    demand(not found["faults"], f"{found['faults']}")
    return log.strip().splitlines()[-1]


def _approval(release: Release, version: str, actor: Actor) -> Object:
    command = ["creditrisk", "registry", "approve", version, "--reason", "the trial of a release"]
    return pod(release, release.images["ops"], command, actor)
