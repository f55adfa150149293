"""Whether a cluster can take a release: looked at before anything of it is created."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kubernetes import client
from kubernetes.utils import parse_quantity
from urllib3.exceptions import HTTPError

from creditrisk.check_result import CheckResult
from pipelines.remote.api import older_than_known
from pipelines.remote.cluster import LIMIT
from pipelines.remote.release import Release, Request, largest_task

_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_SHOWN = 50  # images that a kubelet lists at most, the largest first
_GIB = 2**30


@dataclass
class Room:
    """What a node has left: CPUs and bytes, of so many."""

    node: str
    cpu: float
    memory: float
    of_cpu: float
    of_memory: float

    def takes(self, pod: Request) -> bool:
        return pod.cpu <= self.cpu and pod.memory <= self.memory

    def __str__(self) -> str:
        return (
            f"{self.node} has {max(self.cpu, 0):.1f} of {self.of_cpu:.1f} CPUs and"
            f" {max(self.memory, 0) / _GIB:.1f} of {self.of_memory / _GIB:.1f} GiB left"
        )


def preflight(core: client.CoreV1Api, release: Release) -> Iterator[CheckResult]:
    """One result per question about what is about to be applied."""
    yield from _asked(
        core,
        {
            "cluster": lambda: _cluster(core),
            "namespaces": lambda: _namespaces(core, release),
            "Kubeflow": lambda: _kubeflow(core, release),
            "StorageClass": lambda: _classes(core, release),
            "Secrets": lambda: _secrets(core, release),
            "images on nodes": lambda: _images(core, release.images),
            "room": lambda: _room(core, release.name, release.pods),
        },
    )


def nodes_for(core: client.CoreV1Api, name: str, images: frozenset[str]) -> Iterator[CheckResult]:
    """Whether nodes have the images of a release's tasks, and room for the largest of these."""
    yield from _asked(
        core,
        {
            "images on nodes": lambda: _images(core, images),
            "room": lambda: _room(core, name, (largest_task(),)),
        },
    )


def _asked(
    core: client.CoreV1Api, looks: dict[str, Callable[[], CheckResult]]
) -> Iterator[CheckResult]:
    """A cluster that does not answer, or not to this account, is asked nothing more."""
    host = core.api_client.configuration.host
    for name, look in looks.items():
        try:
            yield look()
        except client.ApiException as error:
            says = f"{error.status} {error.reason}"
            if error.status == 401:
                refused = f"{host} refuses who asks: {says}"
                yield CheckResult(name, "fail", refused, "log in again; kubectl auth whoami")
                return
            if error.status == 403:
                yield CheckResult(name, "ok", "not looked at: this account may not")
            else:
                yield CheckResult(name, "fail", says, "try again")
        except HTTPError:
            yield CheckResult(name, "fail", f"{host} does not answer", "is it up, is it this?")
            return


def _there(read: Callable[..., Any], *names: str) -> Any:  # noqa: ANN401 - the client ships no types
    """The object, or None where there is none."""
    try:
        return read(*names, _request_timeout=LIMIT)
    except client.ApiException as error:
        if error.status != 404:
            raise
        return None


def _cluster(core: client.CoreV1Api) -> CheckResult:
    version = client.VersionApi(core.api_client).get_code(_request_timeout=LIMIT).git_version
    says = f"{core.api_client.configuration.host}, Kubernetes {version}"
    return CheckResult("cluster", "ok", says)


def _namespaces(core: client.CoreV1Api, release: Release) -> CheckResult:
    lacks = [n for n in sorted(release.namespaces) if _there(core.read_namespace, n) is None]
    if lacks:
        move = "is this the cluster, and is Kubeflow on it? make kfp"
        return CheckResult("namespaces", "fail", f"there is no {', '.join(lacks)}", move)
    return CheckResult("namespaces", "ok", ", ".join(sorted(release.namespaces)))


def _kubeflow(core: client.CoreV1Api, release: Release) -> CheckResult:
    if release.kubeflow is None:
        return CheckResult("Kubeflow", "ok", "not looked at: its address is outside the cluster")
    service, namespace = release.kubeflow
    if _there(core.read_namespaced_service, service, namespace) is None:
        says = f"there is no Service {service} in {namespace}: no Kubeflow Pipelines"
        return CheckResult("Kubeflow", "fail", says, "make kfp, or kfp.endpoint and kfp.namespace")
    found = _there(core.read_namespaced_config_map, "pipeline-install-config", namespace)
    version = ((found and found.data) or {}).get("appVersion", "")
    if fault := older_than_known(version):
        return CheckResult("Kubeflow", "fail", fault, "upgrade Kubeflow Pipelines: make kfp")
    says = f"{service} in {namespace}, version {version or 'not known'}"
    return CheckResult("Kubeflow", "ok", says)


def _classes(core: client.CoreV1Api, release: Release) -> CheckResult:
    if not release.classes:
        return CheckResult("StorageClass", "ok", "no volume is asked for")
    listed = client.StorageV1Api(core.api_client).list_storage_class(_request_timeout=LIMIT).items
    known = {one.metadata.name for one in listed}
    default = {
        one.metadata.name
        for one in listed
        if (one.metadata.annotations or {}).get(_DEFAULT) == "true"
    }
    if "" in release.classes and not default:
        says = f"none is the default; there are: {', '.join(sorted(known)) or 'none at all'}"
        move = "set minio.storageClass to one, or take an S3 of your own (store.endpoint)"
        return CheckResult("StorageClass", "fail", says, move)
    if lacks := sorted(release.classes - known - {""}):
        says = f"there is no {', '.join(lacks)}; there are: {', '.join(sorted(known)) or 'none'}"
        return CheckResult("StorageClass", "fail", says, "set minio.storageClass to one of them")
    return CheckResult("StorageClass", "ok", ", ".join(sorted(default | release.classes - {""})))


def _secrets(core: client.CoreV1Api, release: Release) -> CheckResult:
    lacks = []
    for namespace, name, keys in release.secrets:
        found = _there(core.read_namespaced_secret, name, namespace)
        without = sorted(keys - (found.data or {}).keys()) if found else []
        if found is None or without:
            lacks.append(f"{namespace}/{name}" + (f" ({', '.join(without)})" if without else ""))
    if lacks:
        move = 'make them first (docs/kubernetes.md, "Secrets"), or set secrets.generate'
        return CheckResult("Secrets", "fail", f"missing: {', '.join(lacks)}", move)
    there = f"{len(release.secrets)} are there, " if release.secrets else ""
    return CheckResult("Secrets", "ok", f"{there}the release makes the others")


def _images(core: client.CoreV1Api, images: frozenset[str]) -> CheckResult:
    """Images without a registry have to be on a node; of others a registry is asked later."""
    name = "images on nodes"
    side_loaded = sorted(image for image in images if not _has_registry(image))
    shown = [node.status.images or [] for node in core.list_node(_request_timeout=LIMIT).items]
    there = {name for images in shown for image in images for name in image.names or ()}
    lacks = ", ".join(i for i in side_loaded if not {i, f"docker.io/library/{i}"} & there)
    if not lacks:
        return CheckResult(name, "ok", f"{len(side_loaded)}; the rest comes from registries")
    if any(len(images) >= _SHOWN for images in shown):
        says = f"nodes list {_SHOWN} images, and {lacks} is not among them"
        return CheckResult(name, "warn", says, "are they loaded?")
    move = "load them (make kind-up, make minikube-up), or set images.registry"
    return CheckResult(name, "fail", f"on no node, and of no registry: {lacks}", move)


def _has_registry(image: str) -> bool:
    host, slash, _ = image.partition("/")
    return bool(slash) and ("." in host or ":" in host or host == "localhost")


def _room(core: client.CoreV1Api, name: str, pods: tuple[Request, ...]) -> CheckResult:
    rooms = _rooms(core, name)
    if not rooms:
        return CheckResult("room", "fail", "no node is ready and takes pods", "kubectl get nodes")
    before = "; ".join(map(str, rooms))
    for pod in sorted(pods, key=lambda pod: pod.memory, reverse=True):
        node = next((room for room in rooms if room.takes(pod)), None)
        if node is None:
            says = f"none for {pod.pod} ({pod.cpu:g} CPU, {pod.memory / _GIB:.1f} GiB): {before}"
            return CheckResult("room", "fail", says, "a larger node, or end what else runs there")
        node.cpu, node.memory = node.cpu - pod.cpu, node.memory - pod.memory
    return CheckResult("room", "ok", before)


def _rooms(core: client.CoreV1Api, name: str) -> list[Room]:
    """What ready nodes have left by requests, pods of this release aside."""
    rooms = {}
    for node in core.list_node(_request_timeout=LIMIT).items:
        ready = {c.type: c.status for c in node.status.conditions or ()}.get("Ready")
        if ready == "True" and not node.spec.unschedulable:
            has = node.status.allocatable
            cpu, memory = float(parse_quantity(has["cpu"])), float(parse_quantity(has["memory"]))
            rooms[node.metadata.name] = Room(node.metadata.name, cpu, memory, cpu, memory)
    for pod in core.list_pod_for_all_namespaces(_request_timeout=LIMIT).items:
        own = (pod.metadata.labels or {}).get("app.kubernetes.io/name") == name
        room = rooms.get(pod.spec.node_name)
        if room and not own and pod.status.phase in ("Pending", "Running"):
            for container in pod.spec.containers:
                asked = (container.resources and container.resources.requests) or {}
                room.cpu -= float(parse_quantity(asked.get("cpu", "0")))
                room.memory -= float(parse_quantity(asked.get("memory", "0")))
    return list(rooms.values())
