"""What Spark is told inside a pod; no Spark starts here."""

from pathlib import Path

import pytest
import yaml

from creditrisk.errors import UserError
from creditrisk.stages.etl.cluster import cluster_conf
from creditrisk.stages.etl.settings import conf
from creditrisk.storage import open_store

POD = {
    "KUBERNETES_SERVICE_HOST": "10.96.0.1",
    "KUBERNETES_SERVICE_PORT": "443",
    "POD_IP": "10.244.1.7",
    "POD_NAME": "monthly-lifecycle-x7k2p-system-container-impl-1234567890",
    "POD_NAMESPACE": "team-risk",
    "POD_UID": "0f9c3a52-5a0e-4f35-9c9a-0d5f3f1c2b11",
    "CREDITRISK_EXECUTOR_IMAGE": "registry.example/creditrisk-spark@sha256:0123",
    "CREDITRISK_NAME": "creditrisk-cards",
}


@pytest.fixture
def disk(tmp_path):
    return open_store(str(tmp_path))


def test_a_task_in_a_pod_is_the_driver_of_executors_of_its_own_image():
    found = cluster_conf(POD)
    assert found["spark.master"] == "k8s://https://10.96.0.1:443"
    assert found["spark.kubernetes.namespace"] == "team-risk"
    assert found["spark.kubernetes.container.image"] == POD["CREDITRISK_EXECUTOR_IMAGE"]
    assert found["spark.kubernetes.driver.pod.name"] == POD["POD_NAME"]


def test_temporary_keys_that_executors_would_not_get_are_refused():
    with pytest.raises(UserError, match=r"no AWS_SESSION_TOKEN: .* CREDITRISK_SPARK_EXECUTORS to"):
        cluster_conf(POD | {"AWS_SESSION_TOKEN": "t"})


def test_executors_are_told_an_address_they_can_call():
    found = cluster_conf(POD)
    assert found["spark.driver.host"] == found["spark.driver.bindAddress"] == "10.244.1.7"


def test_a_busy_api_has_a_minute_to_answer():
    found = cluster_conf(POD)
    assert found["spark.kubernetes.driver.connectionTimeout"] == "60000"
    assert found["spark.kubernetes.driver.requestTimeout"] == "60000"


def test_an_api_that_has_an_ipv6_address_is_a_valid_url():
    found = cluster_conf(POD | {"KUBERNETES_SERVICE_HOST": "fd00::1"})
    assert found["spark.master"] == "k8s://https://[fd00::1]:443"


def test_two_attempts_of_one_task_never_share_a_name():
    key = "spark.kubernetes.executor.podNamePrefix"
    first = cluster_conf(POD)[key]
    second = cluster_conf(POD | {"POD_UID": "0f9c3a52-5a0e-4f36-9c9a-0d5f3f1c2b11"})[key]
    assert first != second
    assert len(first) <= 47  # Spark's own limit: the number of the executor follows


def test_memory_leaves_room_for_python_beside_the_jvm():
    found = cluster_conf(POD | {"CREDITRISK_SPARK_EXECUTOR_MEMORY": "4g"})
    assert found["spark.executor.memory"] == "4g"
    assert found["spark.executor.memoryOverheadFactor"] == "0.4"


def test_sizes_are_the_environment_s_to_say():
    sizes = {"CREDITRISK_SPARK_EXECUTORS": "8", "CREDITRISK_SPARK_EXECUTOR_CORES": "3"}
    found = cluster_conf(POD | sizes)
    assert found["spark.dynamicAllocation.maxExecutors"] == "8"
    assert found["spark.executor.cores"] == found["spark.kubernetes.executor.limit.cores"] == "3"


def test_keys_of_the_store_are_given_by_reference():
    found = cluster_conf(POD)
    reference = "spark.kubernetes.executor.secretKeyRef.AWS_SECRET_ACCESS_KEY"
    assert found[reference] == "creditrisk-cards-store:secretkey"
    without = {key: value for key, value in POD.items() if key != "CREDITRISK_NAME"}
    assert not [key for key in cluster_conf(without) if "secretKeyRef" in key]


def test_without_executors_the_pod_does_the_work_itself(disk):
    found = conf(POD | {"CREDITRISK_SPARK_EXECUTORS": "0"}, [disk], 0)
    assert found["spark.master"] == "local[*]"
    assert not [key for key in found if "kubernetes" in key]


def test_few_rows_are_not_worth_an_executor(disk):
    assert conf(POD, [disk], 999_999)["spark.master"] == "local[*]"
    assert conf(POD, [disk], 1_000_000)["spark.master"].startswith("k8s://")
    assert (
        conf(POD | {"CREDITRISK_SPARK_EXECUTORS_FROM": "0"}, [disk], 0)["spark.master"]
        != "local[*]"
    )


def test_executors_know_the_server_that_python_asks_there():
    server = {"AWS_ENDPOINT_URL": "http://minio:9000", "AWS_REGION": "eu-west-1"}
    found = cluster_conf(POD | server)
    assert found["spark.executorEnv.AWS_ENDPOINT_URL"] == "http://minio:9000"
    assert found["spark.executorEnv.AWS_REGION"] == "eu-west-1"
    assert not [key for key in found if key.startswith("spark.executorEnv.") and "KEY" in key]


def test_a_laptop_asks_no_cluster(disk):
    assert conf({"CREDITRISK_EXECUTOR_IMAGE": "an-image"}, [disk], 0)["spark.master"] == "local[*]"


def test_a_task_that_was_not_told_where_it_runs_says_what_is_missing():
    with pytest.raises(UserError, match="Spark needs POD_UID to ask for executors"):
        cluster_conf(POD | {"POD_UID": ""})


def test_a_number_of_executors_that_is_none_is_refused(disk):
    with pytest.raises(UserError, match="CREDITRISK_SPARK_EXECUTORS is 'many', not a number"):
        conf(POD | {"CREDITRISK_SPARK_EXECUTORS": "many"}, [disk], 0)


def test_the_pod_template_is_in_the_package_and_restricted():
    template = Path(cluster_conf(POD)["spark.kubernetes.executor.podTemplateFile"])
    spec = yaml.safe_load(template.read_text("utf-8"))["spec"]
    (container,) = spec["containers"]
    assert container["name"] == "executor"
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["resources"]["limits"] == {"ephemeral-storage": "22Gi"}
    assert all(volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"])
    writable = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert writable == {"/tmp", "/var/spark"}  # noqa: S108 - a path in the pod
