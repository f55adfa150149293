"""Spark's real driver against a Kubernetes API: which executors it asks for, and how it ends.

Two drivers: one is ended while it waits, the other's executors find no node.
"""

import os
import signal
import subprocess
import sys

import pytest

from tests.builders.kubernetes_api import KubernetesApi

NAMESPACE, DRIVER = "team-risk", "the-task-s-pod"
IMAGE = "registry.example/creditrisk-spark@sha256:0123"
WORK = """
from creditrisk.stages.etl.session import spark_session
from creditrisk.storage import open_store

spark_session(open_store(), rows=10**6).range(1000, numPartitions=4).repartition(3).count()
"""
ALONE = """
import logging
from creditrisk.stages.etl.executors import by_executors
from creditrisk.storage import open_store

def work(spark):
    print("BEGUN ON", spark.sparkContext.master)
    return spark.range(1000, numPartitions=4).repartition(3).count()

logging.basicConfig()
print("ROWS", by_executors(work, open_store(), rows=10**6))
"""
FULL = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient memory.",
}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    api = KubernetesApi(tmp_path_factory.mktemp("api"))
    api.add_driver(DRIVER, NAMESPACE)
    yield api
    api.close()


@pytest.fixture(scope="module")
def ended(api, tmp_path_factory):
    """Exit code and words of a driver that was ended while it waited for its executors."""
    driver = started(api, tmp_path_factory.mktemp("store"), WORK)
    try:
        api.wait_for_pods(1)
        driver.send_signal(signal.SIGTERM)
        text, _ = driver.communicate(timeout=200)
    finally:
        driver.kill()
    return driver.returncode, text


@pytest.fixture
def full(tmp_path):
    """A cluster whose scheduler finds no node for an executor."""
    api = KubernetesApi(tmp_path)
    api.add_driver(DRIVER, NAMESPACE)
    api.started = lambda pod: pod["status"].update(conditions=[FULL])
    yield api
    api.close()


def started(api, store, work, **environ):
    """A process that does the work as the task's pod would."""
    pod = environ | {
        "POD_IP": "127.0.0.1",
        "POD_NAME": DRIVER,
        "POD_NAMESPACE": NAMESPACE,
        "POD_UID": api.pods[DRIVER]["metadata"]["uid"],
        "CREDITRISK_EXECUTOR_IMAGE": IMAGE,
        "CREDITRISK_NAME": "creditrisk-cards",
        "CREDITRISK_STORE": str(store),
        # what is mounted into a pod, elsewhere
        "KUBERNETES_CERTS_CA_FILE": str(api.folder / "ca.crt"),
        "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN": str(api.folder / "token"),
    }
    return subprocess.Popen(
        [sys.executable, "-c", work],
        env=os.environ | pod | api.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def executor(api, ended):
    return api.posted[0]


def test_executors_run_our_image_for_the_driver_and_go_with_its_pod(api, executor):
    (container,) = executor["spec"]["containers"]
    assert container["image"] == IMAGE
    assert container["args"] == ["executor"]
    (owner,) = executor["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("Pod", DRIVER, True)
    assert owner["uid"] == api.pods[DRIVER]["metadata"]["uid"]
    assert executor["metadata"]["name"].startswith(
        f"creditrisk-cards-etl-{owner['uid'][:18]}-exec-"
    )


def test_an_executor_knows_the_driver_s_address_and_the_store_s_keys_by_reference(executor):
    env = {one["name"]: one for one in executor["spec"]["containers"][0]["env"]}
    assert env["SPARK_DRIVER_URL"]["value"] == "spark://CoarseGrainedScheduler@127.0.0.1:7078"
    assert env["SPARK_LOCAL_DIRS"]["value"] == "/var/spark"
    assert env["AWS_SECRET_ACCESS_KEY"]["valueFrom"]["secretKeyRef"] == {
        "name": "creditrisk-cards-store",
        "key": "secretkey",
    }


def test_an_executor_s_pod_is_what_restricted_pod_security_admits(executor):
    spec = executor["spec"]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 185
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["readOnlyRootFilesystem"] is True
    assert all("emptyDir" in volume for volume in spec["volumes"])


def test_an_executor_has_room_for_python_and_hands_over_before_it_goes(executor):
    (container,) = executor["spec"]["containers"]
    assert container["resources"]["limits"] == {
        "cpu": "1",
        "memory": "2867Mi",  # 2 GiB and 0.4
        "ephemeral-storage": "22Gi",
    }
    assert container["resources"]["requests"]["memory"] == "2867Mi"
    hook = container["lifecycle"]["preStop"]["exec"]["command"]
    assert hook[0] == "/opt/creditrisk/decommission.sh"


def test_the_pod_is_valid_for_kubernetes(executor):
    import kubernetes_validate

    kubernetes_validate.validate(executor, "1.33", strict=True)


def test_a_task_that_is_ended_exits_as_such_and_leaves_no_executor(api, ended):
    code, text = ended
    assert code == 128 + signal.SIGTERM, text
    assert list(api.pods) == [DRIVER]


def test_the_driver_needs_no_right_but_on_pods(api, ended):
    assert {resource for resource, _ in api.calls if (resource, _) not in api.refused} == {"pods"}
    # only when it clears up, and then there is nothing to clear up
    assert {verb for _, verb in api.refused} <= {"deletecollection"}


def test_executors_that_find_no_node_are_named_and_the_pod_does_the_work(full, tmp_path):
    driver = started(full, tmp_path / "store", ALONE, CREDITRISK_SPARK_EXECUTOR_WAIT="5")
    try:
        text, _ = driver.communicate(timeout=200)
    finally:
        driver.kill()
    assert "no executors: Unschedulable: 0/1 nodes are available: 1 Insufficient memory." in text
    assert [line.split()[2][:5] for line in text.splitlines() if "BEGUN" in line] == [
        "k8s:/",
        "local",
    ]
    assert "ROWS 1000" in text
    assert driver.returncode == 0
    assert list(full.pods) == [DRIVER]  # none of them is left to find a node later
