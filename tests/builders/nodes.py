"""Nodes, the pods on them, and classes of storage, as Kubernetes' API lists them."""

IMAGES = [f"creditrisk-{name}:0.1.0" for name in ("spark", "ml", "ops", "dashboard", "minio")]


def node(cpu="4", memory="8Gi", images=IMAGES, ready="True"):
    names = [{"names": [f"docker.io/library/{image}"]} for image in images]
    conditions = [{"type": "Ready", "status": ready}]
    status = {"allocatable": {"cpu": cpu, "memory": memory}, "images": names}
    return {"metadata": {"name": "n1"}, "spec": {}, "status": status | {"conditions": conditions}}


def pod(cpu, memory, name="other"):
    requests = {"cpu": cpu, "memory": memory}
    return {
        "metadata": {"name": "p", "labels": {"app.kubernetes.io/name": name}},
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": "c", "resources": {"requests": requests}}],
        },
        "status": {"phase": "Running"},
    }


def storage_class(name="standard", default="true"):
    annotations = {"storageclass.kubernetes.io/is-default-class": default}
    return {"metadata": {"name": name, "annotations": annotations}, "provisioner": "p"}


def listed(*items):
    return {"kind": "List", "items": list(items)}
