"""Spark's real driver against a Kubernetes API: which executors it asks for, and how it ends."""

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

spark_session(open_store()).range(1000, numPartitions=4).repartition(3).count()
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    api = KubernetesApi(tmp_path_factory.mktemp("api"))
    api.add_driver(DRIVER, NAMESPACE)
    yield api
    api.close()


@pytest.fixture(scope="module")
def ended(api, tmp_path_factory):
    """Exit code and words of a driver that was ended while it waited for its executors."""
    pod = {
        "POD_IP": "127.0.0.1",
        "POD_NAME": DRIVER,
        "POD_NAMESPACE": NAMESPACE,
        "POD_UID": api.pods[DRIVER]["metadata"]["uid"],
        "CREDITRISK_EXECUTOR_IMAGE": IMAGE,
        "CREDITRISK_NAME": "creditrisk-cards",
        "CREDITRISK_STORE": str(tmp_path_factory.mktemp("store")),
        # what is mounted into a pod, elsewhere
        "KUBERNETES_CERTS_CA_FILE": str(api.folder / "ca.crt"),
        "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN": str(api.folder / "token"),
    }
    driver = subprocess.Popen(
        [sys.executable, "-c", WORK],
        env=os.environ | pod | api.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        api.wait_for_pods(1)
        driver.send_signal(signal.SIGTERM)
        text, _ = driver.communicate(timeout=200)
    finally:
        driver.kill()
    return driver.returncode, text


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
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "2867Mi"}  # 2 GiB and 0.4
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
