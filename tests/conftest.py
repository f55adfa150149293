"""What every test can rely on: no settings of the developer's own, no clock in properties."""

import gc
import os
import signal
from functools import cache

import pytest
import typer.testing
from hypothesis import settings

# a shared machine stalls: an example's time says nothing about the code
settings.register_profile("house", deadline=None)
# a commit is judged by what it is, not by a draw: laptops go on looking for what fails
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if "CI" in os.environ else "house")


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk():
    # tens of thousands of syncs of some milliseconds each; no test outlives a power cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_command_for_all():
    # Typer reads every signature anew for every call of a test; it is the same each time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.testing._get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def little_garbage():
    # what a test leaves is small beside what all of them loaded, which is looked through each time
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture(autouse=True)
def no_settings_of_the_developer(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("CREDITRISK_", "AWS_")) and name != "AWS_CA_BUNDLE":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_answer_to_ctrl_c_of_a_test_before():
    # Spark's session answers by ending Java, which all of a worker's tests share: a lost lease,
    # which interrupts its own process, ended it for every test after
    signal.signal(signal.SIGINT, signal.default_int_handler)
