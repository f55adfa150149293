"""What a release asks of a cluster, read off the objects that are about to be applied."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from kubernetes.utils import parse_quantity

from creditrisk.errors import UserError
from pipelines.installation import NAME
from pipelines.task import LARGE, TASK_CPU, TASK_MEMORY

Object = dict[str, Any]


class Request(NamedTuple):
    """A pod that has to find room: CPUs and bytes."""

    pod: str
    cpu: float
    memory: float


class Reference(NamedTuple):
    """An object that pods of a namespace refer to and the release does not make."""

    namespace: str
    name: str
    keys: frozenset[str]


@dataclass(frozen=True)
class Release:
    """`classes`: of volumes, "" for the cluster's default; `kubeflow`: service and namespace."""

    name: str
    namespaces: frozenset[str]
    images: frozenset[str]
    pods: tuple[Request, ...]  # its servers and the largest task of a run
    classes: frozenset[str]
    secrets: tuple[Reference, ...]
    kubeflow: tuple[str, str] | None


def largest_task(cpu: str = LARGE.cpu_request, memory: str = LARGE.memory_request) -> Request:
    """The largest pod of a run."""
    return Request("a run's largest task", *map(float, map(parse_quantity, (cpu, memory))))


def read_release(path: Path) -> Release:
    """Read what `helm template` printed; what is no such thing is a `UserError`."""
    try:
        documents = yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader)
        return _release([one for one in documents if one])
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; helm template writes it") from None
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} holds no rendered release: {error!r}") from None


def _release(objects: list[Object]) -> Release:
    pods, name = [pod for one in objects for pod in _pods(one)], _name(objects)
    made = {_place(one) for one in objects}
    spaces = {one["metadata"].get("namespace") for one in objects} - {None}
    environment = {
        entry["name"]: entry.get("value") or ""
        for _, spec in pods
        for container in _containers(spec)
        for entry in container.get("env", ())
    }
    return Release(
        name=name,
        namespaces=frozenset(n for n in spaces if ("Namespace", None, n) not in made),
        images=frozenset(
            {container["image"] for _, spec in pods for container in _containers(spec)}
            | {text for name, text in environment.items() if name.endswith("_IMAGE") and text}
        ),
        pods=(
            *(request for one in objects for request in _servers(one)),
            largest_task(
                environment.get(TASK_CPU) or LARGE.cpu_request,
                environment.get(TASK_MEMORY) or LARGE.memory_request,
            ),
        ),
        classes=frozenset(
            claim["spec"].get("storageClassName", "")
            for one in objects
            for claim in one.get("spec", {}).get("volumeClaimTemplates", ())
        ),
        secrets=tuple(sorted({*_secrets(pods, made), *_of_tasks(name, environment, made)})),
        kubeflow=_kubeflow(environment.get("KF_PIPELINES_ENDPOINT", "")),
    )


def _place(one: Object) -> tuple[str, str | None, str]:
    return one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]


def _name(objects: list[Object]) -> str:
    settings = [one["data"] for one in objects if one["kind"] == "ConfigMap" and one.get("data")]
    found = [data[NAME] for data in settings if NAME in data]
    if len(found) != 1:
        raise ValueError(f"{len(found)} ConfigMaps hold {NAME}")
    return str(found[0])


def _pods(one: Object) -> Iterator[tuple[str, Object]]:
    """Namespace and spec of each pod that comes of an object."""
    spec = one if one["kind"] == "Pod" else one.get("spec", {}).get("template")
    if spec:
        yield one["metadata"]["namespace"], spec["spec"]


def _containers(spec: Object) -> list[Object]:
    return [*spec.get("initContainers", ()), *spec["containers"]]


def _servers(one: Object) -> Iterator[Request]:
    if one["kind"] not in ("Deployment", "StatefulSet"):
        return
    asked = [c["resources"]["requests"] for c in one["spec"]["template"]["spec"]["containers"]]
    cpu, memory = (sum(float(parse_quantity(a[key])) for a in asked) for key in ("cpu", "memory"))
    yield from [Request(one["metadata"]["name"], cpu, memory)] * one["spec"].get("replicas", 1)


def _secrets(pods: list[tuple[str, Object]], made: set[Any]) -> Iterator[Reference]:
    for namespace, spec in pods:
        for name, keys in (*_as_environment(spec), *_as_files(spec)):
            if ("Secret", namespace, name) not in made:
                yield Reference(namespace, name, frozenset(keys))


def _of_tasks(release: str, environment: dict[str, str], made: set[Any]) -> Iterator[Reference]:
    """What the pods of a run cannot start without; the release does not make these pods."""
    namespace = environment.get("CREDITRISK_NAMESPACE")
    name = f"{release}-store"
    if namespace and ("Secret", namespace, name) not in made:
        yield Reference(namespace, name, frozenset({"accesskey", "secretkey"}))


def _as_environment(spec: Object) -> Iterator[tuple[str, set[str]]]:
    found: dict[str, set[str]] = {}
    for container in _containers(spec):
        for entry in container.get("env", ()):
            reference = (entry.get("valueFrom") or {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                found.setdefault(reference["name"], set()).add(reference["key"])
    yield from found.items()


def _as_files(spec: Object) -> Iterator[tuple[str, set[str]]]:
    for volume in spec.get("volumes", ()):
        for source in (volume.get("projected") or {}).get("sources", ()):
            if secret := source.get("secret"):
                yield secret["name"], {item["key"] for item in secret.get("items", ())}


def _kubeflow(endpoint: str) -> tuple[str, str] | None:
    """Service and namespace of an address inside the cluster; None of any other."""
    found = re.match(r"https?://([a-z0-9-]+)\.([a-z0-9-]+)(\.svc[a-z.]*)?(:\d+)?(/|$)", endpoint)
    return (found[1], found[2]) if found else None
