"""What every task of every pipeline carries: limits, retries, a name, no cache, env, secrets."""

import os
from dataclasses import dataclass, replace

from kfp import dsl, kubernetes

from creditrisk.portfolio.pii_key import PII_KEY
from creditrisk.stages.runtime import IMAGES
from pipelines.installation import NAME, installation, named

STORE_SECRET = named("store")  # its keys are the S3 credentials
CONFIG_MAP = named("env")
ALERTS_SECRET = named("alerts")  # URLs of channels hold tokens
ENV = (
    "CREDITRISK_STORE",
    "CREDITRISK_AUDIT_STORE",
    "CREDITRISK_LANDING",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
)
TASK_CPU, TASK_MEMORY = "CREDITRISK_TASK_CPU", "CREDITRISK_TASK_MEMORY"
LABELS = {  # what the chart's network policies and disruption budget select
    "app.kubernetes.io/name": installation(),
    "app.kubernetes.io/component": "run",
}

SPARK = (  # sizes of Spark's driver and executors, where a cluster says them
    "CREDITRISK_SPARK_EXECUTORS",
    "CREDITRISK_SPARK_EXECUTORS_FROM",
    "CREDITRISK_SPARK_EXECUTOR_WAIT",
    "CREDITRISK_SPARK_EXECUTOR_CORES",
    "CREDITRISK_SPARK_EXECUTOR_MEMORY",
    "CREDITRISK_SPARK_MEMORY",
)


@dataclass(frozen=True)
class Size:
    """Requests and limits of a task's container, its room in /tmp, and the seconds it may take."""

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str
    room: str
    seconds: int


SMALL = Size("100m", "1", "512Mi", "2Gi", "2Gi", 30 * 60)
# what a large task asks a node for is an installation's to say: a trial has little
_ASKED = (os.environ.get(TASK_CPU) or "1", os.environ.get(TASK_MEMORY) or "2Gi")
LARGE = Size(_ASKED[0], "2", _ASKED[1], "6Gi", "20Gi", 6 * 3600)
YEARS = replace(LARGE, seconds=24 * 3600)  # what builds many months in one task
# a run that hangs where no task does is ended after a day and a half; Argo's objects of a run go a
# day after it went well, a week after it failed: KFP's database keeps its history
LIMITS = dsl.PipelineConfig(
    active_deadline_seconds=36 * 3600,
    ttl_seconds_after_success=24 * 3600,
    ttl_seconds_after_failure=7 * 24 * 3600,
)


def configure(task: dsl.PipelineTask, name: str, size: Size, retries: int) -> dsl.PipelineTask:
    """Dress a task for the cluster; kfp.local ignores all of it but the retries.

    A schedule that reused a cached month would be a wrong month: caching is off.
    """
    task.set_display_name(name)
    task.set_caching_options(False)
    task.set_cpu_request(size.cpu_request).set_cpu_limit(size.cpu_limit)
    task.set_memory_request(size.memory_request).set_memory_limit(size.memory_limit)
    if retries:
        task.set_retry(
            retries, backoff_duration="30s", backoff_factor=2, backoff_max_duration="300s"
        )
    kubernetes.set_timeout(task, size.seconds)
    # all that a task may write to; KFP knows no other limit of what it leaves on its node
    kubernetes.empty_dir_mount(task, "tmp", "/tmp", size_limit=size.room)  # noqa: S108 - in the pod
    kubernetes.use_config_map_as_env(task, CONFIG_MAP, {key: key for key in ENV})
    kubernetes.use_secret_as_env(
        task, STORE_SECRET, {"accesskey": "AWS_ACCESS_KEY_ID", "secretkey": "AWS_SECRET_ACCESS_KEY"}
    )
    kubernetes.set_security_context(task, run_as_user=185, run_as_group=185, run_as_non_root=True)
    task.set_env_variable("CREDITRISK_IMAGE", task.container_spec.image)  # for its run record
    kubernetes.use_field_path_as_env(task, "POD_IP", "status.podIP")
    kubernetes.use_field_path_as_env(task, "POD_NAMESPACE", "metadata.namespace")
    for label, value in LABELS.items():
        kubernetes.add_pod_label(task, label, value)
    return task


def give_configuration(task: dsl.PipelineTask) -> None:
    """Let a task read the installation's policy and portfolio; the others read what it froze.

    And the zone of the schedule's clock: KFP's own setting, or ours where runs have a namespace
    that KFP's settings are not in.
    """
    ours = {"CREDITRISK_CRON_TIMEZONE": "CREDITRISK_CRON_TIMEZONE"}
    kubernetes.use_config_map_as_env(task, CONFIG_MAP, ours, optional=True)
    kfps = {"cronScheduleTimezone": "CRON_SCHEDULE_TIMEZONE"}
    kubernetes.use_config_map_as_env(task, "pipeline-install-config", kfps, optional=True)
    files = {"CREDITRISK_POLICY": "policy", "CREDITRISK_PORTFOLIO": "portfolio"}
    kubernetes.use_config_map_as_env(task, CONFIG_MAP, {key: key for key in files}, optional=True)
    for name in files.values():
        place = f"/etc/creditrisk/{name}"
        kubernetes.use_config_map_as_volume(task, named(name), place, optional=True)


def with_pii_key(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """Give a task, and no other, what names of persons are hashed with."""
    kubernetes.use_secret_as_env(task, named("pii"), {"key": PII_KEY}, optional=True)
    return task


def with_executors(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """Give a task what it needs to be Spark's driver (`creditrisk.stages.etl.cluster`)."""
    task.set_env_variable("CREDITRISK_EXECUTOR_IMAGE", IMAGES["spark"])
    task.set_env_variable(NAME, installation())
    kubernetes.use_field_path_as_env(task, "POD_NAME", "metadata.name")
    kubernetes.use_field_path_as_env(task, "POD_UID", "metadata.uid")
    kubernetes.use_config_map_as_env(task, CONFIG_MAP, {key: key for key in SPARK}, optional=True)
    return task


def may_alert(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """Let a task, and no other, tell others: alerts, lineage, the audit trail's head."""
    kubernetes.use_secret_as_env(
        task, ALERTS_SECRET, {"urls": "CREDITRISK_ALERT_URLS"}, optional=True
    )
    kubernetes.use_config_map_as_env(
        task,
        CONFIG_MAP,
        {
            name: name
            for name in ("CREDITRISK_DASHBOARD_URL", "CREDITRISK_TIMESTAMP_URL", "OPENLINEAGE_URL")
        },
        optional=True,
    )
    return task
