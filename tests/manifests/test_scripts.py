"""What `make kind-up deploy submit` calls, as far as it goes without a cluster."""

import json
import os
import subprocess
import sys

import pytest

from tools.helm import MANIFESTS
from tools.manifest_objects import containers, load, pod_specs

KUBECTL = """#!/bin/sh
# as kubectl --context C --namespace N VERB ...
echo "$@" >> "$FAKE/calls"
namespace=$4
shift 4
case "$*" in
  "port-forward service/ml-pipeline :8888") echo "Forwarding from 127.0.0.1:40001 -> 8888" ;;
  "port-forward service/"*" 4000"*) ;;
  "port-forward service/creditrisk-minio :9000") echo "Forwarding from 127.0.0.1:40002 -> 9000" ;;
  "get service ml-pipeline") [ "$namespace" = kubeflow ] || exit 1 ;;
  *"{.data.CREDITRISK_SERVICE_ACCOUNT}") printf default-editor ;;
  "get service creditrisk-minio") exit "$NO_MINIO" ;;
  *"{.data.AWS_ENDPOINT_URL}") printf https://s3.example.com ;;
  *"{.data.CREDITRISK_"*"_IMAGE}") echo "$*" | sed 's/.*_\\(.*\\)_IMAGE}/\\1:1/' ;;
  *"{.data.CREDITRISK_"*) echo "$*" | sed 's/.*_\\(.*\\)}/s3:\\/\\/\\1/' | tr -d '\\n' ;;
  *"{.data.AWS_REGION}") printf us-east-1 ;;
  "get secret creditrisk-reader "*"{.data.accesskey}") printf me | base64 ;;
  "get secret creditrisk-reader "*"{.data.secretkey}") printf mine | base64 ;;
  *) exit 1 ;;
esac
[ "$1" = port-forward ] || exit 0
case "$BREAKS $3" in "1 :"*) exit 1 ;; esac
echo $$ >> "$FAKE/tunnels"
exec sleep 30
"""


@pytest.fixture
def reached(tmp_path):
    """Run a command as with a cluster; its standard output and exit code."""
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)

    def run(*command, minio=True, breaks=False, **settings):
        path = f"{tmp_path}:{os.environ['PATH']}"
        body = {"PATH": path, "FAKE": f"{tmp_path}", "NO_MINIO": "0" if minio else "1"}
        body |= {"BREAKS": "1" if breaks else "", **settings}
        words = [str(MANIFESTS / "with-cluster"), *command]
        done = subprocess.run(
            words, env=os.environ | body, capture_output=True, text=True, check=False, timeout=60
        )
        return done, (tmp_path / "calls").read_text()

    return run


def test_a_command_has_the_addresses_and_the_keys_of_its_role(reached):
    done, calls = reached("reader", "env")
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert found["KF_PIPELINES_ENDPOINT"] == "http://127.0.0.1:40001"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:40002"
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == ("me", "mine")
    assert found["CREDITRISK_STORE"] == "s3://STORE"
    assert found["CREDITRISK_LANDING"] == "s3://LANDING"
    images = (found["CREDITRISK_SPARK_IMAGE"], found["CREDITRISK_ML_IMAGE"])
    assert images == ("SPARK:1", "ML:1"), "compiled here is what was compiled there"
    assert all(line.startswith("--context kind-creditrisk") for line in calls.splitlines())


def test_a_second_portfolio_has_a_name_and_nothing_of_the_first_is_read(reached):
    _, calls = reached("reader", "true", CREDITRISK_NAME="creditrisk-cards", NAME="DESKTOP-1")
    assert "get configmap creditrisk-cards-env" in calls
    assert "creditrisk-env" not in calls


def test_a_profile_s_commands_find_kubeflow_where_it_is_and_the_profile_s_account(reached):
    done, calls = reached("reader", "env", NAMESPACE="risk-team")
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert found["KF_PIPELINES_ENDPOINT"] == "http://127.0.0.1:40001"
    assert "--namespace kubeflow port-forward service/ml-pipeline" in calls
    assert found["CREDITRISK_NAMESPACE"] == "risk-team"
    assert found["CREDITRISK_SERVICE_ACCOUNT"] == "default-editor"


def test_another_s3_is_called_where_it_is(reached):
    done, _ = reached("reader", "printenv", "AWS_ENDPOINT_URL", minio=False)
    assert done.stdout == "https://s3.example.com\n"


def test_a_tunnel_that_breaks_is_made_again_on_the_same_port(reached):
    again = 'until grep -q "ml-pipeline 40001:8888" "$FAKE/calls"; do sleep 0.1; done'
    done, _ = reached("reader", "sh", "-c", again, breaks=True)
    assert done.returncode == 0


def test_no_tunnel_is_left_when_the_command_has_ended(reached, tmp_path):
    reached("reader", "true")
    tunnels = (tmp_path / "tunnels").read_text().split()
    assert len(tunnels) == 2
    for pid in tunnels:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_the_exit_code_is_the_commands_own(reached):
    assert reached("reader", "sh", "-c", "exit 3")[0].returncode == 3


def test_a_role_without_a_secret_starts_nothing(reached):
    done, _ = reached("nobody", "echo", "started")
    assert done.returncode != 0
    assert "started" not in done.stdout


def test_the_chart_runs_the_images_that_were_built(rendered, tmp_path):
    built = tmp_path / "images.json"
    # a tag of digits alone must stay what it is
    tags = {"spark": "123456789012", "ml": "1e1000000000", "dashboard": "0ab", "ops": "f00d"}
    built.write_text(json.dumps({name: f"creditrisk-{name}:{tag}" for name, tag in tags.items()}))
    form = [sys.executable, str(MANIFESTS / "images.py")]
    result = subprocess.run(
        [*form, "values", str(built)], capture_output=True, text=True, check=True
    ).stdout
    objects = load(rendered(*result.split(), "--skip-tests"))
    images = {c["image"] for _, _, spec in pod_specs(objects) for c in containers(spec)}
    assert images == {"creditrisk-dashboard:0ab", "creditrisk-ops:f00d", "creditrisk-minio:0.1.0"}
    found = {
        entry["value"]
        for _, _, spec in pod_specs(objects)
        for container in containers(spec)
        for entry in container["env"]
        if entry["name"].endswith("_IMAGE")
    }
    assert found == {"creditrisk-spark:123456789012", "creditrisk-ml:1e1000000000"}


@pytest.mark.parametrize(("form", "code"), [("values", 0), ("names", 2)])
def test_images_that_nobody_built_are_one_line(tmp_path, form, code):
    words = [sys.executable, str(MANIFESTS / "images.py"), form, str(tmp_path / "images.json")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.endswith("images.json is not there (make images writes it)\n")


SECRETS = """#!/bin/sh
# one Secret is there already
echo "$*" >> "$FAKE/calls"
case "$*" in *"get secret mysql-secret"*) exit 0 ;; *"get secret"*) exit 1 ;; esac
"""


def test_keys_of_kubeflow_that_are_there_stay_and_others_are_made_up(tmp_path):
    (tmp_path / "kubectl").write_text(SECRETS)
    (tmp_path / "kubectl").chmod(0o755)
    body = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FAKE": f"{tmp_path}"}
    for _ in range(2):
        words = [str(MANIFESTS / "kfp/secrets"), "--context", "c"]
        subprocess.run(words, env=body, check=True, timeout=60)
    created = [c for c in (tmp_path / "calls").read_text().splitlines() if " create " in c]
    assert all(
        "--context c --namespace kubeflow create secret generic mlpipe" in c for c in created
    )
    keys = {line.rpartition("secretkey=")[2] for line in created}
    assert len(keys) == 2 and {len(key) for key in keys} == {40}
