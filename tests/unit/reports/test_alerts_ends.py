"""That it is over, the Alertmanager is told; people are not."""

import pytest

from creditrisk.reports.alerts.record import read_record
from creditrisk.reports.alerts.send import send_alerts
from tests.builders.alert_months import AGAIN, APRIL, AT, LATER, MARCH, QUICK, closed_month, waits
from tests.builders.small_lender import small_period, small_policy
from tests.builders.versions import at_month


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, MARCH, small_policy(QUICK))


def test_a_later_month_without_it_ends_it_at_the_alertmanager_alone(period, hook, alertmanager):
    closed_month(period, "watch")
    send_alerts(period, AT)
    assert alertmanager.firing(AT) == {("CreditRiskWatch", "")}
    april = at_month(period, APRIL)
    closed_month(april, "keep")
    send_alerts(april, AGAIN)
    assert alertmanager.firing(AGAIN) == set()
    assert len(hook.got) == 1
    assert read_record(period.store, "2024-03-01/watch").resolved == AGAIN
    send_alerts(april, LATER)
    assert len(alertmanager.got) == 2


def test_an_end_the_alertmanager_did_not_hear_is_told_again(period, alertmanager):
    closed_month(period, "watch")
    send_alerts(period, AT)
    april = at_month(period, APRIL)
    closed_month(april, "keep")
    alertmanager.status = 500
    send_alerts(april, AGAIN)
    assert alertmanager.firing(AGAIN) == {("CreditRiskWatch", "")}
    alertmanager.status = 200
    send_alerts(april, LATER)
    assert alertmanager.firing(LATER) == set()


def test_an_older_month_run_again_ends_nothing_of_a_newer_one(period, alertmanager):
    april = at_month(period, APRIL)
    closed_month(april, "contain")
    send_alerts(april, AT)
    closed_month(period, "keep")
    send_alerts(period, AGAIN)
    assert alertmanager.firing(AGAIN) == {("CreditRiskContain", "")}


def test_a_failure_mended_is_over_and_a_second_one_is_told_again(period, hook, alertmanager):
    failed = [{"task": "etl", "status": "failed", "error": "no file"}]
    closed_month(period, "keep", "failed", failed)
    send_alerts(period, AT)
    closed_month(period, "keep")
    send_alerts(period, AGAIN)
    assert alertmanager.firing(AGAIN) == set()
    closed_month(period, "keep", "failed", failed)
    send_alerts(period, LATER)
    assert alertmanager.firing(LATER) == {("CreditRiskFailed", "")}
    assert len(hook.got) == 2


def test_an_approval_given_ends_the_waiting(period, alertmanager):
    closed_month(period)
    key = waits(period)
    send_alerts(period, AT)
    assert alertmanager.firing(AT) == {("CreditRiskPending", "2024-03-retrain-1")}
    period.store.delete(key)
    send_alerts(period, AGAIN)
    assert alertmanager.firing(AGAIN) == set()
