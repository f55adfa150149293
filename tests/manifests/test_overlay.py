"""The overlay on Kubeflow Pipelines, as far as it can be judged without Kubeflow's own files.

`make overlay` builds it on them; they come from GitHub and are never committed.
"""

import re

import pytest
import yaml

from tools.helm import MANIFESTS
from tools.manifest_objects import faults, load
from tools.overlay import GITHUB, wrong

OVERLAY = MANIFESTS / "kfp"


@pytest.fixture(scope="module")
def kustomization():
    return yaml.safe_load((OVERLAY / "kustomization.yaml").read_text("utf-8"))


def test_minio_is_what_kubernetes_takes_and_restricted():
    objects = load((OVERLAY / "minio.yaml").read_text("utf-8"))
    assert faults(objects) == []
    [pod] = [one["spec"]["template"]["spec"] for one in objects if one["kind"] == "Deployment"]
    assert pod["securityContext"]["runAsNonRoot"]
    [container] = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_base_is_a_release_and_never_what_is_being_developed(kustomization):
    assert kustomization["resources"] == [GITHUB, "minio.yaml"]
    assert "env/dev" not in GITHUB and "?ref=2.17.0&" in GITHUB


def test_a_slow_line_has_time_to_fetch_it():
    for name in ("kfp/kustomization.yaml", "cluster.mk"):
        text = (MANIFESTS / name).read_text("utf-8")
        fetched = re.findall(r"github\.com/kubeflow\S+\?ref=[^\s\"]+", text)
        assert fetched, name  # kubectl gives up after 27 s unless it is told
        assert all(url.endswith("?ref=2.17.0&timeout=300s") for url in fetched), name


def test_the_ui_is_told_a_port_and_not_what_kubernetes_calls_one():
    # a Service `minio` puts MINIO_PORT=tcp://... into every pod that has no MINIO_PORT of its own
    ui = yaml.safe_load((OVERLAY / "ui.yaml").read_text("utf-8"))
    [container] = ui["spec"]["template"]["spec"]["containers"]
    body = {entry["name"]: entry["value"] for entry in container["env"]}
    minio = load((OVERLAY / "minio.yaml").read_text("utf-8"))
    [service] = [one for one in minio if one["kind"] == "Service"]
    assert body["MINIO_HOST"] == service["metadata"]["name"]
    assert body["MINIO_PORT"] == str(service["spec"]["ports"][0]["port"])


def test_every_file_it_names_exists_and_every_file_is_named(kustomization):
    named = {patch["path"] for patch in kustomization["patches"] if "path" in patch}
    here = {path.name for path in OVERLAY.iterdir()}
    assert here == named | {"kustomization.yaml", "minio.yaml"}


def test_what_it_deploys_is_called_as_the_chart_calls_it(kustomization):
    values = yaml.safe_load((MANIFESTS / "chart/values.yaml").read_text("utf-8"))
    chart = yaml.safe_load((MANIFESTS / "chart/Chart.yaml").read_text("utf-8"))
    [image] = kustomization["images"]
    assert image == {"name": values["images"]["minio"]["name"], "newTag": chart["appVersion"]}


def test_a_base_that_still_names_another_store_is_found_out():
    built = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        for name, data in {
            "kfp-launcher": {"providers": "endpoint: minio.kubeflow:9000"},
            "workflow-controller-configmap": {"artifactRepository": 'endpoint: "seaweedfs:9000"'},
        }.items()
    ]
    assert wrong(built) == [
        "ConfigMap workflow-controller-configmap names SeaweedFS",
        "Argo keeps logs elsewhere",
        "Argo waits 10 s between two pods",
        "no Service minio",
        "no Deployment minio",
    ]
