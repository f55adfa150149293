"""Who is told what when months close: once, in numbers, and that it is over."""

import json
import logging
from datetime import date

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.reporting.alerts.firing import firing
from creditrisk.reporting.alerts.record import every, recall
from creditrisk.reporting.alerts.tell import tell, tell_failure
from creditrisk.runs import RunRecord
from tests.loopback import AlertmanagerServer, Web, serving
from tests.small import small_period, small_policy
from tests.versions import at_month

MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)
AT, AGAIN, LATER = (f"2024-0{month}-02T08:00:00.000+00:00" for month in (4, 5, 6))
SECRET = "T0pquiet"  # noqa: S105 - what must not come out
QUICK = "alerts: {seconds: 3}"


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, MARCH, small_policy(QUICK))


@pytest.fixture
def hook(monkeypatch):
    with serving(Web()) as server:
        monkeypatch.setenv("CREDITRISK_ALERT_URLS", f"json://{server.address}/{SECRET}")
        yield server


@pytest.fixture
def alertmanager(monkeypatch):
    with serving(AlertmanagerServer()) as server:
        url = f"http://ops:{SECRET}@{server.address}"
        monkeypatch.setenv("CREDITRISK_ALERTMANAGER_URL", url)
        yield server


def lived(period, decision="keep", status="ok", tasks=(), triggers=()):
    """What decide and close leave of a month."""
    axes = {
        "discrimination": {"state": "red", "text": "AUC 0.641 (0.602 to 0.680), floor 0.7"},
        "stability": {"state": "green", "text": "score PSI 0.031"},
        "calibration": {"state": "red", "text": "O/E 1.52 (1.31 to 1.75)"},
    }
    content = {
        "decision": decision,
        "action": "none",
        "triggers": list(triggers),
        "reasons": ["two of three axes are red"],
        "axes": axes,
        "champion": "2023-12-initial-1",
    }
    key = f"decisions/{period.as_of}/0001.json"
    period.store.write(key, json.dumps(content).encode())
    run = {"run_id": "run", "status": status, "tasks": list(tasks)}
    period.store.write(f"months/{period.as_of}/run.json", json.dumps(run).encode())


def waits(period, version="2024-03-retrain-1"):
    asked = {"version": version, "as_of": "2024-03-01", "requested_by": "pipeline"}
    asked["requested_at"] = AT
    period.store.write(f"registry/pending/{version}.json", json.dumps(asked).encode())
    return f"registry/pending/{version}.json"


class Ear(logging.Handler):
    """A log somebody keeps."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def titles(server):
    return [body["title"] for _, _, body in server.got]


@pytest.mark.parametrize(
    ("decision", "urgency"),
    [
        ("watch", "warning"),
        ("recalibrate", "warning"),
        ("retrain", "warning"),
        ("contain", "critical"),
        ("blocked", "critical"),
    ],
)
def test_a_decision_is_told_with_its_numbers(period, decision, urgency, monkeypatch):
    monkeypatch.setenv("CREDITRISK_DASHBOARD_URL", "http://risk.example/")
    lived(period, decision)
    (alert,) = firing(period)
    assert (alert.event, alert.urgency) == (decision, urgency)
    assert alert.title.startswith("small-lender 2024-03: ")
    assert "discrimination red: AUC 0.641 (0.602 to 0.680), floor 0.7" in alert.lines
    assert "two of three axes are red" in alert.lines
    assert alert.link == "http://risk.example"


@pytest.mark.parametrize("decision", ["keep", "wait"])
def test_a_quiet_month_tells_nobody(period, hook, decision):
    lived(period, decision)
    tell(period, AT)
    assert hook.got == []
    assert list(every(period.store)) == []


def test_what_the_policy_calls_none_is_not_told(tmp_path, hook):
    period = small_period(tmp_path, MARCH, small_policy("alerts: {watch: none}"))
    lived(period, "watch")
    tell(period, AT)
    assert hook.got == []


def test_a_failed_run_is_told_with_the_task_and_its_error(period, hook):
    failed = {"task": "train", "status": "failed", "error": "ValueError: 3 rows"}
    lived(period, "retrain", "failed", [{"task": "etl", "status": "ok", "error": ""}, failed])
    tell(period, AT)
    assert titles(hook) == ["small-lender 2024-03: retrain", "small-lender 2024-03: the run failed"]
    assert "train: ValueError: 3 rows" in hook.got[1][2]["message"]


def test_months_without_evidence_are_told_beside_the_decision(period):
    lived(period, "watch", triggers=["insufficient_evidence"])
    assert [alert.event for alert in firing(period)] == ["watch", "insufficient"]


def test_a_run_that_never_knew_its_month_is_told(period, hook, monkeypatch):
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    record = RunRecord("r", "resolve_period", "../x", "failed", AT, 0.1, 1, 2, "no policy")
    period.store.write("runs/r/resolve_period.json", json.dumps(vars(record)).encode())
    tell_failure("r", "run r failed before its month was known: no policy", AT)
    tell_failure("r", "run r failed before its month was known: no policy", AGAIN)
    ((_, _, body),) = hook.got
    assert "no policy" in body["message"]
    assert recall(period.store, "unknown/failed")


def test_a_challenger_that_waits_is_told_with_what_to_do(period, hook):
    lived(period)
    waits(period)
    tell(period, AT)
    assert titles(hook) == ["small-lender: 2024-03-retrain-1 waits for approval"]
    assert "creditrisk registry approve 2024-03-retrain-1" in hook.got[0][2]["message"]


def test_a_month_run_again_tells_nothing_twice(period, hook, alertmanager):
    lived(period, "retrain")
    tell(period, AT)
    tell(period, AGAIN)
    assert len(hook.got) == len(alertmanager.got) == 1


def test_a_decision_that_changed_is_news(period, hook):
    lived(period, "retrain")
    tell(period, AT)
    lived(period, "retrain", triggers=["insufficient_evidence"])
    tell(period, AGAIN)
    assert titles(hook) == [
        "small-lender 2024-03: retrain",
        "small-lender 2024-03: the model runs unobserved",
    ]


def test_a_dead_channel_is_recorded_and_hears_it_when_the_month_is_run_again(
    period, hook, alertmanager
):
    hook.status = 503
    lived(period, "contain")
    waits(period)
    tell(period, AT)
    told = recall(period.store, "2024-03-01/contain")
    dead, alive = told.sent
    assert (dead.channel, dead.arrived, dead.why, dead.at) == (
        f"json://{hook.address}", False, "HTTP 503", AT,
    )  # fmt: skip
    assert (alive.channel, alive.arrived) == (f"alertmanager http://{alertmanager.address}", True)
    assert len(hook.got) == 2  # two attempts for the first alert, none for the second
    hook.status = 200
    tell(period, AGAIN)
    assert len(hook.got) == 4
    assert len(alertmanager.got) == 2
    assert recall(period.store, "2024-03-01/contain").reached(f"json://{hook.address}")


def test_a_later_month_without_it_ends_it_at_the_alertmanager_alone(period, hook, alertmanager):
    lived(period, "watch")
    tell(period, AT)
    assert alertmanager.firing(AT) == {("CreditRiskWatch", "")}
    april = at_month(period, APRIL)
    lived(april, "keep")
    tell(april, AGAIN)
    assert alertmanager.firing(AGAIN) == set()
    assert len(hook.got) == 1
    assert recall(period.store, "2024-03-01/watch").resolved == AGAIN
    tell(april, LATER)
    assert len(alertmanager.got) == 2


def test_an_end_the_alertmanager_did_not_hear_is_told_again(period, alertmanager):
    lived(period, "watch")
    tell(period, AT)
    april = at_month(period, APRIL)
    lived(april, "keep")
    alertmanager.status = 500
    tell(april, AGAIN)
    assert alertmanager.firing(AGAIN) == {("CreditRiskWatch", "")}
    alertmanager.status = 200
    tell(april, LATER)
    assert alertmanager.firing(LATER) == set()


def test_an_older_month_run_again_ends_nothing_of_a_newer_one(period, alertmanager):
    april = at_month(period, APRIL)
    lived(april, "contain")
    tell(april, AT)
    lived(period, "keep")
    tell(period, AGAIN)
    assert alertmanager.firing(AGAIN) == {("CreditRiskContain", "")}


def test_a_failure_mended_is_over_and_a_second_one_is_told_again(period, hook, alertmanager):
    failed = [{"task": "etl", "status": "failed", "error": "no file"}]
    lived(period, "keep", "failed", failed)
    tell(period, AT)
    lived(period, "keep")
    tell(period, AGAIN)
    assert alertmanager.firing(AGAIN) == set()
    lived(period, "keep", "failed", failed)
    tell(period, LATER)
    assert alertmanager.firing(LATER) == {("CreditRiskFailed", "")}
    assert len(hook.got) == 2


def test_an_approval_given_ends_the_waiting(period, alertmanager):
    lived(period)
    key = waits(period)
    tell(period, AT)
    assert alertmanager.firing(AT) == {("CreditRiskPending", "2024-03-retrain-1")}
    period.store.delete(key)
    tell(period, AGAIN)
    assert alertmanager.firing(AGAIN) == set()


def test_without_a_channel_the_alert_is_in_the_store_all_the_same(period, hook, monkeypatch):
    monkeypatch.delenv("CREDITRISK_ALERT_URLS")
    lived(period, "retrain")
    tell(period, AT)
    told = recall(period.store, "2024-03-01/retrain")
    assert (told.sent, told.since) == ((), AT)
    monkeypatch.setenv("CREDITRISK_ALERT_URLS", f"json://{hook.address}/{SECRET}")
    tell(period, AGAIN)
    assert len(hook.got) == 1


def test_no_secret_is_in_the_store_or_in_what_is_said(period, hook, alertmanager, capfd, tmp_path):
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    heard = Ear()
    logging.getLogger().addHandler(heard)
    hook.status = alertmanager.status = 500
    lived(period, "retrain")
    tell(period, AT)
    logging.getLogger().removeHandler(heard)
    said = capfd.readouterr()
    assert "HTTP 500" in said.err
    assert SECRET not in said.out + said.err + "".join(heard.said)
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 3
    assert not any(SECRET.encode() in data for data in kept)


def test_what_cannot_be_told_fails_no_run(period, hook, capfd):
    lived(period, "retrain")
    key = f"decisions/{period.as_of}/0001.json"
    period.store.write(key, b"{")
    tell(period, AT)
    assert capfd.readouterr().err == "alerts: not told: JSONDecodeError\n"


def test_the_command_lists_what_was_told_and_to_whom(period, hook, alertmanager):
    hook.status = 404
    lived(period, "blocked")
    tell(period, AT)
    done = CliRunner().invoke(app, ["alerts", "list", "--store", period.store.uri, "--json"])
    (told,) = json.loads(done.stdout)
    assert (told["alert"]["event"], told["resolved"]) == ("blocked", "")
    shown = CliRunner().invoke(app, ["alerts", "list", "--store", period.store.uri]).stdout
    assert "HTTP 404" in " ".join(shown.split())


def test_the_command_tries_every_channel(hook, alertmanager):
    done = CliRunner().invoke(app, ["alerts", "test"])
    assert done.exit_code == 0
    assert done.stdout.count("arrived") == 2
    hook.status = 401
    done = CliRunner().invoke(app, ["alerts", "test"])
    assert done.exit_code == 1
    assert f"json://{hook.address}: HTTP 401" in done.stdout
    assert SECRET not in done.stdout


def test_the_command_without_a_channel_says_what_to_set():
    done = CliRunner().invoke(app, ["alerts", "test"])
    assert "set CREDITRISK_ALERT_URLS or CREDITRISK_ALERTMANAGER_URL" in str(done.exception)
