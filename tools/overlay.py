"""Kubeflow Pipelines on MinIO: laid on Kubeflow's manifests, built and checked.

`python -m tools.overlay` checks it; `--where` prints the folder that `kubectl apply -k` takes, and
`--images` every image it starts. `--from URL` is where Kubeflow's and Argo's repositories are.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from creditrisk.errors import UserError
from tools.helm import MANIFESTS
from tools.kubeflow import FROM, obtain
from tools.manifest_objects import Object, containers, faults, load, named, pod_specs

GITHUB = "github.com/kubeflow/pipelines/manifests/kustomize/{}?ref=2.17.0&timeout=300s"
BASES = ("env/platform-agnostic", "cluster-scoped-resources")
GONE = re.compile(r"cache|metadata-writer|viewer|visualization", re.IGNORECASE)
# Kubernetes has no schema of these
_OWN = ("argoproj.io", "kubeflow.org", "app.k8s.io")
_IMAGE = re.compile(r"[a-z0-9.-]+\.[a-z]+/[\w./-]+:[\w.-]+")


def lay(kustomize: Path) -> Path:
    """Our overlay in Kubeflow's own folder, its bases named by path."""
    overlay = kustomize / "env" / "creditrisk"
    shutil.rmtree(overlay, ignore_errors=True)
    shutil.copytree(MANIFESTS / "kfp", overlay)
    for file in overlay.rglob("kustomization.yaml"):
        up = "../" * (len(file.relative_to(kustomize).parts) - 1)
        text = file.read_text("utf-8")
        for base in BASES:
            text = text.replace(GITHUB.format(base), f"{up}{base}")
        file.write_text(text, "utf-8")
    return overlay


def build(overlay: Path) -> list[Object]:
    """The objects of a folder; a `UserError` with kubectl's words if it does not build."""
    if shutil.which("kubectl") is None:
        raise UserError("no kubectl, which builds the overlay: install it")
    command = ["kubectl", "kustomize", str(overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"manifests/kfp does not build: {done.stderr.strip()[-2000:]}")
    return load(done.stdout)


def wrong(objects: list[Object]) -> list[str]:
    """What must not be so."""
    found = [f"{named(one)} names SeaweedFS" for one in objects if "seaweed" in str(one).lower()]
    found += [f"{named(one)} is not needed" for one in objects if GONE.search(named(one))]
    found += [f"{named(one)} resets keys" for one in objects if one["kind"] == "Secret"]
    known = [one for one in objects if one["apiVersion"].split("/")[0] not in _OWN]
    found += faults([one for one in known if one["kind"] != "CustomResourceDefinition"])
    by_name = {named(one): one for one in objects}
    launcher = by_name["ConfigMap kfp-launcher"]["data"]["providers"]
    argo = by_name["ConfigMap workflow-controller-configmap"]["data"]["artifactRepository"]
    if "endpoint: minio.kubeflow:9000" not in launcher:
        found.append("KFP's launcher keeps artifacts elsewhere")
    if 'endpoint: "minio.kubeflow.svc:9000"' not in argo:
        found.append("Argo keeps logs elsewhere")
    if "DEFAULT_REQUEUE_TIME" not in str(by_name.get("Deployment workflow-controller")):
        found.append("Argo waits 10 s between two pods")
    if "VISUALIZATIONSERVER_SERVICE_PORT" not in str(by_name.get("Deployment ml-pipeline")):
        found.append("KFP's API server does not start: it is told of no visualization server")
    found += [f"no {name}" for name in ("Service minio", "Deployment minio") if name not in by_name]
    for name, _, spec in pod_specs(objects):
        for container in containers(spec):
            if container.get("imagePullPolicy", "IfNotPresent") != "IfNotPresent":
                found.append(f"{name} asks a registry at each start")
            if not container.get("resources", {}).get("requests"):
                found.append(f"{name} asks for no room")
    return found


def images(objects: list[Object]) -> list[str]:
    """Every image: of servers, and of what they start (drivers, launchers, Argo's executor)."""
    found = set()
    for _, _, spec in pod_specs(objects):
        for container in containers(spec):
            values = [entry.get("value", "") for entry in container.get("env", ())]
            texts = (*container.get("args", ()), *values)
            found |= {container["image"], *(text for text in texts if _IMAGE.fullmatch(text))}
    return sorted(found)


def main(arguments: list[str]) -> int:
    """Exit code 1 where something is wrong, 2 where it cannot be built."""
    parser = argparse.ArgumentParser(prog="overlay", description=__doc__)
    parser.add_argument("--from", dest="source", default=FROM, help="URL above owner/name")
    parser.add_argument("--where", action="store_true", help="print the folder to apply")
    parser.add_argument("--images", action="store_true", help="print every image")
    options = parser.parse_args(arguments)
    try:
        overlay = lay(obtain(options.source))
        if options.where:
            print(overlay)
            return 0
        objects = build(overlay)
        cluster = build(overlay / "cluster")
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.images:
        print(*images(objects), sep="\n")
        return 0
    found = wrong(objects)
    found += [f"{named(one)} is not needed" for one in cluster if GONE.search(named(one))]
    print(*found, f"{len(objects)} objects, {len(cluster)} of the cluster's", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
