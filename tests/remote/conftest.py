"""A server of Kubeflow's API on loopback, kfp's own client, pipelines compiled once."""

import os
import sys
from types import SimpleNamespace

import pytest

from pipelines.compilation import compile_all
from pipelines.remote import api as api_module
from pipelines.remote import submit
from pipelines.remote.api import Api
from pipelines.remote.deploy import deploy
from pipelines.remote.packages import packages
from tests.builders.commands import run_here
from tests.builders.kfp_api import Server
from tests.builders.loopback import serving


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """No waits between attempts, nobody's own settings, a home of this test's own."""
    monkeypatch.setattr(api_module, "WAITS", (0, 0, 0))
    monkeypatch.setattr(api_module, "_BACKOFF", 0)
    monkeypatch.setattr(submit, "POLL", 0.01)
    for name in list(os.environ):
        if name.startswith("KF_PIPELINES_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="session", autouse=True)
def one_frame_of_the_stack():
    # kfp reads the source of each frame for the name of one, at each setting of a task: below
    # pytest, nine tenths of what it takes to compile
    def stack():
        return [None, (None, None, None, sys._getframe(2).f_code.co_name)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kfp.dsl.pipeline_task.inspect", SimpleNamespace(stack=stack))
        yield


@pytest.fixture(scope="session")
def package_dir(tmp_path_factory):
    """The three pipelines, compiled."""
    folder = tmp_path_factory.mktemp("packages")
    compile_all(folder)
    return folder


@pytest.fixture(scope="session")
def compiled(package_dir):
    with packages(package_dir) as found:
        return found


@pytest.fixture
def server():
    """Kubeflow Pipelines for one user."""
    with serving(Server()) as state:
        yield state


@pytest.fixture
def many():
    """Kubeflow for many users: a namespace is wanted, and a token."""
    with serving(Server(multi_user=True, token="t0k")) as state:  # noqa: S106 - a fake's
        yield state


@pytest.fixture
def api(server):
    return Api.at(server.url, "")


@pytest.fixture
def deployed(server, api, compiled):
    """The server, with the monthly pipeline uploaded."""
    list(deploy(api, compiled[:1]))
    server.requests.clear()
    return server


@pytest.fixture
def command(server):
    """The command against the server; an error meant for a person is raised."""

    def run(*words):
        return creditrisk(*words, "--host", server.url)

    return run


def creditrisk(*words):
    return run_here(*map(str, words))
