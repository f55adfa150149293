"""Months with every store on S3, beside the same months on a disk.

Each backtest is one `creditrisk` process, as a person starts it: one Spark session.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from creditrisk.contracts import FINDINGS
from creditrisk.lake import Lake
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.run import run_records
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_store
from tests.builders.commands import digests, ended, start
from tests.builders.deliveries import Delivery, month
from tests.builders.s3_roles import bootstrap, keys_of, write_keys
from tests.builders.small_lender import PORTFOLIO, small_policy
from tools.minio import Server

FIRST_MODEL, LAST = 8, 9  # numbers of months; the lender began in month 0
TASKS = ("resolve_period", "etl", "score", "monitor", "decide")
POLICY = small_policy(
    """
    outcome: {mob: 2, early_mob: 1}
    development: {min_train_cohorts: 2, validation_cohorts: 1, tuning_trials: 1, max_trees: 40}
    validation: {score_psi_red: 1.0}
    """
)  # of so young a lender event histories double between validation and windows, scores with them


@dataclass
class Borrowers(Delivery):
    """Those who owe much for their income miss instalments more often, from the second on."""

    clients: int = 250

    def _loan(self, cohort: int, i: int, mob: int) -> dict[str, str]:
        chance = (i * 7919 + cohort * 104729) % 1000 / 1000
        bad = chance < 0.02 + 0.6 * (i / self.clients) ** 3
        return super()._loan(cohort, 0 if bad else 1, mob) | {
            "loan": f"L{cohort}-{i}",
            "client": f"C{cohort}-{i}",
        }


@dataclass(frozen=True)
class Backtest:
    """What a process did to a store."""

    store: str
    audit: str
    exit_code: int
    printed: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Deliveries, policy and portfolio of the lender."""
    folder = tmp_path_factory.mktemp("lender")
    Borrowers(LAST + 1).write(folder / "landing")
    (folder / "policy.yaml").write_text(POLICY.model_dump_json())
    (folder / "portfolio.yaml").write_text(PORTFOLIO)
    return folder


def land(server: Server, folder: Path) -> None:
    """Put the deliveries into a bucket."""
    server.client.make_bucket("landing")
    for path in (folder / "landing").iterdir():
        server.client.fput_object("landing", path.name, str(path))


@pytest.fixture(scope="module")
def backtests(minio, s3_jars, folder, tmp_path_factory) -> tuple[Backtest, Backtest]:
    """The same months run on S3, with the pipeline's keys, and on a disk, at the same time."""
    land(minio, folder)
    months = ("--from", f"{month(FIRST_MODEL)}", "--to", f"{month(LAST)}")
    config = ("--policy", "policy.yaml", "--portfolio", "portfolio.yaml")

    def backtest(landing: str, store: str, audit: str, **variables: str) -> Backtest:
        words = ("backtest", "--data", landing, "--store", store, *months, *config)
        there = {"CREDITRISK_AUDIT_STORE": audit} | variables
        return Backtest(store, audit, *ended(start(*words, cwd=folder, **there)))

    prefix = uuid4().hex
    on_s3 = ("s3://landing", f"s3://months/{prefix}", f"s3://months-audit/{prefix}")
    names = ("CREDITRISK_LANDING", "CREDITRISK_STORE", "CREDITRISK_AUDIT_STORE")
    users = write_keys(tmp_path_factory.mktemp("users"))
    bootstrap(minio, users, dict(zip(names, on_s3, strict=True)))
    pipeline = minio.environment | keys_of(users, "pipeline")
    on_disk = ("landing", (folder / "store").as_uri(), (folder / "audit").as_uri())
    with ThreadPoolExecutor(2) as pool:
        s3 = pool.submit(backtest, *on_s3, **pipeline)
        disk = pool.submit(backtest, *on_disk)
        return s3.result(), disk.result()


def test_a_backtest_on_s3_runs_every_task_and_promotes_a_model(backtests, environment):
    run, _ = backtests
    assert run.exit_code == 0, run.printed
    store = open_store(run.store)
    runs = {key.split("/")[1] for key in store.keys("runs/")}
    ran = [tuple(r.task for r in run_records(store, run) if r.status == "ok") for run in runs]
    assert sorted(ran) == sorted(
        [
            ("backfill",),
            (*TASKS, "train", "validate", "refit", "promote", "rescore"),
            TASKS,
        ]
    )
    assert current_champion(store)


def test_a_backtest_on_s3_leaves_what_it_leaves_on_a_disk(backtests, environment):
    def left(store):
        # findings also tell how fast and how punctual this very store was
        return {key: found for key, found in digests(store).items() if key[0] != FINDINGS.table}

    on_s3, on_disk = (left(run.store) for run in backtests)
    assert len(on_s3) > 80
    assert on_s3 == on_disk


def test_findings_on_s3_are_those_on_a_disk(backtests, environment):
    def findings(store):
        lake = Lake(open_store(store))
        rows = lake.read(FINDINGS, lake.months(FINDINGS.table)).to_pylist()
        return [row for row in rows if row["axis"] != "system"]

    on_s3, on_disk = (findings(run.store) for run in backtests)
    assert len(on_s3) > 100
    assert on_s3 == on_disk


def test_decisions_on_s3_are_those_on_a_disk(backtests, environment):
    def decisions(store):
        read = [json.loads(store.read(key)) for key in store.keys("decisions/")]
        return [(one["as_of"], one["decision"], one["reasons"]) for one in read]

    on_s3, on_disk = (decisions(open_store(run.store)) for run in backtests)
    assert len(on_s3) == 2
    assert on_s3 == on_disk


def test_the_audit_trail_stands_in_the_locked_bucket(backtests, minio, environment):
    trail = Trail(open_store(backtests[0].audit))
    assert verify(trail) == []
    assert [r.event for r in trail.records()][-1] == "run_closed"
    bucket, prefix = backtests[0].audit.removeprefix("s3://").split("/")
    found = next(iter(minio.client.list_objects(bucket, f"{prefix}/records/")))
    assert minio.client.get_object_retention(bucket, found.object_name).mode == "GOVERNANCE"


def test_spark_leaves_nothing_but_tables(backtests, minio, environment):
    """Nothing staged, nothing renamed: no temporary object, and no upload left open."""
    keys = [key for key in open_store(backtests[0].store).keys("lake/") if "/data/" in key]
    assert keys
    assert all(key.endswith(".parquet") for key in keys)
    assert not minio.client._list_multipart_uploads("months").uploads
