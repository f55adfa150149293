"""Kubeflow Pipelines on MinIO, built and checked: `python -m tools.overlay [BASE]`.

BASE is a folder with Kubeflow's `env/platform-agnostic`, its own references resolvable; without
one kubectl fetches it from GitHub.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from creditrisk.errors import UserError
from tools.helm import MANIFESTS
from tools.manifest_objects import Object, faults, load, named

GITHUB = (
    "github.com/kubeflow/pipelines/manifests/kustomize/env/platform-agnostic"
    "?ref=2.17.0&timeout=300s"
)
# Kubernetes has no schema of these
_OWN = ("argoproj.io", "kubeflow.org", "app.k8s.io")


def build(base: Path | None) -> list[Object]:
    """The objects of `manifests/kfp`; a `UserError` with kubectl's words if it does not build."""
    if shutil.which("kubectl") is None:
        raise UserError("no kubectl, which builds the overlay: install it")
    with tempfile.TemporaryDirectory(dir=base.parent if base else None) as place:
        overlay = Path(place) / "kfp"
        shutil.copytree(MANIFESTS / "kfp", overlay)
        if base:
            file = overlay / "kustomization.yaml"
            file.write_text(file.read_text("utf-8").replace(GITHUB, f"../../{base.name}"), "utf-8")
        command = ["kubectl", "kustomize", "--load-restrictor=LoadRestrictionsNone", str(overlay)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"manifests/kfp does not build: {done.stderr.strip()[-2000:]}")
    return load(done.stdout)


def wrong(objects: list[Object]) -> list[str]:
    """What must not be so."""
    found = [f"{named(one)} names SeaweedFS" for one in objects if "seaweed" in str(one).lower()]
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
    found += [f"no {name}" for name in ("Service minio", "Deployment minio") if name not in by_name]
    return found


def main(arguments: list[str]) -> int:
    """Exit code 1 where something is wrong, 2 where it cannot be built."""
    try:
        objects = build(Path(arguments[0]).resolve() if arguments else None)
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    found = wrong(objects)
    print(*found, f"{len(objects)} objects, {len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
