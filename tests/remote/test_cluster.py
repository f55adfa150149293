"""What a run's pods refer to: present, missing, incomplete, not ours to see."""

from dataclasses import replace

import pytest

from creditrisk.errors import UserError
from pipelines.remote import deploy
from pipelines.remote.api import Api
from pipelines.remote.cluster import connect, look
from pipelines.remote.packages import Need, needs_of
from tests.builders.config_maps import Objects, complete, kubeconfig
from tests.builders.loopback import serving
from tests.remote.conftest import creditrisk


@pytest.fixture
def cluster(tmp_path, monkeypatch, compiled):
    """A cluster with all of it, and kubectl's configuration for it."""
    with serving(complete(needs_of(compiled)), Objects) as objects:
        path = tmp_path / "kubeconfig"
        path.write_text(kubeconfig(objects.url))
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        yield objects


def states(compiled, namespace="kubeflow", account="creditrisk-run"):
    return {f.name: f for f in look(connect(), namespace, account, needs_of(compiled))}


def test_what_the_packages_refer_to_is_what_is_looked_for(cluster, compiled):
    found = states(compiled)
    assert found.keys() == cluster.keys()
    assert {"ConfigMap creditrisk-env", "Secret creditrisk-store"} < found.keys()
    assert {finding.state for finding in found.values()} == {"ok"}


def test_a_missing_object_is_named_with_the_command_that_installs_it(cluster, compiled):
    del cluster["Secret creditrisk-store"]
    found = states(compiled)["Secret creditrisk-store"]
    assert (found.state, found.says) == ("fail", "not in kubeflow")
    assert found.move == "helm upgrade --install creditrisk manifests/chart --namespace kubeflow"


def test_an_optional_secret_may_be_absent(cluster, compiled):
    del cluster["Secret creditrisk-pii"]
    assert states(compiled)["Secret creditrisk-pii"].state == "ok"


def test_a_key_that_pods_would_wait_for_is_named(cluster, compiled):
    del cluster["ConfigMap creditrisk-env"]["CREDITRISK_LANDING"]
    found = states(compiled)["ConfigMap creditrisk-env"]
    assert (found.state, found.says) == ("fail", "in kubeflow has no CREDITRISK_LANDING")


def test_what_may_not_be_seen_is_a_warning_and_not_an_absence(cluster, compiled):
    cluster["Secret creditrisk-store"] = 403
    found = states(compiled)["Secret creditrisk-store"]
    assert (found.state, found.says[:3]) == ("warn", "403")
    assert found.move == "kubectl get secret creditrisk-store -n kubeflow"


def test_objects_of_another_namespace_do_not_count(cluster, compiled):
    found = states(compiled, "risk")
    failed = {name for name, finding in found.items() if finding.state == "fail"}
    assert {"ServiceAccount creditrisk-run", "Secret creditrisk-store"} <= failed
    assert found["Secret creditrisk-pii"].says == "not in risk, optional"


def test_a_cluster_that_is_down_is_one_finding(cluster, compiled, tmp_path):
    (tmp_path / "kubeconfig").write_text(kubeconfig("http://127.0.0.1:9"))
    [found] = look(connect(), "kubeflow", "creditrisk-run", needs_of(compiled))
    assert (found.state, found.says) == ("fail", "http://127.0.0.1:9 does not answer")


def test_no_cluster_at_all_is_one_line(cluster, tmp_path):
    (tmp_path / "kubeconfig").unlink()
    with pytest.raises(UserError, match=r"no cluster: .*set KUBECONFIG"):
        connect()


def test_an_object_that_one_task_needs_and_another_may_use_is_needed(compiled):
    one = Need("Secret", "s", frozenset(), optional=True)
    other = Need("Secret", "s", frozenset({"b"}), optional=False)
    package = replace(compiled[0], needs=frozenset({one, other}))
    assert needs_of([package]) == [other]


def test_keys_that_a_task_may_do_without_are_not_asked_for(compiled):
    [env] = [need for need in needs_of(compiled) if need.name == "creditrisk-env"]
    assert "CREDITRISK_STORE" in env.keys
    assert not {"CREDITRISK_POLICY", "CREDITRISK_DASHBOARD_URL"} & env.keys


def test_check_uploads_nothing_while_something_is_missing(command, server, cluster, package_dir):
    del cluster["Secret creditrisk-store"], cluster["ServiceAccount creditrisk-run"]
    with pytest.raises(UserError) as error:
        command("deploy", "--check", "--package-dir", package_dir)
    text = str(error.value)
    assert "ServiceAccount creditrisk-run not in kubeflow" in text
    assert "Secret creditrisk-store not in kubeflow; helm upgrade --install" in text
    assert server.changes() == []


def test_check_goes_on_where_it_may_not_look(command, server, cluster, package_dir):
    cluster.update(dict.fromkeys(cluster, 403))
    command("deploy", "--check", "--package-dir", package_dir)
    assert len(server.versions) == 3


def test_doctor_finds_a_whole_cluster_well(command, server, cluster, package_dir):
    command("deploy")
    command("schedule", "apply", "--cron", "0 0 6 3 * *", "--no-catchup")
    done = command("doctor", "--remote")
    assert done.exit_code == 0
    assert "fail" not in done.output
    assert "warn" not in done.output
    for part in ("2.17.0, for one user", "'0 0 6 3 * *', without catch-up", "as compiled here"):
        assert part in done.output


def test_doctor_names_what_keeps_a_month_from_running(command, server, cluster):
    command("deploy")
    server.version = "2.14.0"
    del cluster["ConfigMap creditrisk-env"]
    done = command("doctor", "--remote")
    assert done.exit_code == 1
    for part in ("version 2.14.0 gives", "0 active of 0", "ConfigMap creditrisk-env"):
        assert part in done.output


def test_a_newer_server_than_the_tests_ran_on_is_a_warning(command, server, cluster):
    server.version = "2.19.0"
    assert "the tests ran on Kubeflow Pipelines 2.17" in command("doctor", "--remote").output


@pytest.mark.parametrize(
    "words", [("deploy",), ("run", "--remote", "--as-of", "2024-09"), ("schedule", "apply")]
)
def test_an_older_kubeflow_is_refused_before_anything_is_sent(
    command, server, compiled, package_dir, words
):
    list(deploy.deploy(Api.at(server.url, ""), compiled))
    server.version = "2.16.1"
    server.requests.clear()
    options = {
        "deploy": ("--package-dir", package_dir),
        "schedule": ("--cron", "0 0 6 3 * *", "--no-catchup", "--package-dir", package_dir),
    }
    with pytest.raises(UserError, match=r"version 2\.16\.1 gives a schedule no time; 2\.17 is"):
        command(*words, *options.get(words[0], ()))
    assert server.changes() == []


def test_doctor_does_not_mind_a_schedule_that_was_paused(command, server, cluster, package_dir):
    command("deploy", "--package-dir", package_dir)
    words = ("--cron", "0 0 6 3 * *", "--no-catchup", "--paused", "--package-dir", package_dir)
    command("schedule", "apply", *words)
    done = command("doctor", "--remote")
    assert done.exit_code == 0, done.output
    assert "is paused: no month runs by itself" in done.output
    assert "creditrisk schedule resume" in done.output


def test_doctor_reports_a_server_that_is_away_and_looks_at_the_rest(cluster):
    done = creditrisk("doctor", "--remote", "--host", "http://127.0.0.1:9", "--json")
    assert done.exit_code == 1
    assert "does not answer" in done.stdout
    assert "Secret creditrisk-store" in done.stdout
