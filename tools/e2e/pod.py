"""A pod of a step: who it is, and what it is told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tools.e2e.release import Release
from tools.manifest_objects import Object


@dataclass(frozen=True)
class Actor:
    """As whom a pod acts: what network policies take it for, its account, whose keys it has."""

    component: str
    account: str
    role: str
    place: str


def pod(
    release: Release, image: str, command: list[str], actor: Actor, env: Sequence[Object] = ()
) -> Object:
    """A restricted pod that runs a command once, told the release's addresses."""
    found = release.kubectl("get", "configmap", f"{release.name}-env", "--output=json")
    settings = json.loads(found.stdout)["data"]
    names = {one["name"] for one in env}
    variables = [{"name": key, "value": v} for key, v in settings.items() if key not in names]
    keys = {"AWS_ACCESS_KEY_ID": "accesskey", "AWS_SECRET_ACCESS_KEY": "secretkey"}
    secret = f"{release.name}-{actor.role}"
    variables += [
        taken_from(k, {"secretKeyRef": {"name": secret, "key": part}}) for k, part in keys.items()
    ]
    container = {
        "name": "main",
        "image": image,
        "command": command,
        "env": [*variables, *env],
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "2Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - in the pod
    }
    security = {"runAsNonRoot": True, "runAsUser": 185, "runAsGroup": 185, "fsGroup": 185}
    named = dict(one.split("=") for one in labels(release, actor.component).split(","))
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{release.name}-as-{actor.role}",
            "namespace": actor.place,
            "labels": named,
        },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": actor.account,
            "securityContext": security | {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "4Gi"}}],
        },
    }


def taken_from(name: str, source: Object) -> Object:
    """A variable whose value Kubernetes knows."""
    return {"name": name, "valueFrom": source}


def labels(release: Release, component: str) -> str:
    """What selects the release's pods of a component."""
    name = f"app.kubernetes.io/name={release.name}"
    return f"{name},app.kubernetes.io/component={component}"
