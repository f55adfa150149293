"""docs/permissions.md, asked of a real API server, and tried."""

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


@pytest.mark.parametrize("account", ["executor", "dashboard"])
@pytest.mark.parametrize("what", ["secrets", "pods", "configmaps"])
def test_executors_and_the_dashboard_may_nothing(kubectl, account, what):
    name = f"system:serviceaccount:{NAMESPACE}:{NAME}-{account}"
    assert {can(kubectl, name, verb, what) for verb in ("get", "create")} == {"no"}


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
