"""Steps on Spark's executors, by a pod that is what a task of the ETL is."""

from tools.e2e.pod import Actor, labels, pod, taken_from
from tools.e2e.release import Release
from tools.e2e.step import demand
from tools.manifest_objects import Object

WORK = """
import logging, os, socket
from creditrisk.stages.etl.executors import by_executors
from creditrisk.storage import open_store

def hosts(rows):
    import pandas as pd
    for frame in rows:
        host = os.environ.get("SPARK_EXECUTOR_POD_NAME", "the driver")
        yield pd.DataFrame([{"host": host, "sum": int(frame.id.sum())}])

def work(spark):
    rows = spark.range(0, 100_000, numPartitions=4).repartition(4)
    return rows.mapInPandas(hosts, "host string, sum long").collect()

logging.basicConfig(format="%(message)s")
ran = by_executors(work, open_store(), rows=10**6)
print("SUM", sum(row["sum"] for row in ran), "ON", *sorted({row["host"] for row in ran}))
"""

TABLES = """
import logging, os
from creditrisk.calendar_month import parse_month
from creditrisk.cli.app import opened
from creditrisk.stages.etl.month import build_range
from creditrisk.stages.task import task

logging.basicConfig(level=logging.INFO, format="%(message)s")
_, config = opened("", None, None)
with task("backfill", "{last}", config, "e2e-tables") as period:
    months = parse_month("{first}"), parse_month("{last}")
    print("BUILT", len(build_range(period, os.environ["CREDITRISK_LANDING"], *months)))
"""


def executors_work(release: Release) -> str:
    """A driver in the run's account is given executors, and they do its work"""
    phase, log = release.pod(driver(release, WORK, "512m", "120"))
    line = next((line for line in log.splitlines() if line.startswith("SUM")), log[-300:])
    demand(phase == "Succeeded" and f"SUM {sum(range(100_000))} ON" in line, f"{phase}: {line}")
    demand("-exec-" in line, f"the driver did it alone: {log[-300:]}")
    return line.split(" ON ")[1]


def executors_that_never_come(release: Release) -> str:
    """Executors without a node are named with the scheduler's reason, the driver does the work"""
    phase, log = release.pod(driver(release, WORK, "900g", "45"))
    reason = next((line for line in log.splitlines() if "no executors: " in line), "")
    demand(phase == "Succeeded" and "ON the driver" in log, f"{phase}: {log[-300:]}")
    demand("Unschedulable" in reason, f"no reason was named: {log[-300:]}")
    left = release.found("pods", f"--selector={labels(release, 'executor')}")
    demand(not left, f"{len(left)} executors are left")
    return reason


def tables_by_executors(release: Release) -> str:
    """Delivered files become tables of the store, written by executors"""
    first, last = release.month(1), release.month(2)
    work = TABLES.format(first=first, last=last)
    phase, log = release.pod(driver(release, work, "512m", "300"), seconds=1800)
    demand(phase == "Succeeded" and "BUILT 2" in log, f"{phase}: {log[-400:]}")
    demand("no executors" not in log, f"the driver did it alone: {log[-400:]}")
    return next(line for line in reversed(log.splitlines()) if line.startswith("gold"))


def driver(release: Release, work: str, memory: str, wait: str) -> Object:
    """A pod with what `pipelines.task` gives the ETL: account, labels, keys, addresses."""
    image = release.images["spark"]
    sizes = {"EXECUTORS": "2", "EXECUTORS_FROM": "1", "EXECUTOR_WAIT": wait, "MEMORY": "512m"}
    environ = {f"CREDITRISK_SPARK_{key}": value for key, value in sizes.items()}
    environ |= {"CREDITRISK_EXECUTOR_IMAGE": image, "CREDITRISK_NAME": release.name}
    environ |= {"CREDITRISK_SPARK_EXECUTOR_MEMORY": memory}
    fields = {"POD_IP": "status.podIP", "POD_NAMESPACE": "metadata.namespace"}
    fields |= {"POD_NAME": "metadata.name", "POD_UID": "metadata.uid"}
    env = [{"name": key, "value": value} for key, value in environ.items()]
    env += [taken_from(key, {"fieldRef": {"fieldPath": path}}) for key, path in fields.items()]
    run = Actor("run", f"{release.name}-run", "store", release.namespace)
    return pod(release, image, ["python3", "-c", work], run, env)
