"""A driver and its executors as pods of the image, on a network of their own.

The API server is ours, what runs in the pods is the image: the executors' containers are
started from exactly what Spark posts.
"""

import json
import threading
from uuid import uuid4

import pytest

from tests.builders.kubernetes_api import KubernetesApi
from tests.images.conftest import docker, give

NAMESPACE, DRIVER, SUBNET = "team-risk", "the-task-s-pod", "172.29.77"
SECRETS = {"creditrisk-store": {"accesskey": "the-access-key", "secretkey": "the-secret-key"}}
WORK = """
import os
from pyspark import TaskContext
from creditrisk.stages.etl.session import spark_session
from creditrisk.storage import open_store

def where(rows):
    import pandas as pd
    for frame in rows:
        who = {"host": os.environ["SPARK_EXECUTOR_POD_NAME"], "user": str(os.getuid()),
               "key": os.environ["AWS_SECRET_ACCESS_KEY"], "sum": int(frame.id.sum())}
        yield pd.DataFrame([who])

spark = spark_session(open_store("/tmp/store"), rows=10**6)
rows = spark.range(0, 100_000, numPartitions=4).repartition(4)
for row in rows.mapInPandas(where, "host string, user string, key string, sum long").collect():
    print("RAN", row.host, row.user, row.key, row.sum, flush=True)
{end}
"""


class Node:
    """Runs the pods of a Kubernetes API as containers, each with an address of its own."""

    def __init__(self, api: KubernetesApi, network: str) -> None:
        self.api, self.network, self.printed = api, network, {}
        self._next = iter(range(20, 200))
        self._lock = threading.Lock()
        api.started, api.ended = self.start, self.end

    def start(self, pod) -> None:
        with self._lock:
            address = f"{SUBNET}.{next(self._next)}"
        pod["status"] = {"phase": "Running", "podIP": address}
        (container,) = pod["spec"]["containers"]
        done = docker(
            *("run", "--detach", f"--name={pod['metadata']['name']}", f"--ip={address}"),
            *(f"--network={self.network}", *confinement(pod["spec"], container)),
            *(word for one in container["env"] for word in ("--env", variable(pod, one))),
            *(container["image"], *container["args"]),
        )
        assert done.returncode == 0, done.stderr

    def end(self, pod) -> None:
        name = pod["metadata"]["name"]
        self.printed[name] = docker("logs", name).stderr[-4000:]
        docker("rm", "--force", name)

    def close(self) -> None:
        for pod in list(self.api.pods.values()):
            if pod["metadata"]["name"] != DRIVER:
                self.end(pod)


def confinement(spec, container) -> list[str]:
    context, inside = spec["securityContext"], container["securityContext"]
    assert inside["readOnlyRootFilesystem"]
    return [
        f"--user={context['runAsUser']}:{context['runAsGroup']}",
        "--read-only",
        *(f"--cap-drop={one}" for one in inside["capabilities"]["drop"]),
        *(f"--tmpfs={m['mountPath']}:exec,mode=1777" for m in container["volumeMounts"]),
    ]


def variable(pod, one) -> str:
    source = one.get("valueFrom", {})
    if reference := source.get("secretKeyRef"):
        value = SECRETS[reference["name"]][reference["key"]]
    elif field := source.get("fieldRef"):
        known = {"status.podIP": pod["status"]["podIP"], "metadata.name": pod["metadata"]["name"]}
        value = known[field["fieldPath"]]
    else:
        value = one.get("value", "")
    return f"{one['name']}={value}"


@pytest.fixture
def network():
    name = f"creditrisk-{uuid4().hex[:8]}"
    made = docker("network", "create", f"--subnet={SUBNET}.0/24", f"--gateway={SUBNET}.1", name)
    assert made.returncode == 0, made.stderr
    yield name
    docker("network", "rm", name)


@pytest.fixture
def api(network, tmp_path):
    api = KubernetesApi(tmp_path, f"{SUBNET}.1")
    api.add_driver(DRIVER, NAMESPACE)
    give(tmp_path)
    yield api
    api.close()


@pytest.fixture
def node(api, network):
    node = Node(api, network)
    yield node
    node.close()


def drive(images, api, node, end=""):
    """Run the driver in a pod of its own until it ends."""
    pod = api.environment | {
        "POD_IP": f"{SUBNET}.10",
        "POD_NAME": DRIVER,
        "POD_NAMESPACE": NAMESPACE,
        "POD_UID": api.pods[DRIVER]["metadata"]["uid"],
        "CREDITRISK_EXECUTOR_IMAGE": images["spark"],
        "CREDITRISK_NAME": "creditrisk",
        "CREDITRISK_SPARK_EXECUTORS": "2",
        "CREDITRISK_SPARK_EXECUTORS_FROM": "0",
        "CREDITRISK_SPARK_EXECUTOR_MEMORY": "512m",
        "CREDITRISK_SPARK_MEMORY": "512m",
    }
    name = f"{node.network}-driver"
    words = (
        *("run", f"--name={name}", f"--network={node.network}", f"--ip={SUBNET}.10", "--read-only"),
        *("--tmpfs=/tmp:exec,mode=1777", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
        f"--volume={api.folder}:/var/run/secrets/kubernetes.io/serviceaccount:ro",
        *(word for key, value in pod.items() for word in ("--env", f"{key}={value}")),
        *(images["spark"], "python3", "-c", WORK.replace("{end}", end)),
    )
    try:
        return docker(*words)
    finally:  # one that never ended would keep the network from the next test
        docker("rm", "--force", name)


def test_executors_of_the_image_join_the_driver_and_do_python_s_work(images, api, node):
    done = drive(images, api, node)
    ran = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("RAN")]
    assert done.returncode == 0, (done.stderr[-4000:], json.dumps(node.printed), api.calls)
    assert sum(int(row[3]) for row in ran) == sum(range(100_000))
    assert {row[0] for row in ran} <= {pod["metadata"]["name"] for pod in api.posted}
    assert {row[1] for row in ran} == {"185"}
    assert {row[2] for row in ran} == {"the-secret-key"}  # by reference, never by Spark
    assert list(api.pods) == [DRIVER]  # none is left


def test_a_driver_that_fails_says_so_and_leaves_no_executor(images, api, node):
    done = drive(images, api, node, end="raise SystemExit(3)")
    assert done.returncode == 3, done.stderr[-4000:]
    assert "RAN" in done.stdout
    assert list(api.pods) == [DRIVER]
