"""docs/permissions.md, asked of a real API server, and tried."""

import pytest

from tools.helm import INSTALL
from tools.manifest_objects import containers, load, named, pod_specs

NAMESPACE, PEOPLE = "kubeflow", "creditrisk-people"
RUN = f"system:serviceaccount:{NAMESPACE}:creditrisk-run"
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
    ("get", "secrets/creditrisk-store"),
    ("get", "secrets/creditrisk-pii"),
    ("list", "secrets"),
    ("get", "configmaps/creditrisk-env"),
    ("update", "pods"),
    ("patch", "pods"),
    ("create", "pods/exec"),
    ("create", "pods/ephemeralcontainers"),
    ("create", "serviceaccounts/token"),
    ("impersonate", "serviceaccounts"),
    ("create", "jobs.batch"),
    ("create", "deployments.apps"),
    ("update", "roles.rbac.authorization.k8s.io"),
    ("update", "validatingadmissionpolicies.admissionregistration.k8s.io"),
]


@pytest.fixture
def executor(kubectl):
    """A pod as Spark asks for it, owned by a pod that is not the caller's."""
    [deploy] = [
        containers(spec)
        for name, _, spec in pod_specs(load(INSTALL.read_text("utf-8")))
        if "Job creditrisk-deploy" in name
    ]
    images = {entry["name"]: entry.get("value") for entry in deploy[0]["env"]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": "creditrisk-tried-",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/component": "executor"},
        },
        "spec": {
            "serviceAccountName": "creditrisk-executor",
            "automountServiceAccountToken": False,
            "containers": [{"name": "executor", "image": images["CREDITRISK_SPARK_IMAGE"]}],
        },
    }


def can(kubectl, account, verb, what, namespace=NAMESPACE):
    """What the API server says, yes or no."""
    words = ["auth", "can-i", verb, what, "--namespace", namespace, "--as", account]
    return kubectl(*words).stdout.strip()


@pytest.mark.parametrize(("verb", "what"), MAY)
def test_a_run_may(kubectl, verb, what):
    assert can(kubectl, RUN, verb, what) == "yes"


@pytest.mark.parametrize(("verb", "what"), MAY_NOT)
def test_a_run_may_not(kubectl, verb, what):
    assert can(kubectl, RUN, verb, what) == "no"


@pytest.mark.parametrize("account", ["run", "executor", "dashboard", "deploy"])
@pytest.mark.parametrize(
    ("verb", "what"), [("get", "secrets"), ("create", "pods"), ("list", "pods")]
)
def test_no_account_of_the_runs_reaches_the_keys_of_people(kubectl, account, verb, what):
    name = f"system:serviceaccount:{NAMESPACE}:creditrisk-{account}"
    assert can(kubectl, name, verb, what, PEOPLE) == "no"


@pytest.mark.parametrize("account", ["executor", "dashboard"])
@pytest.mark.parametrize("what", ["secrets", "pods", "configmaps"])
def test_executors_and_the_dashboard_may_nothing(kubectl, account, what):
    name = f"system:serviceaccount:{NAMESPACE}:creditrisk-{account}"
    assert {can(kubectl, name, verb, what) for verb in ("get", "create")} == {"no"}


def test_the_keys_of_people_are_not_where_runs_are(kubectl):
    for name in ("approver", "deliverer", "minio"):
        found = kubectl("-n", NAMESPACE, "get", "secret", f"creditrisk-{name}")
        assert "NotFound" in found.stderr, name


def test_a_run_makes_no_pod_that_its_own_pod_does_not_own(kubectl, executor):
    made = kubectl("create", "--as", RUN, "--dry-run=server", "-f", "-", stdin=executor)
    assert "only pods that its own pod owns" in made.stderr


def test_the_policy_is_sound_as_the_api_server_reads_it(kubectl):
    policy = next(
        named(one).split()[1]
        for one in load(INSTALL.read_text("utf-8"))
        if one["kind"] == "ValidatingAdmissionPolicy"
    )
    found = kubectl("get", "validatingadmissionpolicy", policy, "-o", "jsonpath={.status}")
    assert found.returncode == 0, found.stderr
    assert "expressionWarnings" not in found.stdout
