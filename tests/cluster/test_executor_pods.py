"""Which pods a run may make and remove: real calls, with the token of a pod of its account."""

import copy
import json
import subprocess

import pytest

from tests.cluster.conftest import NAME, NAMESPACE

ACCOUNT, POLICY = f"{NAME}-run", f"{NAME}-run-{NAMESPACE}"
GATED = [{"name": "creditrisk.test/never"}]  # no node is looked for: these pods never run
OTHER_IMAGE = "registry.example/anything:1"


def gated(name, **spec):
    """A pod that never runs, so that its image needs not exist."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "schedulingGates": GATED,
            "containers": [{"name": "main", "image": OTHER_IMAGE}],
            **spec,
        },
    }


@pytest.fixture(scope="module")
def task(kubectl):
    """The pod of a task: its uid is what its token is bound to."""
    made = made_pod(kubectl, gated("creditrisk-tried-task", serviceAccountName=ACCOUNT))
    yield made
    kubectl("-n", NAMESPACE, "delete", "pod", "creditrisk-tried-task", "--wait=false")


@pytest.fixture(scope="module")
def stranger(kubectl):
    """Somebody else's pod, labelled as if it were an executor."""
    pod = gated("creditrisk-tried-stranger")
    pod["metadata"]["labels"] = {"app.kubernetes.io/component": "executor", "tried": "yes"}
    yield made_pod(kubectl, pod)
    kubectl("-n", NAMESPACE, "delete", "pod", "creditrisk-tried-stranger", "--wait=false")


@pytest.fixture(scope="module")
def run(kubectl, task, tmp_path_factory):
    """kubectl with nothing but that token."""
    bound = ["--bound-object-kind=Pod", f"--bound-object-name={task['metadata']['name']}"]
    token = kubectl("-n", NAMESPACE, "create", "token", ACCOUNT, *bound).stdout.strip()
    assert token
    config = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json").stdout)
    config["users"][0]["user"] = {"token": token}
    file = tmp_path_factory.mktemp("token") / "config"
    file.write_text(json.dumps(config))

    def call(*words, stdin=None) -> subprocess.CompletedProcess[str]:
        return kubectl("--kubeconfig", str(file), "-n", NAMESPACE, *words, stdin=stdin)

    return call


@pytest.fixture
def executor(kubectl, task):
    """What Spark's driver asks for, of the image that the cluster's policy names."""
    found = kubectl("get", "validatingadmissionpolicy", POLICY, "-o", "json")
    variables = json.loads(found.stdout)["spec"]["variables"]
    [images] = [one["expression"] for one in variables if one["name"] == "images"]
    owner = {"apiVersion": "v1", "kind": "Pod", "controller": True}
    pod = gated(
        "creditrisk-tried-executor",
        serviceAccountName=f"{NAME}-executor",
        automountServiceAccountToken=False,
        securityContext={"runAsNonRoot": True, "runAsUser": 185},
        volumes=[{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}],
    )
    pod["metadata"] |= {
        "labels": {"app.kubernetes.io/component": "executor", "tried": "yes"},
        "ownerReferences": [owner | {key: task["metadata"][key] for key in ("name", "uid")}],
    }
    key = {"secretKeyRef": {"name": f"{NAME}-store", "key": "secretkey"}}
    pod["spec"]["containers"] = [
        {
            "name": "executor",
            "image": json.loads(images)[0],
            "env": [{"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": key}],
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        }
    ]
    return pod


def made_pod(kubectl, pod):
    found = kubectl("create", "-f", "-", "-o", "json", stdin=pod)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def changed(pod, path, value):
    """A copy in which one place of the pod has another value; a number is a place in a list."""
    other = copy.deepcopy(pod)
    *parents, last = path
    place = other
    for key in parents:
        place = place[key]
    place[last] = value
    return other


CONTAINER = ("spec", "containers", 0)
SECURITY = (*CONTAINER, "securityContext")
KEYS = {"secretKeyRef": {"name": f"{NAME}-pii", "key": "key"}}
REFUSED = {
    "another image": ((*CONTAINER, "image"), OTHER_IMAGE, "an executor's image"),
    "the run's own account": (("spec", "serviceAccountName"), ACCOUNT, "has the account"),
    "no account": (("spec", "serviceAccountName"), "default", "has the account"),
    "a token": (("spec", "automountServiceAccountToken"), True, "has no token"),
    "nobody's": (("metadata", "ownerReferences"), [], "its own pod owns"),
    "another label": (("metadata", "labels"), {"tried": "yes"}, "only executors"),
    "a folder of the node": (
        ("spec", "volumes"),
        [{"name": "root", "hostPath": {"path": "/"}}],
        "empty volumes",
    ),
    "a Secret as a volume": (
        ("spec", "volumes"),
        [{"name": "pii", "secret": {"secretName": f"{NAME}-pii"}}],
        "empty volumes",
    ),
    "a token as a volume": (
        ("spec", "volumes"),
        [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}],
        "empty volumes",
    ),
    "another Secret": ((*CONTAINER, "env"), [{"name": "K", "valueFrom": KEYS}], "no other Secret"),
    "a whole Secret": (
        (*CONTAINER, "envFrom"),
        [{"secretRef": {"name": f"{NAME}-pii"}}],
        "no other Secret",
    ),
    "a container before": (
        ("spec", "initContainers"),
        [{"name": "first", "image": OTHER_IMAGE}],
        "an executor's image",
    ),
    "privileged": (SECURITY, {"privileged": True}, "no right on its node"),
    "more rights later": (
        SECURITY,
        {"allowPrivilegeEscalation": True},
        "no right on its node",
    ),
    "a capability": (
        SECURITY,
        {"allowPrivilegeEscalation": False, "capabilities": {"add": ["NET_ADMIN"]}},
        "no right on its node",
    ),
    "root": (
        SECURITY,
        {"allowPrivilegeEscalation": False, "runAsNonRoot": False, "runAsUser": 0},
        "no right on its node",
    ),
    "the node's network": (("spec", "hostNetwork"), True, "no right on its node"),
    "the node's processes": (("spec", "hostPID"), True, "no right on its node"),
    "a port of the node": (
        (*CONTAINER, "ports"),
        [{"containerPort": 7079, "hostPort": 7079}],
        "no right on its node",
    ),
}


def test_a_run_makes_and_removes_the_executors_of_its_own_pod(run, executor):
    made = run("create", "-f", "-", stdin=executor)
    assert made.returncode == 0, made.stderr
    assert "creditrisk-tried-executor" in run("get", "pods", "-l", "tried=yes").stdout
    removed = run("delete", "pod", "creditrisk-tried-executor", "--wait=false")
    assert removed.returncode == 0, removed.stderr


@pytest.mark.parametrize(("path", "value", "why"), REFUSED.values(), ids=REFUSED)
def test_a_run_makes_no_other_pod(run, executor, path, value, why):
    made = run("create", "--dry-run=server", "-f", "-", stdin=changed(executor, path, value))
    assert made.returncode != 0
    # Kubeflow's namespace refuses what gives a right on the node before the policy is asked
    before = "violates PodSecurity" if why in ("no right on its node", "empty volumes") else why
    assert why in made.stderr or before in made.stderr


def test_a_run_removes_no_pod_of_others(run, stranger):
    for words in (("creditrisk-tried-stranger",), ("-l", "tried=yes")):
        refused = run("delete", "pod", *words, "--wait=false")
        assert "its own pod owns" in refused.stderr, refused.stdout


def test_a_run_cannot_remove_all_at_once_what_is_not_its_own(run, stranger, kubectl):
    path = f"/api/v1/namespaces/{NAMESPACE}/pods?labelSelector=tried%3Dyes"
    refused = run("delete", "--raw", path)
    assert refused.returncode != 0
    left = kubectl("-n", NAMESPACE, "get", "pod", "creditrisk-tried-stranger")
    assert left.returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ("get", "secret", f"{NAME}-store"),
        ("get", "secret", f"{NAME}-pii"),
        ("get", "secrets"),
        ("get", "secrets", "-n", f"{NAME}-people"),
        ("get", "pods", "-n", f"{NAME}-people"),
        ("create", "token", ACCOUNT),
        ("get", "configmap", f"{NAME}-env"),
        ("delete", "validatingadmissionpolicy", POLICY),
    ],
    ids=" ".join,
)
def test_a_run_is_forbidden_the_rest(run, words):
    assert "forbidden" in run(*words).stderr.lower()
