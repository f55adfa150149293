"""Two installations on one Kubeflow for one user: neither sees or alters what is the other's."""

import subprocess
import sys
from os import environ
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from pipelines.installation import named
from pipelines.remote.api import Api
from pipelines.remote.cluster import install_command
from pipelines.remote.deploy import deploy, find_version
from pipelines.remote.packages import MONTHLY, packages
from pipelines.remote.recurring import schedules
from pipelines.remote.schedule import Declared, apply
from tests.builders.kfp_api import CRON
from tests.remote.conftest import creditrisk

CARDS = {"CREDITRISK_NAME": "creditrisk-cards"}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def cards_dir(tmp_path_factory):
    """The pipelines of the second portfolio; names are read when a pipeline is imported."""
    folder = tmp_path_factory.mktemp("cards")
    words = [sys.executable, str(ROOT / "compile.py"), "--out", str(folder)]
    subprocess.run(words, env=environ | CARDS, check=True, capture_output=True)
    return folder


@pytest.fixture
def second(monkeypatch):
    """As the second portfolio, from now on."""

    def become():
        monkeypatch.setenv(*next(iter(CARDS.items())))

    return become


def scheduled(server, folder, cron):
    """Deploy and schedule the installation of the environment; its schedule's name."""
    api = Api.at(server.url, "")
    with packages(folder) as found:
        list(deploy(api, found[:1]))
    version = find_version(api, named(MONTHLY), found[0].version)
    declared = Declared(version, cron, False, {}, api.endpoint.account)
    return apply(api, declared, paused=False, renew=False, say=print).name


def test_a_second_portfolio_compiles_to_its_own_objects_alone(cards_dir, monkeypatch):
    monkeypatch.setenv(*next(iter(CARDS.items())))
    with packages(cards_dir) as found:
        needs = {need.name for package in found for need in package.needs}
    assert {package.pipeline.removeprefix("creditrisk-cards-") for package in found} == {
        "monthly-lifecycle",
        "training",
        "backfill",
    }
    assert needs - {"pipeline-install-config"} == {
        f"creditrisk-cards-{end}"
        for end in ("env", "store", "alerts", "pii", "policy", "portfolio")
    }
    text = "".join(path.read_text() for path in cards_dir.glob("*.yaml"))
    assert "app.kubernetes.io/name: creditrisk-cards" in text
    assert "app.kubernetes.io/name: creditrisk\n" not in text


def test_each_has_its_pipelines_its_experiment_its_account_and_its_schedule(
    server, package_dir, cards_dir, second
):
    first = scheduled(server, package_dir, CRON)
    second()
    other = scheduled(server, cards_dir, CRON)
    assert {body["display_name"] for body in server.pipelines.values()} == {
        "creditrisk-monthly-lifecycle",
        "creditrisk-cards-monthly-lifecycle",
    }
    experiments = {body["display_name"] for body in server.experiments.values()}
    assert experiments == {"creditrisk", "creditrisk-cards"}
    accounts = {run["display_name"]: run["service_account"] for run in server.active()}
    assert accounts == {first: "creditrisk-run", other: "creditrisk-cards-run"}


@pytest.mark.parametrize("again", ["0 0 7 4 * *", CRON])
def test_applying_one_never_touches_the_other_s(server, package_dir, cards_dir, monkeypatch, again):
    monkeypatch.setenv(*next(iter(CARDS.items())))
    cards = scheduled(server, cards_dir, CRON)
    monkeypatch.delenv("CREDITRISK_NAME")
    scheduled(server, package_dir, CRON)
    server.requests.clear()
    loans = scheduled(server, package_dir, again)
    [id] = [id for id, run in server.recurring.items() if run["display_name"] == cards]
    assert not [r for r in server.requests if r.changes and id in r.path]
    assert {run["display_name"] for run in server.active()} == {loans, cards}
    creditrisk("schedule", "pause", "--host", server.url)
    assert [run["display_name"] for run in server.active()] == [cards]
    assert "active" in creditrisk("schedule", "resume", "--host", server.url).output


def test_names_that_begin_alike_are_told_apart(server, package_dir, monkeypatch):
    loans = scheduled(server, package_dir, CRON)
    [run] = server.recurring.values()
    longer = "creditrisk-monthly-lifecycle-b-monthly-lifecycle-0123abcd"
    foreign = {"pipeline_id": "x", "pipeline_version_id": "y"}
    body = {"recurring_run_id": "id-x-1", "display_name": longer}
    server.recurring["id-x-1"] = run | body | {"pipeline_version_reference": foreign}
    assert [one.name for one in schedules(Api.at(server.url, ""))] == [loans]


@pytest.mark.parametrize(("env", "count"), [("creditrisk-env", 2), ("creditrisk-cards-env", 1)])
def test_a_file_submitted_by_hand_is_whose_settings_it_reads(server, package_dir, env, count):
    scheduled(server, package_dir, CRON)
    [run] = server.recurring.values()
    spec = {"pipelineInfo": {"name": "monthly-lifecycle"}}
    by_hand = run | {"recurring_run_id": "id-x-1", "display_name": "by hand"}
    del by_hand["pipeline_version_reference"]
    settings = {"configMapAsEnv": [{"configMapName": env}]}
    by_hand["pipeline_spec"] = {"pipeline_spec": spec, "platform_spec": settings}
    server.recurring["id-x-1"] = by_hand
    assert len(schedules(Api.at(server.url, ""))) == count


def test_a_package_of_the_other_is_refused_before_anything_is_uploaded(server, cards_dir):
    with pytest.raises(UserError, match=r"another installation than creditrisk: .*NAME=creditrisk"):
        creditrisk("deploy", "--package-dir", cards_dir, "--host", server.url)
    assert server.changes() == []


def test_a_name_that_no_chart_gives_is_refused(server, monkeypatch):
    monkeypatch.setenv("CREDITRISK_NAME", "Cards!")
    with pytest.raises(UserError, match="CREDITRISK_NAME is 'Cards!'"):
        Api.at(server.url, "")


def test_what_is_missing_is_named_with_the_release_that_brings_it(monkeypatch):
    monkeypatch.setenv("CREDITRISK_NAME", "creditrisk-cards")
    assert install_command("risk") == (
        "helm upgrade --install creditrisk-cards manifests/chart --namespace risk"
        " --set name=creditrisk-cards"
    )
