"""docs/permissions.md, asked of a real API server, and tried."""

import re

import pytest

from tests.cluster.conftest import NAME, NAMESPACE

PEOPLE = f"{NAME}-people"
RUN = f"system:serviceaccount:{NAMESPACE}:{NAME}-run"
MAY = [
    ("create", "pods"),
    ("delete", "pods"),
    ("deletecollection", "pods"),
    ("get", "pods"),
    ("list", "pods"),
    ("watch", "pods"),
    ("get", "configmaps/kfp-launcher"),
    ("get", "secrets/mlpipeline-minio-artifact"),
    ("get", "workflows.argoproj.io"),
    ("create", "workflowtaskresults.argoproj.io"),
    ("patch", "workflowtaskresults.argoproj.io"),
]
MAY_NOT = [
    ("get", f"secrets/{NAME}-store"),
    ("get", f"secrets/{NAME}-pii"),
    ("list", "secrets"),
    ("get", f"configmaps/{NAME}-env"),
    ("update", "pods"),
    ("patch", "pods"),
    ("create", "pods:exec"),
    ("create", "pods:ephemeralcontainers"),
    ("create", "serviceaccounts:token"),
    ("create", "pods:eviction"),
    ("create", "pods:binding"),
    ("get", "pods:log"),
    ("update", "pods:status"),
    ("impersonate", "serviceaccounts"),
    ("create", "jobs.batch"),
    ("create", "deployments.apps"),
    ("update", "roles.rbac.authorization.k8s.io"),
    ("update", "validatingadmissionpolicies.admissionregistration.k8s.io"),
]

# what `kubectl auth can-i --list` prints of each account: resource, names, verbs
LISTED = {
    "run": {
        ("pods", "", "create get list watch delete deletecollection"),
        ("configmaps", "kfp-launcher", "get"),
        ("secrets", "mlpipeline-minio-artifact", "get"),
        ("workflows.argoproj.io", "", "get"),
        ("workflowtaskresults.argoproj.io", "", "create patch"),
    },
    "deploy": {
        ("configmaps", f"{NAME}-env", "get"),
        ("serviceaccounts", f"{NAME}-run", "get"),
    },
    "executor": set(),
    "dashboard": set(),
    "store": set(),
}


def listed(kubectl, account, namespace):
    """Resource, names and verbs of each line; addresses of the server itself are no objects."""
    words = ("auth", "can-i", "--list", "--no-headers", "--namespace", namespace)
    lines = kubectl(*words, "--as", account).stdout.splitlines()
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines if line[:1].strip()]
    assert cells, account
    return {(row[0], row[2].strip("[]"), row[3].strip("[]")) for row in cells}


def can(kubectl, account, verb, what, namespace=NAMESPACE):
    """What the API server says, yes or no; `pods:exec` is a part of pods (pods/exec: a name)."""
    kind, _, part = what.partition(":")
    words = ["auth", "can-i", verb, kind, f"--subresource={part}"]
    return kubectl(*words, "--namespace", namespace, "--as", account).stdout.strip()


@pytest.mark.parametrize(("verb", "what"), MAY)
def test_a_run_may(kubectl, verb, what):
    kind, _, group = what.partition(".")
    if group and "NotFound" in kubectl("get", "crd", f"{kind}.{group}").stderr:
        pytest.skip(f"{what} is Kubeflow's, which is not on this cluster")
    assert can(kubectl, RUN, verb, what) == "yes"


@pytest.mark.parametrize(("verb", "what"), MAY_NOT)
def test_a_run_may_not(kubectl, verb, what):
    assert can(kubectl, RUN, verb, what) == "no"


@pytest.mark.parametrize("account", ["run", "executor", "dashboard", "deploy"])
@pytest.mark.parametrize(
    ("verb", "what"), [("get", "secrets"), ("create", "pods"), ("list", "pods")]
)
def test_no_account_of_the_runs_reaches_the_keys_of_people(kubectl, account, verb, what):
    name = f"system:serviceaccount:{NAMESPACE}:{NAME}-{account}"
    assert can(kubectl, name, verb, what, PEOPLE) == "no"


@pytest.mark.parametrize("account", LISTED)
def test_an_account_may_what_is_listed_and_nothing_more(kubectl, account):
    home = PEOPLE if account == "store" else NAMESPACE
    name = f"system:serviceaccount:{home}:{NAME}-{account}"
    assert kubectl("-n", home, "get", "serviceaccount", f"{NAME}-{account}").returncode == 0
    for place in (NAMESPACE, PEOPLE):
        everybody = listed(kubectl, f"system:serviceaccount:{home}:nobody", place)
        rights = LISTED[account] if place == home else set()
        assert listed(kubectl, name, place) == everybody | rights, place


def test_the_keys_of_people_are_not_where_runs_are(kubectl):
    for name in ("approver", "deliverer", "minio"):
        found = kubectl("-n", NAMESPACE, "get", "secret", f"{NAME}-{name}")
        assert "NotFound" in found.stderr, name


def test_the_policy_is_sound_as_the_api_server_reads_it(kubectl):
    policy = f"{NAME}-run-{NAMESPACE}"
    found = kubectl("get", "validatingadmissionpolicy", policy, "-o", "jsonpath={.status}")
    assert found.returncode == 0, found.stderr
    assert "observedGeneration" in found.stdout  # it was read
    assert "expressionWarnings" not in found.stdout
