"""The overlay on Kubeflow Pipelines, as far as it can be judged without Kubeflow's own files.

`make overlay` builds it on them: cloned into build/kubeflow, never committed.
"""

import re
import subprocess

import pytest
import yaml

from creditrisk.errors import UserError
from tools.helm import MANIFESTS
from tools.kubeflow import TAG, obtain
from tools.manifest_objects import faults, load, named
from tools.overlay import BASES, GITHUB, lay, wrong

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


def test_the_bases_are_a_release_and_never_what_is_being_developed(kustomization):
    platform, cluster = map(GITHUB.format, BASES)
    assert kustomization["resources"] == [platform, "minio.yaml"]
    whole = yaml.safe_load((OVERLAY / "cluster/kustomization.yaml").read_text("utf-8"))
    assert whole["resources"] == [cluster]
    assert platform.endswith(f"env/platform-agnostic?ref={TAG}&timeout=300s")


def test_an_apply_resets_no_key_and_starts_nothing_that_is_not_needed(kustomization):
    selected = [patch["target"] for patch in kustomization["patches"] if "target" in patch]

    def gone(kind, name):
        return any(
            re.fullmatch(target["name"], name) and target.get("kind", kind) == kind
            for target in selected
        )

    for name in ("mlpipeline-minio-artifact", "mysql-secret"):
        assert gone("Secret", name)
        assert name in (OVERLAY / "secrets").read_text("utf-8")
    for name in ("cache-server", "cache-deployer-deployment", "metadata-writer", "seaweedfs"):
        assert gone("Deployment", name)
    for name in ("ml-pipeline-viewer-crd", "ml-pipeline-visualizationserver"):
        assert gone("Deployment", name)
    for name in ("ml-pipeline", "ml-pipeline-ui", "mysql", "metadata-grpc-deployment", "minio"):
        assert not gone("Deployment", name)


def test_every_server_says_what_it_asks_for_and_takes_an_image_that_is_there():
    for one in load((OVERLAY / "requests.yaml").read_text("utf-8")):
        [container] = one["spec"]["template"]["spec"]["containers"]
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}, named(one)
        assert container["imagePullPolicy"] == "IfNotPresent"


def test_argo_looks_again_before_a_small_task_is_long_done():
    argo = yaml.safe_load((OVERLAY / "argo.yaml").read_text("utf-8"))
    [container] = argo["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "DEFAULT_REQUEUE_TIME", "value": "2s"}]


@pytest.fixture
def upstream(tmp_path):
    """Repositories of Kubeflow and Argo in the little: a base that refers to the other."""

    def commit(repository, tag, files):
        folder = tmp_path / "from" / repository
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "x"), ("tag", tag)):
            command = ["git", *words]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)

    far = "https://github.com/argoproj/argo-workflows/manifests/base/crds?ref=v4.0.5&timeout=60s"
    inner = {"base/kustomization.yaml": f"resources:\n- {far}\n"}
    bases = {
        f"{base}/kustomization.yaml": "resources:\n- ../../base\n"
        if "env" in base
        else "resources: []\n"
        for base in BASES
    }
    files = {f"manifests/kustomize/{name}": text for name, text in (inner | bases).items()}
    commit("kubeflow/pipelines", TAG, files)
    crds = {"manifests/base/crds/kustomization.yaml": "resources: []\n", "large.bin": "x"}
    commit("argoproj/argo-workflows", "v4.0.5", crds)
    return f"file://{tmp_path}/from"


def test_what_others_maintain_is_fetched_once_and_refers_to_itself_by_path(upstream, tmp_path):
    place = tmp_path / "vendored"
    kustomize = obtain(upstream, place)
    [line] = (kustomize / "base/kustomization.yaml").read_text().splitlines()[1:]
    assert (kustomize / "base" / line.removeprefix("- ") / "kustomization.yaml").is_file()
    overlay = lay(kustomize)
    for file in (overlay / "kustomization.yaml", overlay / "cluster/kustomization.yaml"):
        found = yaml.safe_load(file.read_text())["resources"][0]
        assert (file.parent / found / "kustomization.yaml").is_file()
    assert obtain("file:///nowhere", place) == kustomize, "what is there is not fetched again"


def test_a_source_that_has_it_not_is_one_line_with_the_way_to_a_mirror(tmp_path):
    with pytest.raises(UserError, match=r"cannot be cloned: .*; name a mirror: make kfp UPSTREAM="):
        obtain(f"file://{tmp_path}", tmp_path / "vendored")


def test_the_api_server_is_told_of_the_service_that_is_gone(kustomization):
    # Kubernetes says these two where the Service is; without them the server ends at its start
    targets = [
        patch["target"].get("name", "") for patch in kustomization["patches"] if "target" in patch
    ]
    assert any(re.fullmatch(name, "ml-pipeline-visualizationserver") for name in targets)
    server = yaml.safe_load((OVERLAY / "api-server.yaml").read_text("utf-8"))
    [container] = server["spec"]["template"]["spec"]["containers"]
    environment = {entry["name"]: entry["value"] for entry in container["env"]}
    for part in ("HOST", "PORT"):
        assert environment[f"ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_{part}"]


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
    referred = {patch["path"] for patch in kustomization["patches"] if "path" in patch}
    here = {path.name for path in OVERLAY.iterdir()}
    assert here == referred | {"kustomization.yaml", "minio.yaml", "cluster", "secrets"}


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
        "KFP's API server does not start: it is told of no visualization server",
        "no Service minio",
        "no Deployment minio",
    ]
