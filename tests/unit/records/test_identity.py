"""Who acts: what the operating system, the bucket or the cluster says, never the environment."""

import base64
import json
import pwd

import pytest

from creditrisk.errors import GateError
from creditrisk.records import identity, layout
from creditrisk.records.identity import caller, note_pipelines_accounts, signed
from creditrisk.stages.decision.resolve import resolve
from creditrisk.storage.file import FileStore

RUN = "system:serviceaccount:kubeflow:creditrisk-run"


@pytest.fixture
def store(tmp_path) -> FileStore:
    return FileStore(tmp_path / "store")


@pytest.fixture
def bucket(store, monkeypatch) -> FileStore:
    """A store that shows a key, `theirs`, to a bucket."""
    store.uri = "s3://lake/prefix"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "theirs")
    return store


@pytest.fixture
def pod(tmp_path, monkeypatch):
    """This process in a pod, under an account of the cluster."""

    def of(name: str) -> None:
        claims = base64.urlsafe_b64encode(json.dumps({"sub": name}).encode()).decode().rstrip("=")
        (tmp_path / "token").write_text(f"e30.{claims}.c2ln")
        (tmp_path / "namespace").write_text("kubeflow")
        monkeypatch.setattr(identity, "_POD", tmp_path)
        monkeypatch.setattr(identity, "_token_owner", lambda: name)

    return of


@pytest.mark.parametrize("name", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_no_variable_makes_another_person(name, store, monkeypatch):
    before = caller(store)
    monkeypatch.setenv(name, "the-chief-risk-officer")
    assert caller(store) == before
    assert before.vouched_by == "self-asserted"


def test_an_account_without_a_name_acts_under_its_number(store, monkeypatch):
    def nobody(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    assert str(caller(store)) == "uid 12345 (self-asserted)"


def test_in_a_pod_the_cluster_vouches_also_with_a_bucket(bucket, pod):
    pod("system:serviceaccount:risk:ann")
    assert str(caller(bucket)) == "system:serviceaccount:risk:ann (kubernetes)"


@pytest.mark.parametrize(
    "name",
    ["pipeline", "creditrisk-pipeline", "creditrisk-run", "Pipeline", "creditrisk-cards-run"],
)
def test_the_pipeline_s_account_acts_for_nobody_whatever_vouches_for_it(
    name, store, bucket, pod, monkeypatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", name)
    with pytest.raises(GateError, match=rf"{name} \(store credential\) runs the pipeline"):
        caller(bucket)
    monkeypatch.setattr(identity, "account", lambda: name)
    with pytest.raises(GateError, match=rf"{name} \(self-asserted\) runs the pipeline"):
        caller(FileStore(store.root))
    pod(f"system:serviceaccount:any:{name}")
    with pytest.raises(GateError, match=rf"{name} \(kubernetes\) runs the pipeline"):
        caller(bucket)


def test_what_a_pipeline_has_run_as_acts_for_nobody_whatever_its_name(bucket, pod, monkeypatch):
    pod("system:serviceaccount:risk:runner")
    assert caller(bucket).name.endswith("runner")
    monkeypatch.setenv("KFP_POD_NAME", "monthly-1")
    note_pipelines_accounts(bucket)
    with pytest.raises(GateError, match="task cannot act"):
        caller(bucket)
    monkeypatch.delenv("KFP_POD_NAME")
    with pytest.raises(GateError, match=r"risk:runner .* runs the pipeline \(a run as it"):
        caller(bucket)
    monkeypatch.setattr(identity, "_POD", bucket.root / "none")
    with pytest.raises(GateError, match=r"theirs \(store credential\) runs the pipeline"):
        caller(bucket)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "approver")
    assert caller(bucket).name == "approver"


def test_a_run_on_a_laptop_takes_no_person_s_name_away(store, monkeypatch):
    monkeypatch.setenv("CREDITRISK_STORE", store.uri)
    resolve("2024-09-01", "", "", "run", lease=False)
    assert caller(store).name == identity.account()


def test_a_mark_on_a_name_that_nothing_vouches_for_is_no_run_s(store):
    """Whoever can write on the disk could lock a person out by it."""
    store.write(layout.pipelines_account(identity.account()), b"")
    assert caller(store).name == identity.account()


def test_a_run_in_a_cluster_leaves_what_it_ran_as(store, pod, monkeypatch):
    pod(RUN)
    monkeypatch.setenv("CREDITRISK_STORE", store.uri)
    monkeypatch.setenv("KFP_POD_NAME", "monthly-1")
    resolve("2024-09-01", "", "", "run", lease=False)
    assert list(store.keys("accounts/")) == [f"accounts/{RUN.replace(':', '%3A')}"]


def test_a_name_is_shown_with_what_vouches_for_it():
    assert signed("ann", "self-asserted") == "ann (self-asserted)"
    assert signed("pipeline", "") == "pipeline"
