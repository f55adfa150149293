"""Buckets, rules and users of a new server, and what each user then can and cannot do."""

import shutil
from contextlib import contextmanager
from datetime import date

import pyarrow as pa
import pytest
from minio import Minio, MinioAdmin
from minio.commonconfig import COMPLIANCE
from minio.credentials import StaticProvider
from minio.error import MinioAdminException, S3Error

import creditrisk
from creditrisk.contracts import SCORES
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.records.lease import acquire, holder, take_away
from creditrisk.records.trail_check import verify
from creditrisk.storage import ConflictError, open_store
from creditrisk.storage.bootstrap import main
from tests.builders.s3_roles import ROLES, bootstrap, keys_of, write_keys

STORE, AUDIT, LANDING = "s3://risk/live", "s3://risk-audit", "s3://risk-landing"
REFUSED = "AccessDenied"
AT = "2024-01-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    return write_keys(tmp_path_factory.mktemp("users"))


@pytest.fixture(scope="module")
def made(minio, users):
    """A server after the bootstrap."""
    bootstrap(minio, users, places(), "--retention-days", "10")
    return minio


@pytest.fixture
def owner(made, environment, monkeypatch):
    """The server, with its owner's keys in this process's environment."""
    for name, value in places().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def acting(owner, users, monkeypatch):
    """Open a store as a role."""

    def act(role, uri):
        for name, value in keys_of(users, role).items():
            monkeypatch.setenv(name, value)
        return open_store(uri)

    return act


def places():
    names = ("CREDITRISK_STORE", "CREDITRISK_AUDIT_STORE", "CREDITRISK_LANDING")
    return dict(zip(names, (STORE, AUDIT, LANDING), strict=True))


@contextmanager
def refused():
    with pytest.raises(UserError, match=REFUSED):
        yield


def test_a_second_bootstrap_finds_everything_as_it_left_it(owner, users, capsys):
    assert main(["--users", f"{users}", "--retention-days", "10"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "buckets: risk, risk-audit, risk-landing",
        *(f"user: {role} risk-{role}" for role in ROLES),
    ]
    client = owner.client
    assert {"risk", "risk-audit", "risk-landing"} <= {b.name for b in client.list_buckets()}
    for bucket in ("risk", "risk-audit", "risk-landing"):
        assert client.get_bucket_versioning(bucket).status == "Enabled"
    lock = client.get_object_lock_config("risk-audit")
    assert (lock.mode, lock.duration) == ("GOVERNANCE", 10)
    [rule] = client.get_bucket_lifecycle("risk").rules
    assert rule.noncurrent_version_expiration.noncurrent_days == 90
    assert rule.expiration.expired_object_delete_marker


def test_an_audit_bucket_that_cannot_be_locked_is_refused(owner, monkeypatch, capsys):
    owner.client.make_bucket("unlocked")
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", "s3://unlocked")
    assert main([]) == 2
    assert "bucket 'unlocked' takes no object lock" in capsys.readouterr().err


def test_retention_can_bind_the_owner_too(owner, monkeypatch):
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", "s3://strict-audit")
    assert main(["--mode", "compliance"]) == 0
    assert owner.client.get_object_lock_config("strict-audit").mode == COMPLIANCE


def test_a_store_on_a_disk_has_nothing_to_bootstrap(owner, monkeypatch, capsys):
    monkeypatch.setenv("CREDITRISK_STORE", "/data/store")
    assert main([]) == 2
    assert "CREDITRISK_STORE is '/data/store', not s3://bucket" in capsys.readouterr().err


def test_a_role_without_keys_is_named(owner, tmp_path, capsys):
    assert main(["--users", f"{tmp_path}"]) == 2
    assert "pipeline/accesskey is missing" in capsys.readouterr().err


def test_a_server_that_does_not_come_up_is_one_line(monkeypatch, capsys):
    for name, value in places().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody's")
    assert main(["--patience", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_pipeline_writes_tables_and_the_trail(acting):
    store = acting("pipeline", STORE)
    store.create("lake/gold/t/data/v1/part-0.parquet", b"rows")
    store.create("lake/gold/t/manifests/2024-01-01/1.json", b"{}")
    with pytest.raises(ConflictError):
        store.create("lake/gold/t/manifests/2024-01-01/1.json", b"{}")
    store.write("registry/pending/v1.json", b"{}")
    store.delete("lake/gold/t/data/v1/part-0.parquet")
    trail = Trail(acting("pipeline", AUDIT))
    trail.append("decided", "pipeline", "2024-01-01T00:00:00Z", {}, "1")
    assert verify(trail) == []


@pytest.mark.parametrize(
    "key",
    ["registry/champion.json", "decisions/d.json", "lake/gold/t/manifests/2024-01-01/1.json"],
)
def test_the_pipeline_removes_no_evidence(acting, key):
    store = acting("pipeline", STORE)
    store.write(key, b"{}")
    with refused():
        store.delete(key)


def test_the_pipeline_approves_nothing_it_asked_for(acting):
    store = acting("pipeline", STORE)
    for folder in ("approvals", "findings", "lifted", "overrides", "retired"):
        with refused():
            store.create(f"registry/{folder}/v1.json", b"{}")


def test_the_pipeline_marks_no_account_as_a_pipeline_s_but_its_own(acting, owner, users):
    bootstrap(owner, users, places(), "--retention-days", "10", "--namespace", "runs")
    store = acting("pipeline", STORE)
    store.write(layout.pipelines_account("risk-pipeline"), b"")
    store.write(layout.pipelines_account("system:serviceaccount:runs:default-editor"), b"")
    for name in ("risk-approver", "system:serviceaccount:people:ann", "runs:ann"):
        with refused():
            store.write(layout.pipelines_account(name), b"")


@pytest.mark.parametrize("key", ["elsewhere/decisions/1.json", "lake.json", "registry/x.json"])
def test_the_pipeline_writes_nothing_that_no_run_leaves(acting, key):
    with refused():
        acting("pipeline", STORE).write(key, b"{}")


def test_places_of_which_one_holds_another_are_refused(owner, monkeypatch, capsys):
    monkeypatch.setenv("CREDITRISK_LANDING", f"{STORE}/landing")
    assert main([]) == 2
    assert "CREDITRISK_LANDING lies within CREDITRISK_STORE" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["pipeline", "approver"])
def test_who_appends_to_the_trail_removes_nothing_from_it(acting, owner, role):
    trail = Trail(acting(role, AUDIT))
    trail.append("decided", role, "2024-01-01T00:00:00Z", {}, f"of {role}")
    [key, *_] = trail.store.keys("records/")
    with refused():
        trail.store.delete(key)
    client = Minio(owner.host, f"risk-{role}", f"secret-of-{role}", secure=False)
    version = next(owner.client.list_objects("risk-audit", key, include_version=True)).version_id
    with pytest.raises(S3Error, match=REFUSED):
        client.remove_object("risk-audit", key, version_id=version)


def test_the_approver_decides_and_promotes_but_makes_no_model(acting):
    store = acting("approver", STORE)
    store.write("registry/champion.json", b"{}")
    store.create("registry/approvals/v2.json", b"{}")
    store.delete("registry/pending/v2.json")
    store.write("alerts/2024-01-01/pending-v2.json", b"{}")  # over, since it was approved
    for key in ("registry/versions/v2/model.cbm", "lake/gold/t/data/v2", "policies/p.json"):
        with refused():
            store.write(key, b"{}")


def test_the_approver_frees_a_store_that_a_dead_run_holds(acting):
    store = acting("pipeline", STORE)
    acquire(store, "dead", AT)
    take_away(acting("approver", STORE), AT)
    assert holder(store) == ""


def test_under_four_eyes_the_approver_alone_moves_the_pointer(acting, owner, users):
    pointer = "registry/champion.json"
    pipeline = acting("pipeline", STORE)
    pipeline.write(pointer, b"1")
    bootstrap(owner, users, places(), "--retention-days", "10", "--four-eyes")
    try:
        with refused():
            pipeline.write(pointer, b"2")
        with refused():
            pipeline.swap(pointer, b"2", pipeline.tag(pointer))
        approver = acting("approver", STORE)
        approver.swap(pointer, b"3", approver.tag(pointer))
        assert approver.read(pointer) == b"3"
    finally:
        bootstrap(owner, users, places(), "--retention-days", "10")


@pytest.mark.parametrize("role", ["pipeline", "reader", "deliverer"])
def test_no_key_of_a_run_can_change_who_may_do_what(owner, role):
    admin = MinioAdmin(
        endpoint=owner.host,
        credentials=StaticProvider(f"risk-{role}", f"secret-of-{role}"),
        secure=False,
    )
    with pytest.raises(MinioAdminException, match=REFUSED):
        admin.policy_set("creditrisk-approver", user=f"risk-{role}")


def test_the_reader_reads_all_and_writes_nothing(acting):
    acting("pipeline", STORE).write("months/2024-01-01/run.json", b"{}")
    acting("deliverer", LANDING).write("loans.csv", b"a,b")
    store = acting("reader", STORE)
    assert store.read("months/2024-01-01/run.json") == b"{}"
    assert acting("reader", LANDING).read("loans.csv") == b"a,b"
    for uri in (STORE, AUDIT, LANDING):
        with refused():
            acting("reader", uri).write("x", b"")


def test_the_reader_looks_into_a_store_from_python(acting):
    month = date(2024, 1, 1)
    rows = scored(month, "C1", "C2")
    Lake(acting("pipeline", STORE)).write(SCORES, month, rows, inputs={}, code="test")
    acting("reader", STORE)
    view = creditrisk.open(STORE)
    assert "scores/applications" in view.tables()
    assert view.scores("2024-1").to_pandas().customer_id.tolist() == ["C1", "C2"]
    with pytest.raises(UserError, match="it has 2024-01 to 2024-01"):
        view.scores("2024-02")


def scored(month, *customers):
    row = {"snapshot_date": month, "model_version": "v", "held_back": False, "rescored": False}
    rows = [row | {"application_id": f"{c}_1", "customer_id": c} for c in customers]
    return pa.Table.from_pylist(rows, schema=SCORES.arrow)


def test_the_deliverer_knows_the_landing_alone(acting):
    landing = acting("deliverer", LANDING)
    landing.write("loans.csv", b"a,b")
    with refused():
        landing.delete("loans.csv")
    for uri in (STORE, AUDIT):
        with refused():
            acting("deliverer", uri).read("x")


def test_the_pipeline_alters_no_delivery(acting):
    acting("deliverer", LANDING).write("loans.csv", b"a,b")
    landing = acting("pipeline", LANDING)
    assert landing.read("loans.csv") == b"a,b"
    with refused():
        landing.write("loans.csv", b"c,d")


def test_a_key_that_was_rotated_opens_nothing(owner, users, tmp_path, acting):
    new = shutil.copytree(users, tmp_path / "users")
    (new / "reader" / "secretkey").write_text("another-secret")
    assert main(["--users", f"{new}", "--retention-days", "10"]) == 0
    with pytest.raises(UserError, match="refused the keys"):
        acting("reader", STORE)
