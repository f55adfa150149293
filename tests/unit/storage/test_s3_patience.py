"""How long a server that is away is waited for."""

import pytest

from creditrisk.storage import AwayError, open_store, s3
from creditrisk.storage.connection import PATIENCE
from creditrisk.storage.retries import AnnouncedRetries
from tests.builders.s3_answers import answering, at, refusal


@pytest.fixture
def server(monkeypatch):
    with answering() as answers:
        at(monkeypatch, answers.url)
        yield answers


@pytest.fixture
def waits(monkeypatch):
    """Seconds between attempts; nobody waits them."""
    found = []
    monkeypatch.setattr(AnnouncedRetries, "given_up", False)
    monkeypatch.setattr(s3, "_ATTEMPTS", 8)
    monkeypatch.setattr("urllib3.util.retry.time.sleep", found.append)
    return found


def test_a_server_that_is_away_is_waited_for_once_and_again_after_it_has_answered(
    server, monkeypatch, waits
):
    def waited(url):
        waits.clear()
        at(monkeypatch, url)
        assert "127.0.0.1:9 does not answer" in refusal(lambda: open_store("s3://lake/p"))
        return sum(waits)

    away = "http://127.0.0.1:9"
    assert waited(away) == 39
    assert waited(away) == 0
    at(monkeypatch, server.url)
    assert open_store("s3://lake/p").exists()
    assert waited(away) == 39


def test_no_attempt_begins_after_the_time_that_every_client_has(monkeypatch, waits):
    at(monkeypatch, "http://127.0.0.1:9")
    clock = iter(range(0, 1000, 15))
    monkeypatch.setattr("creditrisk.storage.retries.time.monotonic", lambda: next(clock))
    with pytest.raises(AwayError):
        open_store("s3://lake/p")
    assert sum(waits) < PATIENCE < 60
