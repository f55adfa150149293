"""Work on executors, which may never come: why they do not, and who does the work then."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.sql import SparkSession

from creditrisk.errors import UserError
from creditrisk.stages.etl.cluster import EXECUTORS, number
from creditrisk.stages.etl.session import spark_session
from creditrisk.storage import Store

WAIT = "CREDITRISK_SPARK_EXECUTOR_WAIT"  # seconds for a node; more where nodes are made on demand
_WAIT, _STARTING = 45, 600  # a pod that has a node fetches its image: Spark itself waits as long
_LOOK = 5
_LIVES = 3  # pods that come and go for each executor wanted, before they are given up
_NONE = "the API server lets none be made (a quota, a policy, a right: see Spark's line above)"
Pod = dict[str, Any]
Made = TypeVar("Made")
logger = logging.getLogger("creditrisk.stages.etl")
T = TypeVar("T")
R = TypeVar("R")


class NoExecutorsError(Exception):
    """Work waited in vain for executors; the message says what keeps them away."""


def by_executors(work: Callable[[SparkSession], Made], *stores: Store, rows: int) -> Made:
    """What `work` makes of a session; where executors do not come, of this pod's own alone.

    `work` may be called twice, and must be safe to begin again.
    """
    session = spark_session(*stores, rows=rows)
    try:
        with _never_in_vain(session):
            return work(session)
    except NoExecutorsError as error:
        logger.warning("no executors: %s; this pod does the work alone", error)
    session.stop()
    return work(spark_session(*stores, rows=rows, alone=True))


def obstacle(pods: Sequence[Pod]) -> str:
    """What keeps executors' pods away, in Kubernetes' words; empty: one of them is on its way."""
    found = [_obstacle(pod["status"]) for pod in pods]
    return "" if "" in found else "; ".join(sorted(set(found))) or _NONE


def _obstacle(status: dict[str, Any]) -> str:
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return f"{condition.get('reason', 'not scheduled')}: {condition.get('message', '')}"
    for container in status.get("containerStatuses", ()):
        for state in ("waiting", "terminated"):
            detail = container.get("state", {}).get(state, {})
            if detail and detail.get("reason") != "ContainerCreating":
                return f"{detail.get('reason', state)}: {detail.get('message', 'no message')}"
    if status.get("phase") == "Failed":
        return f"{status.get('reason', 'Failed')}: {status.get('message', 'no message')}"
    return "" if status.get("conditions") else "no scheduler has looked at its pod"


@contextmanager
def _never_in_vain(session: SparkSession) -> Iterator[None]:
    """End work that waits for executors without hope as a `NoExecutorsError`."""
    context = session.sparkContext
    if not str(context.master).startswith("k8s://"):
        yield
        return
    watch = _Watch(context)
    watch.start()
    try:
        yield
    except Exception:
        if watch.reason:
            raise NoExecutorsError(watch.reason) from None
        raise
    finally:
        watch.ended.set()


class _Watch(threading.Thread):
    """Cancels a job that has no executor: Spark would wait for one without end."""

    def __init__(self, context: SparkContext) -> None:
        super().__init__(name="executors", daemon=True)
        self.context, self.reason, self.ended = context, "", threading.Event()
        self._wait = number(os.environ, WAIT, _WAIT)
        self._enough = _LIVES * number(os.environ, EXECUTORS, 2)

    def run(self) -> None:
        since, seen = time.monotonic(), dict[str, str]()
        while not self.ended.wait(min(_LOOK, self._wait)):
            if not self._starved():
                since, seen = time.monotonic(), {}
                continue
            pods, waited = self._pods(), time.monotonic() - since
            seen |= {pod["metadata"]["name"]: obstacle([pod]) for pod in pods or ()}
            if waited >= self._wait and pods is not None:
                self.reason = self._hopeless(pods, waited, seen)
            if self.reason:
                self.context.cancelAllJobs()
                return

    def _starved(self) -> bool:
        jobs = self.context.statusTracker().getActiveJobsIds()
        scala = self.context._jsc.sc()
        return bool(jobs) and scala.getExecutorMemoryStatus().size() <= 1  # the driver's own

    def _hopeless(self, pods: Sequence[Pod], waited: float, seen: Mapping[str, str]) -> str:
        """Why to wait no longer; empty: a pod is on its way."""
        if len(seen) > self._enough:
            last = next(
                filter(None, reversed([*seen.values()])), "they were gone too soon to see why"
            )
            return f"{len(seen)} pods ended before they joined Spark: {last}"
        if waited >= _STARTING:
            return f"no pod joined Spark for {waited:.0f} s"
        return obstacle(pods)

    def _pods(self) -> list[Pod] | None:
        """The executors' pods, by the client and the rights Spark has; None: no answer."""
        jvm = self.context._jvm
        assert jvm is not None  # noqa: S101 - the session runs in it
        try:
            client = jvm.io.fabric8.kubernetes.client.KubernetesClientBuilder().build()
            ours = client.pods().inNamespace(os.environ["POD_NAMESPACE"])
            listed = ours.withLabel("spark-app-selector", self.context.applicationId).list()
            pods = json.loads(client.getKubernetesSerialization().asJson(listed)).get("items", [])
            client.close()
        except Py4JError:
            return None
        return list(pods)


def task_each(executors: SparkContext, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """`work` on every item, in the items' order; a message for a person is raised as it was there.

    Whatever else it raises is tried again, as Spark does with a task, before it ends the job.
    """
    found = executors.parallelize(items, len(items)).map(partial(_answer, work)).collect()
    done = [one for one in found if not isinstance(one, UserError)]
    if refusal := next((one for one in found if isinstance(one, UserError)), None):
        raise refusal
    return done


def _answer(work: Callable[[T], R], item: T) -> R | UserError:
    try:
        return work(item)
    except UserError as refusal:  # as a value: Spark would make it a trace, after three more tries
        return refusal
