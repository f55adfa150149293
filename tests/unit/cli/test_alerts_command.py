"""`creditrisk alerts`."""

import json

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.reports.alerts.send import send_alerts
from tests.builders.alert_months import AT, MARCH, QUICK, SECRET, closed_month
from tests.builders.small_lender import small_period, small_policy


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, MARCH, small_policy(QUICK))


def test_the_command_lists_what_was_told_and_to_whom(period, hook):
    hook.status = 404
    closed_month(period, "blocked")
    send_alerts(period, AT)
    done = CliRunner().invoke(app, ["alerts", "list", "--store", period.store.uri, "--json"])
    (text,) = json.loads(done.stdout)
    assert (text["alert"]["event"], text["resolved"]) == ("blocked", "")
    shown = CliRunner().invoke(app, ["alerts", "list", "--store", period.store.uri]).stdout
    assert "HTTP 404" in " ".join(shown.split())


def test_the_command_tries_every_channel(hook, monkeypatch):
    url = f"json://{hook.address}"
    monkeypatch.setenv("CREDITRISK_ALERT_URLS", f"{url}/{SECRET} {url}/2")
    done = CliRunner().invoke(app, ["alerts", "test"])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [f"{url}: arrived", f"{url} #2: arrived"]
    hook.status = 401
    done = CliRunner().invoke(app, ["alerts", "test"])
    assert done.exit_code == 1
    assert f"json://{hook.address}: HTTP 401" in done.stdout
    assert SECRET not in done.stdout


def test_the_command_without_a_channel_says_what_to_set():
    done = CliRunner().invoke(app, ["alerts", "test"])
    assert "set CREDITRISK_ALERT_URLS, see docs/alerts.md" in str(done.exception)
