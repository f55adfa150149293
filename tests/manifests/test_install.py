"""The objects of `manifests/install.yaml`: valid, restricted, with no right that is not needed."""

import re

import pytest
import yaml

from creditrisk.storage.connection import CONNECT, PATIENCE, READ
from pipelines import task
from tools.helm import INSTALL
from tools.manifest_objects import containers, faults, load, named, pod_specs, referred

SECRETS = {f"creditrisk-{name}" for name in ("store", "reader", "approver", "deliverer", "minio")}


@pytest.fixture(scope="module")
def objects():
    return load(INSTALL.read_text("utf-8"))


def test_every_object_is_what_kubernetes_takes(objects):
    assert faults(objects) == []
    names = {(named(one), one["metadata"].get("namespace")) for one in objects}
    assert len(objects) == len(names)


def test_an_object_that_is_not_would_be_found(objects):
    [service] = [one for one in objects if named(one) == "Service creditrisk-dashboard"]
    broken = service | {"spec": service["spec"] | {"port": 80}}
    assert len(faults([broken])) == 2


def test_a_dashboard_that_waits_for_its_store_is_not_restarted(objects):
    [deployment] = [one for one in objects if named(one) == "Deployment creditrisk-dashboard"]
    [container] = containers(deployment["spec"]["template"]["spec"])
    probe = container["startupProbe"]
    waits = probe["periodSeconds"] * probe["failureThreshold"]
    assert waits > CONNECT + PATIENCE + READ  # until it listens, with or without a store


def test_what_runs_reach_and_what_people_hold_are_in_two_namespaces(objects):
    places = {named(one): one["metadata"].get("namespace", "") for one in objects}
    assert set(places.values()) == {"kubeflow", "creditrisk-people", ""}
    apart = {name for name, place in places.items() if place == "creditrisk-people"}
    assert {re.sub("-[0-9a-f]{8}$", "", name) for name in apart} == {
        "Job creditrisk-bootstrap",
        "NetworkPolicy creditrisk-bootstrap",
        "NetworkPolicy creditrisk-deny",
        "NetworkPolicy creditrisk-minio",
        "NetworkPolicy creditrisk-person",
        "Service creditrisk-minio",
        "ServiceAccount creditrisk-store",
        "StatefulSet creditrisk-minio",
    }
    assert {name for name, place in places.items() if not place} == {
        "Namespace creditrisk-people",
        "ValidatingAdmissionPolicy creditrisk-run-kubeflow",
        "ValidatingAdmissionPolicyBinding creditrisk-run-kubeflow",
    }


def test_no_pod_where_runs_are_has_a_key_of_people_or_of_the_owner(objects):
    for one in objects:
        if one["metadata"].get("namespace") == "kubeflow":
            for name, _, spec in pod_specs([one]):
                secrets = {which for kind, which in referred(spec) if kind == "Secret"}
                assert secrets <= {"creditrisk-store", "creditrisk-reader"}, name


def test_no_right_reaches_beyond_the_namespace_or_names_everything(objects):
    assert not [one for one in objects if one["kind"].startswith("Cluster")]
    for role in (one for one in objects if one["kind"] == "Role"):
        for rule in role["rules"]:
            assert "*" not in (*rule["apiGroups"], *rule["resources"], *rule["verbs"]), named(role)
            if set(rule["resources"]) & {"secrets"}:
                assert rule["resourceNames"], "a right to all Secrets is a right to everything"


def test_the_account_of_a_run_has_these_rights_and_no_other(objects):
    [role] = [one for one in objects if named(one) == "Role creditrisk-run"]
    rights = {
        (resource, verb, *rule.get("resourceNames", ()))
        for rule in role["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    pods = {"create", "get", "list", "watch", "delete", "deletecollection"}
    assert rights == {("pods", verb) for verb in pods} | {
        ("configmaps", "get", "kfp-launcher"),
        ("secrets", "get", "mlpipeline-minio-artifact"),
        ("workflows", "get"),
        ("workflowtaskresults", "create"),
        ("workflowtaskresults", "patch"),
    }


def test_only_what_talks_to_kubernetes_holds_a_token(objects):
    given = {name: spec.get("automountServiceAccountToken") for name, _, spec in pod_specs(objects)}
    holders = {name.rpartition("-")[0] for name, token in given.items() if token is not False}
    assert holders == {"Job creditrisk-deploy"}
    accounts = {one["metadata"]["name"]: one for one in objects if one["kind"] == "ServiceAccount"}
    assert {name for name, one in accounts.items() if one["automountServiceAccountToken"]} == {
        "creditrisk-run"
    }
    bound = {
        subject["name"]
        for one in objects
        if one["kind"] == "RoleBinding"
        for subject in one["subjects"]
    }
    assert bound == {"creditrisk-run", "creditrisk-deploy"}


def test_every_pod_meets_the_restricted_standard(objects):
    for name, _, spec in pod_specs(objects):
        pod = spec["securityContext"]
        assert pod["runAsNonRoot"] and pod["runAsUser"] == 185, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        assert not [v for v in spec.get("volumes", []) if "hostPath" in v], name
        for container in containers(spec):
            security = container["securityContext"]
            assert security == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


def test_every_container_has_requests_limits_sized_volumes_and_an_image_that_stays_the_same(
    objects,
):
    for name, _, spec in pod_specs(objects):
        for container in containers(spec):
            resources = container["resources"]
            assert {"cpu", "memory"} <= set(resources["requests"]), name
            assert {"memory", "ephemeral-storage"} <= set(resources["limits"]), name
            tag = container["image"].rpartition(":")[2]
            assert tag not in ("", "latest", container["image"]), name
        empty = [volume["emptyDir"] for volume in spec["volumes"] if "emptyDir" in volume]
        assert empty and all(one.get("sizeLimit") for one in empty), name


def test_what_a_pod_refers_to_is_made_here_or_said_to_exist(objects):
    made = {(one["kind"], one["metadata"]["name"]) for one in objects}
    made |= {("Secret", name) for name in SECRETS}
    for name, _, spec in pod_specs(objects):
        assert referred(spec) <= made, name
    head = INSTALL.read_text("utf-8").split("\n---", 1)[0]
    assert all(f"-{name.removeprefix('creditrisk-')}" in head for name in SECRETS)


def test_only_the_bootstrap_and_minio_hold_the_owners_keys(objects):
    holders = {
        name.rpartition("-")[0]
        for name, _, spec in pod_specs(objects)
        if ("Secret", "creditrisk-minio") in referred(spec)
    }
    assert holders == {"Job creditrisk-bootstrap", "StatefulSet creditrisk"}


def test_the_environment_has_every_key_a_task_asks_for(objects):
    [made] = [one for one in objects if named(one) == f"ConfigMap {task.CONFIG_MAP}"]
    optional = {"CREDITRISK_POLICY", "CREDITRISK_PORTFOLIO", "CREDITRISK_DASHBOARD_URL"}
    optional |= {"CREDITRISK_TIMESTAMP_URL", "OPENLINEAGE_URL"}
    assert {*task.ENV, *task.SPARK, *optional} <= set(made["data"])


def test_the_default_policy_and_portfolio_are_the_packages_own(objects, tmp_path):
    from creditrisk.policy import load_policy

    maps = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap"}
    (tmp_path / "policy.yaml").write_text(maps["creditrisk-policy"]["policy.yaml"])
    assert load_policy(tmp_path / "policy.yaml").sha == load_policy().sha
    assert maps["creditrisk-env"]["CREDITRISK_PORTFOLIO"] == ""


def test_a_policy_selects_the_pods_of_a_run_and_none_of_kfps_own(objects):
    policies = [
        one
        for one in objects
        if one["kind"] == "NetworkPolicy" and one["metadata"]["namespace"] == "kubeflow"
    ]
    run = task.LABELS
    assert [named(one) for one in policies if _selects(one, run)] == [
        "NetworkPolicy creditrisk-deny",
        "NetworkPolicy creditrisk-run",
        "NetworkPolicy creditrisk-task",
    ]
    kfps = {"app": "ml-pipeline", "application-crd-id": "kubeflow-pipelines"}
    assert not [one for one in policies if _selects(one, kfps)]
    [budget] = [one for one in objects if named(one) == "PodDisruptionBudget creditrisk-run"]
    assert budget["spec"]["selector"]["matchLabels"].items() <= run.items()


def test_what_is_denied_first_is_everything_but_names(objects):
    denials = [one for one in objects if named(one) == "NetworkPolicy creditrisk-deny"]
    assert len(denials) == 2
    for deny in denials:
        assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"]
        assert "ingress" not in deny["spec"]
        [rule] = deny["spec"]["egress"]
        assert {port["port"] for port in rule["ports"]} == {53}
        for name, labels, _ in pod_specs(objects):
            assert _selects(deny, labels), name


def test_every_server_that_is_called_may_be_reached(objects):
    def open_to(labels):
        policies = [one for one in objects if one["kind"] == "NetworkPolicy"]
        return {
            port["port"]
            for one in policies
            if _selects(one, labels)
            for rule in one["spec"].get("egress", [])
            for port in rule["ports"]
        }

    def component(name):
        return task.LABELS | {"app.kubernetes.io/component": name}

    kubernetes, kubeflow, spark = {443, 6443, 8443}, {8080, 8333, 8887, 8888, 9000}, {7078, 7079}
    assert open_to(component("run")) == {53} | kubernetes | kubeflow | spark
    assert open_to(component("executor")) == {53, 7078, 7079, 9000}
    assert open_to(component("dashboard")) == {53, 9000}
    # who approves in a pod: the store, and whose token it is
    assert open_to(component("person")) == {53, 9000} | kubernetes
    assert open_to(component("minio")) == {53}
    assert open_to(component("deploy")) == {53, 8888, 9000} | kubernetes
    assert open_to(component("bootstrap")) == {53, 9000}


def test_a_month_that_runs_is_not_drained_away(objects):
    [budget] = [one for one in objects if named(one) == "PodDisruptionBudget creditrisk-run"]
    # without a controller Kubernetes knows, neither maxUnavailable nor a percentage is allowed
    assert isinstance(budget["spec"]["minAvailable"], int)


def _selects(policy, labels):
    selector = policy["spec"]["podSelector"]
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    return all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", ()))


def test_the_kind_cluster_is_a_document_kind_reads():
    cluster = yaml.safe_load((INSTALL.parent / "kind" / "cluster.yaml").read_text("utf-8"))
    assert (cluster["kind"], cluster["apiVersion"]) == ("Cluster", "kind.x-k8s.io/v1alpha4")
    assert cluster["name"] == "creditrisk"
