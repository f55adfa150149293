"""The chart under other values than its own; needs Helm."""

import json
import re
from base64 import b64decode, b64encode

import pytest
import yaml
from kubernetes.utils import parse_quantity

from creditrisk.cli.demo import demo_policy
from creditrisk.errors import UserError
from pipelines import task
from tools.helm import INSTALL, MANIFESTS, install
from tools.manifest_objects import containers, faults, load, named, pod_specs, referred

SERVERS = ("Deployment", "StatefulSet")
EXAMPLES = sorted(path.stem for path in (MANIFESTS / "examples").glob("*.yaml"))


@pytest.fixture(scope="module")
def example(rendered):
    """The objects of an example."""
    return lambda name: load(rendered(f"--values={MANIFESTS}/examples/{name}.yaml"))


def amount(text):
    return float(parse_quantity(text))


def asked_of(one):
    """What the containers of a server ask for: CPUs, GiB."""
    asked = [c["resources"]["requests"] for c in one["spec"]["template"]["spec"]["containers"]]
    return tuple(sum(amount(a[k]) for a in asked) / n for k, n in (("cpu", 1), ("memory", 2**30)))


def test_install_yaml_is_what_the_chart_renders_to(rendered):
    assert load(INSTALL.read_text("utf-8")) == load(install()), "stale: make manifests"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_what_kubernetes_takes(example, name):
    objects = example(name)
    assert len(objects) > 15
    assert faults(objects) == []


def test_the_test_pod_and_generated_secrets_are_what_kubernetes_takes(rendered):
    objects = load(rendered("--set=secrets.generate=true", "--set=dashboard.replicas=2"))
    assert faults(objects) == []
    made = {named(one) for one in objects}
    assert "Pod creditrisk-doctor" in made
    assert {f"Secret creditrisk-{name}" for name in ("store", "reader", "pii")} <= made
    secrets = [one for one in objects if one["kind"] == "Secret"]
    places = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in secrets}
    of_runs, of_all = {"store", "reader"}, {"store", "reader", "approver", "deliverer", "minio"}
    assert places == {("kubeflow", f"creditrisk-{name}") for name in (*of_runs, "pii")} | {
        ("creditrisk-people", f"creditrisk-{name}") for name in of_all
    }
    keys = {one["metadata"]["name"]: set() for one in secrets}
    for one in secrets:
        data = one.get("data") or {"secretkey": b64encode(one["stringData"]["key"].encode())}
        keys[one["metadata"]["name"]].add(b64decode(data["secretkey"]))
    assert [len(found) for found in keys.values()] == [1] * 6, "a role has one key everywhere"
    assert len(set.union(*keys.values())) == 6
    assert min(len(key) for found in keys.values() for key in found) >= 32


def test_a_profiles_namespace_is_enough(example):
    objects = example("multi-user")
    assert {one["metadata"]["namespace"] for one in objects} == {"risk-team", "risk-officers"}
    assert not [one for one in objects if one["kind"].startswith(("Cluster", "Validating"))]
    assert "ServiceAccount creditrisk-run" not in {named(one) for one in objects}
    [binding] = [one for one in objects if named(one) == "RoleBinding creditrisk-run"]
    assert [subject["name"] for subject in binding["subjects"]] == ["default-editor"]
    for name, labels, spec in pod_specs(objects):
        assert labels["sidecar.istio.io/inject"] == "false", name
        if "deploy" in name:
            audiences = [
                source["serviceAccountToken"]["audience"]
                for volume in spec["volumes"]
                for source in volume.get("projected", {}).get("sources", ())
            ]
            assert audiences == ["pipelines.kubeflow.org"]


def test_an_air_gap_names_one_registry_and_digests_alone(example):
    objects = example("private-registry")
    for name, _, spec in pod_specs(objects):
        for container in containers(spec):
            assert re.fullmatch(
                r"registry\.example\.com/risk/[a-z-]+@sha256:[0-9]{64}", container["image"]
            ), name
            for entry in container.get("env", ()):
                if entry["name"].endswith("_IMAGE"):
                    assert entry["value"].startswith("registry.example.com/risk/creditrisk-")
    for account in (one for one in objects if one["kind"] == "ServiceAccount"):
        assert account["imagePullSecrets"] == [{"name": "registry-key"}]


def test_another_s3_brings_no_minio_and_no_owners_keys(example):
    objects = example("external-s3")
    assert not [one for one in objects if "minio" in named(one) or "bootstrap" in named(one)]
    [made] = [one for one in objects if named(one) == "ConfigMap creditrisk-env"]
    assert made["data"]["AWS_ENDPOINT_URL"] == "https://s3.example.com"
    assert "creditrisk-minio" not in {
        entry["valueFrom"]["secretKeyRef"]["name"]
        for _, _, spec in pod_specs(objects)
        for container in containers(spec)
        for entry in container["env"]
        if "secretKeyRef" in entry.get("valueFrom", {})
    }
    assert {"ServiceMonitor creditrisk", "PrometheusRule creditrisk"} <= set(map(named, objects))


def test_runs_are_rolled_back_with_the_release_and_end_with_it(rendered):
    jobs = {
        one["metadata"].get("annotations", {}).get("helm.sh/hook", ""): one
        for one in load(rendered("--skip-tests"))
        if one["kind"] == "Job"
    }
    assert set(jobs) == {"", "post-install,post-upgrade,post-rollback", "pre-delete"}
    [remove] = containers(jobs["pre-delete"]["spec"]["template"]["spec"])
    assert remove["command"] == ["creditrisk", "schedule", "remove"]
    # who applies the file does not uninstall
    assert "pre-delete" not in INSTALL.read_text("utf-8")


def test_a_trial_leaves_a_schedule_that_somebody_enabled(rendered):
    objects = load(rendered(f"--values={MANIFESTS}/trial.yaml", "--skip-tests"))
    [apply] = [
        container["command"]
        for name, _, spec in pod_specs(objects)
        for container in containers(spec)
        if name.startswith("Job creditrisk-deploy") and "schedule" in container["command"]
    ]
    assert {"--paused", "--keep-state"} < set(apply)


def test_what_helm_test_prints_is_all_that_was_looked_at(rendered):
    objects = load(rendered())
    pods = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "Pod"}
    assert set(pods) == {"creditrisk-doctor", "creditrisk-doctor-store"}
    for name, spec in pods.items():  # helm prints the log of a pod's one container
        assert [c["name"] for c in containers(spec)] == ["doctor"], name
    assert ("Secret", "creditrisk-store") in referred(pods["creditrisk-doctor-store"])
    assert ("Secret", "creditrisk-store") not in referred(pods["creditrisk-doctor"])


def test_who_compiles_again_is_told_the_images_that_were_compiled_for(rendered):
    objects = load(rendered("--set=images.spark.tag=abc", "--skip-tests"))
    [text] = [one["data"] for one in objects if named(one) == "ConfigMap creditrisk-env"]
    jobs = [spec for name, _, spec in pod_specs(objects) if name.startswith("Job creditrisk-deplo")]
    [env] = [{e["name"]: e.get("value") for e in containers(spec)[0]["env"]} for spec in jobs]
    for name in ("CREDITRISK_SPARK_IMAGE", "CREDITRISK_ML_IMAGE"):
        assert text[name] == env[name]
    assert text["CREDITRISK_SPARK_IMAGE"] == "creditrisk-spark:abc"


def test_a_policy_and_a_portfolio_go_into_the_cluster_as_they_are(rendered, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\nsources: {}\n")
    objects = load(
        rendered("--set=policy.outcome.mob=3", f"--set-file=portfolio={mine}", "--skip-tests")
    )
    maps = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap"}
    assert load(maps["creditrisk-policy"]["policy.yaml"]) == [{"outcome": {"mob": 3}}]
    assert maps["creditrisk-portfolio"]["portfolio.yaml"] == mine.read_text()
    assert maps["creditrisk-env"]["CREDITRISK_PORTFOLIO"].endswith("portfolio.yaml")


def test_a_trial_waits_for_outcomes_as_long_as_the_demonstration_it_is_fed_with():
    trial = yaml.safe_load((MANIFESTS / "trial.yaml").read_text("utf-8"))
    demo = yaml.safe_load(demo_policy().read_text("utf-8"))
    assert trial["policy"]["outcome"] == demo["outcome"]


# kubeadm's static pods, CoreDNS twice and kind's network; minikube's are less (CPUs, GiB)
NODE = (0.95, 0.28)
DRIVER = (0.1, 0.0625)  # KFP's own pod before each task: argocompiler's driverResources


def test_a_trial_finds_room_on_the_node_it_is_written_for(rendered):
    """Two CPUs, 8 GB: Kubernetes, Kubeflow, our servers, and the two tasks that run at once."""
    objects = load(rendered(f"--values={MANIFESTS}/trial.yaml", "--skip-tests"))
    [text] = [one["data"] for one in objects if named(one) == "ConfigMap creditrisk-env"]
    overlay = MANIFESTS / "kfp"
    kubeflow = load(
        (overlay / "requests.yaml").read_text() + "---\n" + (overlay / "minio.yaml").read_text()
    )
    asked = [
        NODE,
        *(asked_of(one) for one in (*objects, *kubeflow) if one["kind"] in SERVERS),
        (amount(text["CREDITRISK_TASK_CPU"]), amount(text["CREDITRISK_TASK_MEMORY"]) / 2**30),
        (amount(task.SMALL.cpu_request), amount(task.SMALL.memory_request) / 2**30),
        DRIVER,
        DRIVER,
    ]
    assert text["CREDITRISK_SPARK_EXECUTORS"] == "0"
    cpus, memory = (sum(values) for values in zip(*asked, strict=True))
    assert len(asked) > 12
    assert cpus <= 2
    assert memory <= 8e9 / 2**30 - 0.1  # what a kubelet keeps


def test_a_job_that_has_to_do_something_else_has_another_name(rendered):
    def jobs(*options):
        objects = load(rendered(*options))
        names = {one["metadata"]["name"] for one in objects if one["kind"] == "Job"}
        return names - {"creditrisk-remove"}

    assert jobs() == jobs()
    assert len(jobs() & jobs("--set=schedule.cron=0 0 7 3 * *")) == 1  # the bootstrap's
    assert len(jobs() & jobs("--set=bootstrap.keepDays=30")) == 1  # the deployment's


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("schedule.cron=0 6 3 * *", "cron"),
        ("images.tag=latest", "tag"),
        ("store.uri=file:///data", "uri"),
        ("minio.enbaled=true", "enbaled"),
        ("bootstrap.retentionMode=none", "retentionMode"),
        ("minio.enabled=false", "name an S3 endpoint"),
        ("kfp.endpoint=ml-pipeline:8888", "endpoint"),
    ],
)
def test_a_value_that_cannot_work_is_refused_before_anything_is_applied(rendered, option, text):
    with pytest.raises(UserError, match=text):
        rendered(f"--set={option}")


def test_the_schema_knows_every_value_and_no_other(rendered):
    schema = json.loads((MANIFESTS / "chart/values.schema.json").read_text("utf-8"))
    values = yaml.safe_load((MANIFESTS / "chart/values.yaml").read_text("utf-8"))
    assert set(schema["properties"]) == set(values)
    for key, value in values.items():
        known = schema["properties"][key]
        if isinstance(value, dict) and "properties" in known:
            assert set(known["properties"]) == set(value), key


def test_without_a_namespace_of_their_own_the_keys_are_where_runs_are(rendered):
    objects = load(rendered("--set=people.namespace=", "--skip-tests"))
    assert {one["metadata"].get("namespace", "kubeflow") for one in objects} == {"kubeflow"}
    assert faults(objects) == []
    assert len({named(one) for one in objects}) == len(objects)


def test_a_kubernetes_that_knows_no_such_policy_is_refused_with_the_way_out(rendered):
    with pytest.raises(UserError, match=r"needs Kubernetes 1\.30 or newer; set it to false"):
        rendered("--kube-version=1.29.0")
    assert rendered("--kube-version=1.29.0", "--set=admission.enabled=false")


def test_under_four_eyes_the_bootstrap_leaves_the_pointer_to_the_approver(rendered):
    def arguments(*options):
        specs = {name: spec for name, _, spec in pod_specs(load(rendered(*options)))}
        [spec] = [spec for name, spec in specs.items() if "bootstrap" in name]
        return spec["containers"][0]["args"]

    assert "--four-eyes" in arguments("--set=policy.promotion.mode=four_eyes")
    assert "--four-eyes" not in arguments()
    assert "--four-eyes" not in arguments("--set=policy.promotion.mode=automatic")
