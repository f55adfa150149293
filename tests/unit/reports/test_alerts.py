"""Who is told what when months close: once, and in numbers."""

import logging

import pytest

from creditrisk.errors import UserError
from creditrisk.records.alerts import read_record, read_records
from creditrisk.reports.alerts.firing import firing
from creditrisk.reports.alerts.send import send_alerts, send_failure
from tests.builders.alert_months import AGAIN, AT, MARCH, QUICK, SECRET, closed_month, waits
from tests.builders.alert_servers import Web, serving
from tests.builders.documents import record
from tests.builders.small_lender import small_period, small_policy


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, MARCH, small_policy(QUICK))


class Ear(logging.Handler):
    """A log somebody keeps."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


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
    closed_month(period, decision)
    (alert,) = firing(period, AT)
    assert (alert.event, alert.urgency) == (decision, urgency)
    assert alert.title.startswith("small-lender 2024-03: ")
    assert "discrimination red: AUC 0.641 (0.602 to 0.680), floor 0.7" in alert.lines
    assert "two of three axes are red" in alert.lines
    assert alert.link == "http://risk.example"


@pytest.mark.parametrize("decision", ["keep", "wait"])
def test_a_quiet_month_tells_nobody(period, hook, decision):
    closed_month(period, decision)
    send_alerts(period, AT)
    assert hook.got == []
    assert list(read_records(period.store)) == []


def test_what_the_policy_calls_none_is_not_told(tmp_path, hook):
    period = small_period(tmp_path, MARCH, small_policy("alerts: {watch: none}"))
    closed_month(period, "watch")
    send_alerts(period, AT)
    assert hook.got == []


def test_a_failed_run_is_told_with_the_task_and_its_error(period, hook):
    failed = record("train", "failed", "ValueError: 3 rows")
    closed_month(period, "retrain", "failed", [record("etl"), failed])
    send_alerts(period, AT)
    assert titles(hook) == ["small-lender 2024-03: retrain", "small-lender 2024-03: the run failed"]
    assert "train: ValueError: 3 rows" in hook.got[1][2]["message"]


def test_months_without_evidence_are_told_beside_the_decision(period):
    closed_month(period, "watch", triggers=["insufficient_evidence"])
    assert [alert.event for alert in firing(period, AT)] == ["watch", "insufficient"]


def test_a_run_that_never_knew_its_month_is_told(period, hook, monkeypatch):
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    failed = record("resolve_period", "failed", "no policy", as_of="../x")
    period.store.write("runs/r/resolve_period.json", failed.encode())
    send_failure("r", "run r failed before its month was known: no policy", AT)
    send_failure("r", "run r failed before its month was known: no policy", AGAIN)
    ((_, _, body),) = hook.got
    assert "no policy" in body["message"]
    assert read_record(period.store, "unknown/failed")


def test_a_challenger_that_waits_is_told_with_what_to_do(period, hook):
    closed_month(period)
    waits(period)
    send_alerts(period, AT)
    assert titles(hook) == ["small-lender: 2024-03-retrain-1 waits for approval"]
    assert "creditrisk registry approve 2024-03-retrain-1" in hook.got[0][2]["message"]


def test_a_month_run_again_tells_nothing_twice(period, hook):
    closed_month(period, "retrain")
    send_alerts(period, AT)
    send_alerts(period, AGAIN)
    assert len(hook.got) == 1


def test_a_decision_that_changed_is_news(period, hook):
    closed_month(period, "retrain")
    send_alerts(period, AT)
    closed_month(period, "retrain", triggers=["insufficient_evidence"])
    send_alerts(period, AGAIN)
    assert titles(hook) == [
        "small-lender 2024-03: retrain",
        "small-lender 2024-03: the model runs unobserved",
    ]


def test_a_dead_channel_is_recorded_and_hears_it_when_the_month_is_run_again(
    period, hook, monkeypatch
):
    hook.status = 503
    closed_month(period, "contain")
    waits(period)
    with serving(Web()) as other:
        urls = f"json://{hook.address}/{SECRET} json://{other.address}"
        monkeypatch.setenv("CREDITRISK_ALERT_URLS", urls)
        send_alerts(period, AT)
        dead, alive = read_record(period.store, "2024-03-01/contain").sent
        assert (dead.channel, dead.arrived, dead.why, dead.at) == (
            f"json://{hook.address}", False, "HTTP 503", AT,
        )  # fmt: skip
        assert (alive.channel, alive.arrived) == (f"json://{other.address}", True)
        assert len(hook.got) == 2  # two attempts for the first alert, none for the second
        hook.status = 200
        send_alerts(period, AGAIN)
        assert (len(hook.got), len(other.got)) == (4, 2)
    assert read_record(period.store, "2024-03-01/contain").reached(f"json://{hook.address}")


def test_without_a_channel_the_alert_is_in_the_store_all_the_same(period, hook, monkeypatch):
    monkeypatch.delenv("CREDITRISK_ALERT_URLS")
    closed_month(period, "retrain")
    send_alerts(period, AT)
    found = read_record(period.store, "2024-03-01/retrain")
    assert (found.sent, found.since) == ((), AT)
    monkeypatch.setenv("CREDITRISK_ALERT_URLS", f"json://{hook.address}/{SECRET}")
    send_alerts(period, AGAIN)
    assert len(hook.got) == 1


def test_no_secret_is_in_the_store_or_in_what_is_said(period, hook, capfd, tmp_path):
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    log = Ear()
    logging.getLogger().addHandler(log)
    hook.status = 500
    closed_month(period, "retrain")
    send_alerts(period, AT)
    logging.getLogger().removeHandler(log)
    printed = capfd.readouterr()
    assert "HTTP 500" in printed.err
    assert SECRET not in printed.out + printed.err + "".join(log.messages)
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 3
    assert not any(SECRET.encode() in data for data in kept)


def test_what_cannot_be_told_fails_no_run(period, hook, capfd, monkeypatch):
    def refuse(*_: object) -> None:
        raise UserError("the store does not answer")

    monkeypatch.setattr("creditrisk.reports.alerts.send.firing", refuse)
    send_alerts(period, AT)
    assert capfd.readouterr().err == "alerts: not sent: the store does not answer\n"


def test_every_message_carries_the_head_of_the_audit_trail_which_is_no_news(period, hook):
    closed_month(period, "retrain")
    head = period.trail.append("run_closed", "pipeline", AT, {}, "r1")
    send_alerts(period, AT)
    period.trail.append("run_closed", "pipeline", AT, {}, "r2")
    send_alerts(period, AGAIN)
    (reported,) = [body for _, _, body in hook.got]
    assert f"\naudit trail 1:{head.sha256}" in reported["message"]
