"""Spark on Kubernetes: the task's pod is the driver, executors are pods of the same image.

The pipeline gives a task the settings of where it runs (`pipelines.task.with_executors`).
"""

from collections.abc import Mapping
from importlib import resources

from creditrisk.errors import UserError

EXECUTORS = "CREDITRISK_SPARK_EXECUTORS"  # at most so many; 0: all work in the task's own pod
EXECUTORS_FROM = "CREDITRISK_SPARK_EXECUTORS_FROM"  # rows delivered; below, likewise
# calculated: a million rows take a driver of two cores 50 s, and a pod takes 10 s or more to start
WORTH_IT = 1_000_000
_NAME = "CREDITRISK_NAME"  # of the installation: its account, its Secret, its labels
_CORES, _MEMORY = "CREDITRISK_SPARK_EXECUTOR_CORES", "CREDITRISK_SPARK_EXECUTOR_MEMORY"
_REQUIRED = (
    *("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"),  # by Kubernetes, in every pod
    *("POD_IP", "POD_NAME", "POD_NAMESPACE", "POD_UID", "CREDITRISK_EXECUTOR_IMAGE"),
)
_SERVER = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION")
_TEMPLATE = resources.files("creditrisk.stages.etl").joinpath("executor_pod.yaml")


def on_cluster(environ: Mapping[str, str], rows: int) -> bool:
    """Whether this process is a task that may ask for executors, and so many rows are worth it."""
    allowed = "POD_IP" in environ and number(environ, EXECUTORS, 2) > 0
    return allowed and rows >= number(environ, EXECUTORS_FROM, WORTH_IT)


def cluster_conf(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings of the driver in the pod that `environ` describes."""
    if missing := [name for name in _REQUIRED if not environ.get(name)]:
        raise UserError(
            f"Spark needs {', '.join(missing)} to ask for executors: compile the pipeline again,"
            f" or set {EXECUTORS} to 0"
        )
    return _driver(environ) | _executor(environ) | _coming_and_going(environ) | _keys(environ)


def _driver(environ: Mapping[str, str]) -> dict[str, str]:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    return {
        "spark.master": f"k8s://https://{f'[{host}]' if ':' in host else host}:{port}",
        "spark.kubernetes.namespace": environ["POD_NAMESPACE"],
        # the owner of its executors: they go when it goes, whatever became of Spark
        "spark.kubernetes.driver.pod.name": environ["POD_NAME"],
        # an address and no name: a name needs a service, and time until it is known. Bound to
        # 0.0.0.0, Spark 4.3 would tell executors to call 0.0.0.0 (SPARK-58748)
        "spark.driver.host": environ["POD_IP"],
        "spark.driver.bindAddress": environ["POD_IP"],
        # fixed, because network policies name them
        "spark.driver.port": "7078",
        "spark.driver.blockManager.port": "7079",
        # seen: on a busy node the API server, or a pod's network policy, took longer than 10 s
        "spark.kubernetes.driver.connectionTimeout": "60000",
        "spark.kubernetes.driver.requestTimeout": "60000",
        "spark.ui.enabled": "false",  # nobody can reach it, and it takes a second to start
    }


def _executor(environ: Mapping[str, str]) -> dict[str, str]:
    cores, name = environ.get(_CORES) or "1", environ.get(_NAME) or "creditrisk"
    return {
        "spark.kubernetes.container.image": environ["CREDITRISK_EXECUTOR_IMAGE"],
        # the pod's uid: a second attempt must not meet the first one's executors
        "spark.kubernetes.executor.podNamePrefix": f"{name}-etl-{environ['POD_UID'][:18]}",
        "spark.kubernetes.executor.podTemplateFile": str(_TEMPLATE),
        "spark.kubernetes.executor.podTemplateContainerName": "executor",
        # it may do nothing, and knows the secrets a private registry asks for
        "spark.kubernetes.authenticate.executor.serviceAccountName": f"{name}-executor",
        # what network policies and the admission policy of its installation select
        "spark.kubernetes.executor.label.app.kubernetes.io/name": name,
        "spark.executor.cores": cores,
        "spark.kubernetes.executor.limit.cores": cores,
        "spark.executorEnv.LC_ALL": "C.UTF-8",  # as the driver's (java.py)
        "spark.executor.memory": environ.get(_MEMORY) or "2g",
        # Python works beside the JVM; a driver in client mode would allow for a tenth only
        "spark.executor.memoryOverheadFactor": "0.4",
        "spark.blockManager.port": "7079",
        # everything is in the image: no ConfigMap to make, no right to make one
        "spark.kubernetes.executor.disableConfigMap": "true",
        # there are no volume claims and no services of ours: do not ask, and no right is needed
        "spark.kubernetes.driver.ownPersistentVolumeClaim": "false",
        "spark.kubernetes.driver.reusePersistentVolumeClaim": "false",
        "spark.kubernetes.driver.service.deleteOnTermination": "false",
    }


def _coming_and_going(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        # executors come with the work and go after a minute without
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.maxExecutors": str(number(environ, EXECUTORS, 2)),
        "spark.dynamicAllocation.executorIdleTimeout": "60s",
        # Spark would end the process at the fourth pod that is refused, within a second; how long
        # to wait, and what then, is `executors.py`'s to say. A task that fails is not counted here
        "spark.executor.maxNumFailures": "1000000",
        # there is no shuffle service: one that holds shuffled rows stays
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        # a node that is drained: hand blocks over instead of computing them again
        "spark.decommission.enabled": "true",
        "spark.storage.decommission.enabled": "true",
        "spark.kubernetes.decommission.script": "/opt/creditrisk/decommission.sh",
        # one that cannot hand over would stay for ever
        "spark.executor.decommission.forceKillTimeout": "120s",
    }


def _keys(environ: Mapping[str, str]) -> dict[str, str]:
    """Keys of the store by reference: executors get them from Kubernetes, not from Spark."""
    server = {f"spark.executorEnv.{name}": environ[name] for name in _SERVER if environ.get(name)}
    if not environ.get(_NAME):
        return server
    secret = f"{environ[_NAME]}-store"
    if environ.get("AWS_SESSION_TOKEN"):
        raise UserError(
            f"executors get two keys from Secret {secret} and no AWS_SESSION_TOKEN: use lasting"
            f" keys, or set {EXECUTORS} to 0"
        )
    reference = "spark.kubernetes.executor.secretKeyRef"
    return server | {
        f"{reference}.AWS_ACCESS_KEY_ID": f"{secret}:accesskey",
        f"{reference}.AWS_SECRET_ACCESS_KEY": f"{secret}:secretkey",
    }


def number(environ: Mapping[str, str], name: str, default: int) -> int:
    given = environ.get(name) or str(default)
    if not given.isdecimal():
        raise UserError(f"{name} is '{given}', not a number such as {default}")
    return int(given)
