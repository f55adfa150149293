"""A month run from the built images: on a mount without any network, and on a real MinIO.

kfp.local calls a container that failed a success: what counts is what lies in the store.
"""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from creditrisk.period import freeze
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.trail_check import verify
from creditrisk.storage import Store, open_audit_store, open_store
from pipelines.local.kfp import LocalRun, run_locally
from pipelines.monthly import build
from tests.builders.deliveries import month
from tests.builders.s3_roles import bootstrap, keys_of, write_keys
from tests.builders.small_lender import small_portfolio
from tests.images.conftest import docker, give
from tests.images.containers import in_containers
from tests.s3.conftest import served
from tests.s3.test_months_on_s3 import FIRST_MODEL, POLICY, Borrowers, land

TASKS = {
    *("resolve_period", "etl", "score", "monitor", "decide", "evidently"),
    *("train", "validate", "refit", "promote", "rescore"),
}
MONTH = month(FIRST_MODEL)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Deliveries of nine months; the working directory, which kfp.local writes to."""
    Borrowers(FIRST_MODEL + 1).write(tmp_path / "landing")
    for place in ("build/kfp", "store", "store-audit"):
        (tmp_path / place).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_month(store: Store, landing: str, runner) -> LocalRun:
    arguments = {"as_of": f"{MONTH}", "landing": landing}
    config = freeze(store, POLICY, small_portfolio())
    return run_locally(build, store, arguments | {"config": config}, runner=runner)


def assert_ran(store: Store, run: LocalRun) -> None:
    """One record per task, all of them ok, and what each of them was there for."""
    assert run.failure is None, f"{run.failure}\n{run.log[-4000:]}"
    assert len(run.tasks) == len(set(run.tasks))
    assert set(run.tasks) == TASKS, run.log[-4000:]
    keys = list(store.keys())
    for part in (
        f"months/{MONTH}/report.html",
        f"months/{MONTH}/quality.json",
        f"months/{MONTH}/evidently/summary.html",
        f"lake/gold/features/manifests/{MONTH}",
        f"lake/scores/applications/manifests/{MONTH}",
        f"lake/monitoring/findings/manifests/{MONTH}",
        f"decisions/{MONTH}/",
    ):
        assert [key for key in keys if key.startswith(part)], part
    page = json.loads(store.read(f"months/{MONTH}/evidently/summary.json"))
    assert page["drawn"], page["why_not"]
    champion = current_champion(store)
    version = f"registry/versions/{champion}"
    assert f"{version}/model.cbm" in keys
    verdict = json.loads(store.read(f"{version}/validation.json"))
    assert (verdict["verdict"], len(verdict["windows"])) == ("pass", 3)
    assert json.loads(store.read(f"months/{MONTH}/run.json"))["status"] == "ok"
    assert verify(Trail(open_audit_store(store))) == []


def code_of(image: str) -> str:
    asked = "{{range .Config.Env}}{{println .}}{{end}}"
    lines = docker("image", "inspect", "--format", asked, image).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines if line)["CREDITRISK_CODE"]


def test_a_month_is_run_from_the_images_without_any_network(folder, images):
    store = open_store((folder / "store").as_uri())
    places = [folder / name for name in ("landing", "store", "store-audit")]
    runner = in_containers({"CREDITRISK_STORE": store.uri}, *places)
    freeze(store, POLICY, small_portfolio())
    give(folder)
    run = run_month(store, str(folder / "landing"), runner)
    assert_ran(store, run)
    manifest = next(store.keys(f"lake/gold/features/manifests/{MONTH}"))
    assert json.loads(store.read(manifest))["code"] == code_of(images["spark"])


def test_a_month_is_run_from_the_images_on_a_real_minio_with_the_pipeline_s_keys(
    folder, tmp_path_factory, monkeypatch
):
    with served(tmp_path_factory.mktemp("minio")) as minio:
        land(minio, folder)
        prefix = uuid4().hex
        places = {
            "CREDITRISK_STORE": f"s3://month/{prefix}",
            "CREDITRISK_AUDIT_STORE": f"s3://month-audit/{prefix}",
            "CREDITRISK_LANDING": "s3://landing",
        }
        users = write_keys(tmp_path_factory.mktemp("users"))
        bootstrap(minio, users, places)
        environment = minio.environment | places | keys_of(users, "pipeline")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        give(folder)
        store = open_store()
        run = run_month(store, "s3://landing", in_containers(environment, network="host"))
        assert_ran(store, run)


def test_a_container_that_fails_is_noticed(folder):
    store = open_store((folder / "store").as_uri())
    freeze(store, POLICY, small_portfolio())
    give(folder)
    places = [folder / name for name in ("store", "store-audit")]
    run = run_month(store, "/nowhere", in_containers({"CREDITRISK_STORE": store.uri}, *places))
    assert run.failure is not None
    assert (run.failure.task, run.failure.exit_code) == ("etl", 2)
    assert set(run.tasks) == {"resolve_period", "etl"}
