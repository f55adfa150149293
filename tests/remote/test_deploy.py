"""Deploying: what is sent, what is not sent twice, and what is said when it cannot be."""

import json
from dataclasses import replace

import pytest
from kfp_server_api import ApiException

from creditrisk.errors import UserError
from pipelines.remote.api import Api, RefusedError
from pipelines.remote.deploy import deploy, find_version
from pipelines.remote.endpoint import Endpoint
from pipelines.remote.packages import digest, read
from tests.builders.http_faults import RawAnswer, lose, only, refuse
from tests.builders.kfp_api import BASE
from tests.remote.conftest import creditrisk

NAMES = ["creditrisk-monthly-lifecycle", "creditrisk-training", "creditrisk-backfill"]
UPLOAD = ["POST /pipelines", "POST /pipelines/upload_version"]


def test_every_pipeline_is_made_once_with_one_version_named_by_its_content(
    command, server, compiled, package_dir
):
    text = command("deploy", "--package-dir", package_dir).output
    assert [p["display_name"] for p in server.pipelines.values()] == NAMES
    assert [v["display_name"] for v in server.versions.values()] == [p.version for p in compiled]
    assert server.changes() == UPLOAD * 3
    for package in compiled:
        assert f"{package.pipeline} {package.version} uploaded" in text


def test_what_arrives_is_the_package_byte_for_byte(command, server, package_dir):
    command("deploy", "--package-dir", package_dir)
    sent = [r.body for r in server.requests if r.path == f"{BASE}/pipelines/upload_version"]
    files = [package_dir / f"{name}.yaml" for name in ("monthly_lifecycle", "training", "backfill")]
    assert sent == [file.read_text() for file in files]


def test_the_same_content_is_not_uploaded_again(command, server, package_dir):
    command("deploy", "--package-dir", package_dir)
    server.requests.clear()
    text = command("deploy", "--package-dir", package_dir).output
    assert server.changes() == []
    assert text.count("there already") == 3


def test_a_changed_package_becomes_a_second_version_of_the_same_pipeline(
    command, server, package_dir, tmp_path
):
    command("deploy", "--package-dir", package_dir)
    other = _changed(package_dir, tmp_path)
    command("deploy", "--package-dir", other)
    assert len(server.pipelines) == 3
    assert len(server.versions) == 4


def test_an_older_content_deployed_again_is_what_runs_again(
    server, api, compiled, package_dir, tmp_path
):
    newer = read(_changed(package_dir, tmp_path) / "backfill.yaml")
    older = next(package for package in compiled if package.pipeline == newer.pipeline)
    list(deploy(api, [older, newer]))
    [back] = deploy(api, [older])
    assert (back.uploaded, back.version) == (True, f"{older.version}-2")
    assert find_version(api, older.pipeline).content == older.version
    assert find_version(api, older.pipeline, older.version).name == f"{older.version}-2"
    assert find_version(api, older.pipeline, newer.version).name == newer.version
    assert [item.uploaded for item in deploy(api, [older])] == [False]


def test_the_version_of_kfp_that_wrote_a_package_does_not_rename_it():
    assert digest("a: 1\nsdkVersion: kfp-2.17.0\n") == digest("a: 1\nsdkVersion: kfp-2.17.3\n")
    assert digest("a: 1\nsdkVersion: kfp-2.17.0\n") != digest("a: 2\nsdkVersion: kfp-2.17.0\n")


def test_json_names_versions_and_pages(command, server, compiled, package_dir):
    done = json.loads(command("deploy", "--package-dir", package_dir, "--json").stdout)
    assert [item["version"] for item in done] == [package.version for package in compiled]
    id, version = next(iter(server.pipelines)), next(iter(server.versions))
    assert done[0]["link"] == f"{server.url}/#/pipelines/details/{id}/version/{version}"


def test_a_version_on_the_second_page_is_found(server, api, compiled):
    server.page = 1
    package = compiled[0]
    others = [replace(package, pipeline=f"creditrisk-{number}") for number in range(3)]
    list(deploy(api, [*others, package]))
    server.requests.clear()
    assert [item.uploaded for item in deploy(api, [package])] == [False]


def test_many_users_have_pipelines_of_their_own_namespace(many, package_dir, monkeypatch):
    monkeypatch.setenv("CREDITRISK_KFP_TOKEN", "t0k")
    words = ("deploy", "--package-dir", package_dir, "--host", many.url, "--namespace", "risk")
    creditrisk(*words)
    assert {p["namespace"] for p in many.pipelines.values()} == {"risk"}
    many.requests.clear()
    assert creditrisk(*words).output.count("there already") == 3
    assert many.changes() == []


def test_a_token_file_is_read_again_at_each_call(many, tmp_path, monkeypatch):
    token = tmp_path / "token"
    token.write_text("t0k")
    monkeypatch.setenv("KF_PIPELINES_SA_TOKEN_PATH", str(token))
    api = Api.at(many.url, "risk")
    assert api.health["multi_user"]
    token.write_text("renewed")
    many.token = "renewed"  # noqa: S105 - a fake's
    with pytest.raises(UserError, match="has no pipeline creditrisk-training"):
        find_version(api, "creditrisk-training")


def test_a_cookie_is_sent(server, monkeypatch):
    monkeypatch.setenv("CREDITRISK_KFP_COOKIE", "authservice_session=abc")
    assert Api.at(server.url, "").health["tag_name"] == "2.17.0"
    assert server.requests[-1].headers["cookie"] == "authservice_session=abc"


def test_nothing_is_written_to_the_home_directory(command, package_dir, tmp_path):
    command("deploy", "--package-dir", package_dir)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, "401 no; say who you are: CREDITRISK_KFP_TOKEN"),
        (403, "403 no; this account lacks a right in namespace kubeflow"),
        (404, "404 no; is this the address of the API"),
        (400, "refused pipeline creditrisk-monthly-lifecycle: 400 no"),
    ],
)
def test_a_refusal_is_one_line_that_names_the_next_move(command, server, package_dir, status, text):
    server.before.append(only("POST /", refuse(status)))
    with pytest.raises(UserError) as error:
        command("deploy", "--package-dir", package_dir)
    assert text in str(error.value)
    assert "\n" not in str(error.value)
    assert not server.pipelines


# as a Kubeflow for many users answers the account of another profile
WHO = "User 'system:serviceaccount:risk-cards:default-editor' is not authorized"
ASKED = (
    "Namespace:kubeflow,Verb:list,Group:pipelines.kubeflow.org,Version:v1beta1,Resource:pipelines"
)
CAUSE = f"{WHO} with reason:  (request: &ResourceAttributes{{{ASKED},Subresource:,Name:,}})"
STACK = "Failed to list pipelines in namespace kubeflow. Check error stack: " * 5
DENIED = json.dumps({"code": 7, "message": STACK + CAUSE, "details": [{"message": CAUSE}]})


def test_a_right_that_an_account_lacks_is_named():
    denied = ApiException(status=403)
    denied.body = DENIED
    error = RefusedError(Endpoint("http://kfp"), "pipelines", denied)
    right = "; this account needs the right to list pipelines in namespace kubeflow"
    assert str(error) == f"http://kfp refused pipelines: 403 {WHO}{right}"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("wanted", ["GET .*healthz", "GET .*pipelines", "POST .*pipelines$", "upl"])
def test_a_server_that_is_not_ready_is_asked_again(command, server, package_dir, status, wanted):
    server.before += [only(wanted, refuse(status)), only(wanted, refuse(status))]
    command("deploy", "--package-dir", package_dir)
    assert len(server.pipelines) == len(server.versions) == 3


def test_a_server_that_stays_unready_is_one_line(command, server, package_dir):
    server.before += [only("POST", refuse(503))] * 3
    with pytest.raises(UserError, match=r"503 no; the server is not ready: try again"):
        command("deploy", "--package-dir", package_dir)


@pytest.mark.parametrize("wanted", UPLOAD)
def test_an_answer_that_is_lost_makes_no_second_version(command, server, package_dir, wanted):
    server.after += [_when(wanted, lose)] * 2
    text = command("deploy", "--package-dir", package_dir).output
    assert text.count("uploaded") == 3
    assert len(server.pipelines) == len(server.versions) == 3


def test_another_who_deploys_the_same_at_this_moment_is_no_error(
    command, server, package_dir, compiled
):
    def rival(state, request):
        list(deploy(Api.at(state.url, ""), compiled))

    server.before.append(only("POST .*pipelines$", rival))
    command("deploy", "--package-dir", package_dir)
    assert len(server.pipelines) == len(server.versions) == 3


@pytest.mark.parametrize("data", [b"<html>log in</html>", b"", b"{"])
def test_a_page_that_is_no_api_is_not_taken_for_an_empty_answer(command, server, package_dir, data):
    def page(state, request):
        raise RawAnswer(data, "text/html")

    server.before.append(only("GET .*pipelines", page))
    with pytest.raises(UserError, match="is no JSON: a login page, or not the API"):
        command("deploy", "--package-dir", package_dir)
    assert server.changes() == []


def test_a_server_that_never_answers_is_given_up(command, server, package_dir, monkeypatch):
    from threading import Event

    monkeypatch.setattr("pipelines.remote.api.LIMIT", (0.2, 0.2))
    done = Event()
    server.before += [lambda state, request: done.wait(5)] * 2
    with pytest.raises(UserError, match=r"does not answer \(its health\)"):
        command("deploy", "--package-dir", package_dir)
    done.set()


def test_nobody_at_the_address_is_one_line(package_dir):
    with pytest.raises(UserError, match=r"127.0.0.1:9 does not answer \(its health\); is it up"):
        creditrisk("deploy", "--package-dir", package_dir, "--host", "http://127.0.0.1:9")


@pytest.mark.parametrize("host", ["", "ml-pipeline:8888"])
def test_an_address_that_is_none_says_how_to_get_one(host, package_dir):
    with pytest.raises(UserError, match="kubectl port-forward"):
        creditrisk("deploy", "--package-dir", package_dir, "--host", host)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "No such file or directory; python compile.py writes it"),
        ("{", "is no compiled pipeline"),
        ("a: 1", "is no compiled pipeline"),
        ("a: 1\n---\nb: 2", "is no compiled pipeline"),
    ],
)
def test_a_folder_without_sound_packages_uploads_nothing(command, server, tmp_path, text, found):
    if text:
        (tmp_path / "monthly_lifecycle.yaml").write_text(text)
    with pytest.raises(UserError, match=found):
        command("deploy", "--package-dir", tmp_path)
    assert server.changes() == []


def test_a_package_that_is_not_fit_to_run_uploads_nothing(command, server, package_dir, tmp_path):
    other = _changed(package_dir, tmp_path)
    path = other / "training.yaml"
    path.write_text(path.read_text().replace("creditrisk-ml:0.1.0", "creditrisk-ml:latest"))
    with pytest.raises(UserError, match=r"training.yaml: .*pin a tag or a digest"):
        command("deploy", "--package-dir", other)
    assert server.changes() == []


def _changed(package_dir, folder):
    """The packages with another image in one of them."""
    other = folder / "changed"
    other.mkdir()
    for path in package_dir.glob("*.yaml"):
        text = path.read_text()
        if path.stem == "backfill":
            text = text.replace("creditrisk-spark:0.1.0", "creditrisk-spark:0.2.0")
        (other / path.name).write_text(text)
    return other


def _when(wanted, fault):
    """A fault after the answer to a request, whichever comes."""

    def waiting(server, request):
        if f"{request.method} {request.path.removeprefix(BASE)}" != wanted:
            server.after.insert(0, waiting)
            return
        fault(server, request)

    return waiting
