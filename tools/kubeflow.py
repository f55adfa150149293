"""Kubeflow's and Argo's manifests on this machine, as `manifests/kfp` stands on them.

kubectl fetches each of their references by itself, some with no more than 27 seconds, and again at
each apply. Here they are cloned once, into `build/kubeflow`, and refer to one another by path.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from creditrisk.errors import UserError

FROM = "https://github.com"  # or a mirror: what is below it is owner/name
KUBEFLOW, TAG = "kubeflow/pipelines", "2.17.0"
VENDORED = Path(__file__).parents[1] / "build" / "kubeflow"
_ATTEMPTS = 3
_REFERENCE = re.compile(
    r"https://github\.com/(argoproj/argo-workflows)/([^?\s]+)\?ref=([\w.]+)(?:&timeout=\w+)?"
)


def obtain(source: str = FROM, place: Path = VENDORED) -> Path:
    """Kubeflow's `manifests/kustomize`, all references by path; cloned where it is not there."""
    done = place / "done"
    kustomize = place / KUBEFLOW / "manifests" / "kustomize"
    if done.is_file() and done.read_text("utf-8") == TAG:
        return kustomize
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    _clone(source, KUBEFLOW, TAG, place)
    files = [path for path in kustomize.rglob("kustomization.yaml") if "sample" not in path.parts]
    for repository, tag in {found for path in files for found in _references(path)}:
        _clone(source, repository, tag, place)
    for path in files:
        _by_path(path, place)
    done.write_text(TAG, "utf-8")
    return kustomize


def _clone(source: str, repository: str, tag: str, place: Path) -> None:
    """The manifests of a repository at a tag: no history, and no file that is not asked for."""
    folder = place / repository
    where = f"{source.rstrip('/')}/{repository}"
    words = ["git", "clone", "--quiet", "--depth=1", f"--branch={tag}", "--filter=blob:none"]
    for attempt in range(1, _ATTEMPTS + 1):
        shutil.rmtree(folder, ignore_errors=True)
        done = _git([*words, "--sparse", where, str(folder)])
        if not done.returncode:
            done = _git(["git", "-C", str(folder), "sparse-checkout", "set", "manifests"])
        if not done.returncode:
            return
        if attempt == _ATTEMPTS:
            raise UserError(
                f"{where} at {tag} cannot be cloned: {' '.join(done.stderr.split())[-300:]};"
                " name a mirror: make kfp UPSTREAM=https://git.example.com"
            )


def _git(words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, capture_output=True, text=True, check=False)


def _references(path: Path) -> set[tuple[str, str]]:
    return {(found[1], found[3]) for found in _REFERENCE.finditer(path.read_text("utf-8"))}


def _by_path(path: Path, place: Path) -> None:
    text = path.read_text("utf-8")
    near = _REFERENCE.sub(lambda r: os.path.relpath(place / r[1] / r[2], path.parent), text)
    if near != text:
        path.write_text(near, "utf-8")
