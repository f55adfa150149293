"""Kubernetes objects as tests look at them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

Object = dict[str, Any]
OLDEST, NEWEST = "1.28.0", "1.37.0"
SINCE = {  # kinds that are younger than the oldest; the chart asks which Kubernetes it is for
    "ValidatingAdmissionPolicy": "1.30.0",
    "ValidatingAdmissionPolicyBinding": "1.30.0",
}
FOREIGN = ("monitoring.coreos.com/v1",)  # Prometheus's kinds: Kubernetes has no schema of them


def load(text: str) -> list[Object]:
    return [document for document in yaml.safe_load_all(text) if document]


def named(one: Object) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def faults(objects: list[Object]) -> list[str]:
    """What Kubernetes' own strict schemas, oldest and newest we support, say of each object."""
    return [
        f"{named(one)} ({version}): {error.message}"
        for one in objects
        if one["apiVersion"] not in FOREIGN
        for version in (SINCE.get(one["kind"], OLDEST), NEWEST)
        for error in _validator(one["kind"], one["apiVersion"], version).iter_errors(one)
    ]


@cache  # kubernetes_validate.validate reads all definitions again for each object: 0.3 s
def _validator(kind: str, api: str, version: str) -> Draft202012Validator:
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api)  # networking.k8s.io/v1: networking-v1
    name = f"{_folder(version)}/{kind.lower()}-{group}.json"
    schema = schema_contents(name, version)
    registry = Resource.from_contents(schema) @ _definitions(version)
    return Draft202012Validator(schema, registry=registry)


@cache
def _definitions(version: str) -> Registry:
    name = f"{_folder(version)}/_definitions.json"
    return (Resource.from_contents(schema_contents(name, version)) @ Registry()).crawl()


def _folder(version: str) -> str:
    return f"kubernetes-json-schema/v{version}-local-strict"


def pod_specs(objects: list[Object]) -> Iterator[tuple[str, Object, Object]]:
    """Name, labels and spec of each pod that is made of these objects."""
    for one in objects:
        if one["kind"] == "Pod":
            yield named(one), one["metadata"]["labels"], one["spec"]
        elif template := one.get("spec", {}).get("template"):
            yield named(one), template["metadata"]["labels"], template["spec"]


def containers(spec: Object) -> list[Object]:
    return [*spec.get("initContainers", []), *spec["containers"]]


def referred(spec: Object) -> set[tuple[str, str]]:
    """Kind and name of everything a pod cannot start without."""
    found = {("ServiceAccount", spec["serviceAccountName"])}
    for volume in spec.get("volumes", []):
        sources = volume.get("projected", {}).get("sources", [volume])
        for source in sources:
            if "configMap" in source:
                found.add(("ConfigMap", source["configMap"]["name"]))
            if "secret" in source:
                name = source["secret"].get("name") or source["secret"]["secretName"]
                found.add(("Secret", name))
    for container in containers(spec):
        found |= {("ConfigMap", e["configMapRef"]["name"]) for e in container.get("envFrom", [])}
        for entry in container.get("env", []):
            if secret := entry.get("valueFrom", {}).get("secretKeyRef"):
                found.add(("Secret", secret["name"]))
    return found
