"""What a cluster lacks for a release is said before anything of it is created."""

import json

import pytest

from tests.builders.config_maps import Cluster, Objects, kubeconfig
from tests.builders.loopback import serving
from tests.builders.nodes import IMAGES, listed, node, pod, storage_class
from tests.needs import need
from tests.remote.conftest import creditrisk
from tools.helm import MANIFESTS, template

BUILT = dict.fromkeys(
    ("buildDate", "compiler", "gitCommit", "gitTreeState", "goVersion", "major", "minor"), "x"
) | {"platform": "linux/amd64"}


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A cluster with Kubeflow Pipelines 2.17 that can take a trial."""
    with serving(Cluster({}), Objects) as state:
        state.answers |= {
            "/version/": {"gitVersion": "v1.34.3"} | BUILT,
            "/api/v1/namespaces/kubeflow": {"metadata": {"name": "kubeflow"}},
            "/api/v1/namespaces/kubeflow/services/ml-pipeline": {"metadata": {"name": "x"}},
            "/api/v1/nodes": listed(node()),
            "/api/v1/pods": listed(pod("700m", "3Gi")),
            "/apis/storage.k8s.io/v1/storageclasses": listed(storage_class()),
        }
        state["ConfigMap pipeline-install-config"] = {"appVersion": "2.17.0"}
        path = tmp_path / "kubeconfig"
        path.write_text(kubeconfig(state.url))
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        yield state


@pytest.fixture(scope="session")
def trial(tmp_path_factory):
    """What `make deploy` is about to apply."""
    need("Helm")
    path = tmp_path_factory.mktemp("release") / "release.yaml"
    path.write_text(template(f"--values={MANIFESTS}/trial.yaml", "--skip-tests"))
    return path


@pytest.fixture(scope="session")
def without_keys(tmp_path_factory):
    """A release whose Secrets somebody else makes."""
    need("Helm")
    path = tmp_path_factory.mktemp("release") / "release.yaml"
    path.write_text(template("--skip-tests"))
    return path


@pytest.fixture
def looked(trial, cluster):
    """Every result by name, and the exit code."""

    def look(release=trial):
        done = creditrisk("doctor", "--release", release, "--json")
        found = json.loads(done.stdout)
        by_name = {one["name"]: one for one in found}
        assert len(by_name) == len(found), "a question has one answer"
        return by_name, done.exit_code

    return look


def test_a_cluster_that_can_take_it_is_well(cluster, looked):
    found, code = looked()
    assert {one["state"] for one in found.values()} == {"ok"}, found
    assert code == 0
    assert found["cluster"]["says"] == f"{cluster.url}, Kubernetes v1.34.3"
    assert found["Kubeflow"]["says"] == "ml-pipeline in kubeflow, version 2.17.0"
    assert found["room"]["says"] == "n1 has 3.3 of 4.0 CPUs and 5.0 of 8.0 GiB left"


LACKS = {
    "no namespace": (
        {"/api/v1/namespaces/kubeflow": None},
        *("namespaces", "there is no kubeflow", "is this the cluster"),
    ),
    "no Kubeflow": (
        {"/api/v1/namespaces/kubeflow/services/ml-pipeline": None},
        *("Kubeflow", "no Service ml-pipeline in kubeflow: no Kubeflow Pipelines", "make kfp"),
    ),
    "no StorageClass": (
        {"/apis/storage.k8s.io/v1/storageclasses": listed()},
        *("StorageClass", "none is the default; there are: none at all", "minio.storageClass"),
    ),
    "no default": (
        {"/apis/storage.k8s.io/v1/storageclasses": listed(storage_class("fast", "false"))},
        *("StorageClass", "none is the default; there are: fast", "minio.storageClass"),
    ),
    "too small a node": (
        {"/api/v1/nodes": listed(node("1", "2Gi"))},
        *("room", "none for a run's largest task (0.2 CPU, 2.0 GiB): n1 has", "a larger node"),
    ),
    "a full node": (
        {"/api/v1/pods": listed(pod("3900m", "1Gi"))},
        *("room", "n1 has 0.1 of 4.0 CPUs and 7.0 of 8.0 GiB left", "end what else runs"),
    ),
    "no node": ({"/api/v1/nodes": listed(node(ready="False"))}, "room", "no node is ready", "get"),
    "an image": (
        {"/api/v1/nodes": listed(node(images=IMAGES[1:]))},
        *("images on nodes", "on no node, and of no registry: creditrisk-spark:0.1.0", "kind-up"),
    ),
}


@pytest.mark.parametrize("case", LACKS)
def test_what_it_lacks_is_named_with_the_next_move(cluster, looked, case):
    answers, name, says, move = LACKS[case]
    for path, body in answers.items():
        cluster.answers.pop(path)
        if body is not None:
            cluster.answers[path] = body
    found, code = looked()
    assert code == 1
    assert [one["name"] for one in found.values() if one["state"] == "fail"] == [name]
    assert says in found[name]["says"]
    assert move in found[name]["move"]


@pytest.mark.parametrize(("version", "state"), [("2.16.1", "fail"), ("2.5.0", "fail"), ("", "ok")])
def test_an_older_kubeflow_is_refused_by_version(cluster, looked, version, state):
    cluster["ConfigMap pipeline-install-config"] = {"appVersion": version}
    found, _ = looked()
    assert found["Kubeflow"]["state"] == state
    assert not version or f"version {version} gives a schedule no time" in found["Kubeflow"]["says"]


def test_secrets_that_nobody_made_are_named_with_their_namespaces(cluster, looked, without_keys):
    cluster["Secret creditrisk-store"] = {"accesskey": "eA=="}
    found, code = looked(without_keys)
    assert code == 1
    says = found["Secrets"]["says"]
    assert "kubeflow/creditrisk-store (secretkey)" in says
    assert "creditrisk-people/creditrisk-minio" in says
    assert "creditrisk-pii" not in says


def test_pods_of_the_release_itself_do_not_count_against_it(cluster, looked):
    cluster.answers["/api/v1/pods"] = listed(pod("3500m", "7Gi", name="creditrisk"))
    assert looked()[0]["room"]["state"] == "ok"


def test_nodes_that_tell_of_fifty_images_may_have_more(cluster, looked):
    fifty = [f"other-{number}:1" for number in range(50)]
    cluster.answers["/api/v1/nodes"] = listed(node(images=fifty))
    found, code = looked()
    assert (found["images on nodes"]["state"], code) == ("warn", 0)


def test_what_an_account_may_not_see_is_no_fault(cluster, looked):
    cluster.answers |= {"/api/v1/nodes": 403, "/apis/storage.k8s.io/v1/storageclasses": 403}
    found, code = looked()
    for name in ("room", "StorageClass", "images on nodes"):
        assert found[name]["says"] == "not looked at: this account may not"
    assert code == 0


def test_a_context_that_is_none_is_named_with_those_there_are(looked, monkeypatch):
    monkeypatch.setenv("CREDITRISK_CONTEXT", "kind-creditrisk")
    found, code = looked()
    assert code == 1
    assert "kind-creditrisk" in found["cluster"]["says"]
    assert "CREDITRISK_CONTEXT to one of x" in found["cluster"]["says"]


def test_a_cluster_that_is_down_is_one_finding(looked, tmp_path):
    (tmp_path / "kubeconfig").write_text(kubeconfig("http://127.0.0.1:9"))
    found, code = looked()
    assert code == 1
    assert [one["says"] for one in found.values()] == ["http://127.0.0.1:9 does not answer"]


@pytest.mark.parametrize("told", [{}, {"/version/": {"gitVersion": "v1.34.3"} | BUILT}])
def test_refused_credentials_are_a_fault_and_nothing_after_them_is_well(cluster, looked, told):
    # some servers tell their version to everybody
    cluster.answers = dict.fromkeys(cluster.answers, 401) | told
    found, code = looked()
    last = list(found.values())[len(told)]
    assert (code, last["state"], len(found)) == (1, "fail", len(told) + 1)
    assert "refuses who asks: 401 Unauthorized" in last["says"]
    assert "kubectl auth whoami" in last["move"]


@pytest.mark.parametrize("text", ["", "a: 1", "kind: ConfigMap\nmetadata: {name: x}\n", "- {"])
def test_a_file_that_is_no_release_is_one_line(looked, tmp_path, text):
    path = tmp_path / "other.yaml"
    path.write_text(text)
    with pytest.raises(Exception, match=r"other.yaml holds no rendered release"):
        looked(path)
