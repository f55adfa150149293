"""An alert that is over is noted as over: nobody is told, and it is news when it comes again."""

import json

import pytest

from creditrisk.records.alerts import read_record
from creditrisk.reports.alerts.send import send_alerts
from tests.builders.alert_months import AGAIN, APRIL, AT, LATER, MARCH, QUICK, closed_month, waits
from tests.builders.documents import record
from tests.builders.small_lender import small_period, small_policy
from tests.builders.versions import at_month


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, MARCH, small_policy(QUICK))


def over(period, key):
    return read_record(period.store, key).resolved


def test_a_later_month_without_it_ends_it_and_tells_nobody(period, hook):
    closed_month(period, "watch")
    send_alerts(period, AT)
    assert over(period, "2024-03-01/watch") == ""
    april = at_month(period, APRIL)
    closed_month(april, "keep")
    send_alerts(april, AGAIN)
    send_alerts(april, LATER)
    assert over(period, "2024-03-01/watch") == AGAIN
    assert len(hook.got) == 1


def test_an_older_month_run_again_ends_nothing_of_a_newer_one(period):
    april = at_month(period, APRIL)
    closed_month(april, "contain")
    send_alerts(april, AT)
    closed_month(period, "keep")
    send_alerts(period, AGAIN)
    assert over(period, "2024-04-01/contain") == ""


def test_a_failure_mended_is_over_and_a_second_one_is_told_again(period, hook):
    failed = [record("etl", "failed", "no file")]
    for status, at in (("failed", AT), ("ok", AGAIN), ("failed", LATER)):
        closed_month(period, "keep", status, failed if status == "failed" else [])
        send_alerts(period, at)
    assert len(hook.got) == 2


def test_an_approval_given_ends_the_waiting(period):
    closed_month(period)
    key = waits(period)
    send_alerts(period, AT)
    period.store.delete(key)
    send_alerts(period, AGAIN)
    assert over(period, "2024-03-01/pending-2024-03-retrain-1") == AGAIN


def test_a_record_of_a_release_that_also_wrote_states_is_read(period, hook):
    closed_month(period, "watch")
    send_alerts(period, AT)
    key = "alerts/2024-03-01/watch.json"
    record = json.loads(period.store.read(key))
    sent = record["sent"][0]
    ended = {**sent, "channel": "alertmanager http://am", "state": "resolved", "at": AGAIN}
    record |= {"sent": [{**sent, "state": "firing"}, ended], "resolved": AGAIN}
    period.store.write(key, json.dumps(record).encode())
    assert over(period, "2024-03-01/watch") == AGAIN
    send_alerts(period, LATER)
    assert len(hook.got) == 2
    assert over(period, "2024-03-01/watch") == ""
