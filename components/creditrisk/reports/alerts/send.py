"""Tell what is new to every channel that has not heard it, and what is over to those that ask.

A month run again tells nothing twice; a channel that was dead hears it then. Nothing of this
fails a run.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from creditrisk.calendar import parse_month
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.policy import load_policy
from creditrisk.policy.alerts import Alerts
from creditrisk.records.run import run_records
from creditrisk.reports.alerts.alert import UNKNOWN, Alert
from creditrisk.reports.alerts.alertmanager import Alertmanager
from creditrisk.reports.alerts.apprise_channel import apprise_channels
from creditrisk.reports.alerts.channel import Channel, Notice
from creditrisk.reports.alerts.firing import firing
from creditrisk.reports.alerts.record import (
    AlertRecord,
    Sending,
    read_record,
    read_records,
    write_record,
)
from creditrisk.storage import Store, open_store

URLS, ALERTMANAGER = "CREDITRISK_ALERT_URLS", "CREDITRISK_ALERTMANAGER_URL"


def channels(seconds: float) -> list[Channel]:
    """The channels the environment names; `seconds` is what an attempt may take."""
    found: list[Channel] = [*apprise_channels(os.environ.get(URLS, ""), seconds)]
    if url := os.environ.get(ALERTMANAGER, "").strip():
        found.append(Alertmanager(url, seconds))
    return found


def send_alerts(period: Period, at: str) -> None:
    """Tell of the month just closed, and end what no longer holds of it and of months before."""
    with_care(lambda: _send_alerts(period, at))


def send_failure(run_id: str, error: str, at: str) -> None:
    """Tell of a run that ended before its month was closed."""
    with_care(lambda: _send_failure(run_id, error, at))


def with_care(work: Callable[[], None]) -> None:
    """Run it; that people were not told is no reason for a run to fail."""
    try:
        work()
    except Exception as error:  # a message may hold a URL: its type is enough
        sys.stderr.write(f"alerts: not told: {type(error).__name__}\n")


def _send_alerts(period: Period, at: str) -> None:
    dispatcher = Dispatcher(period.store, period.policy.alerts, at)
    alerts = firing(period)
    for alert in alerts:
        dispatcher.fire(alert)
    keys = {alert.key for alert in alerts}
    for record in list(read_records(period.store)):
        past = record.alert.month == UNKNOWN or record.alert.month <= period.as_of.isoformat()
        if past and not record.resolved and record.alert.key not in keys:
            dispatcher.end(record)


def _send_failure(run_id: str, error: str, at: str) -> None:
    store, policy = open_store(), load_policy().alerts
    if policy.failed == "none":
        return
    records = run_records(store, run_id)
    alert = Alert(
        event="failed",
        month=_month(records[0].as_of if records else ""),
        urgency=policy.failed,
        portfolio="",
        title="creditrisk: the run failed",
        lines=(error,),
    )
    Dispatcher(store, policy, at).fire(alert)


def _month(text: str) -> str:
    try:
        return parse_month(text[:10]).isoformat()
    except UserError:
        return UNKNOWN


class Dispatcher:
    """Takes alerts to channels; one that did not answer is not waited for again this time."""

    def __init__(self, store: Store, policy: Alerts, at: str) -> None:
        self.store, self.to, self.at = store, channels(policy.seconds), at
        self.until = (datetime.fromisoformat(at) + timedelta(days=policy.firing_days)).isoformat()
        self.dead: dict[str, str] = {}  # channel -> why

    def fire(self, alert: Alert) -> None:
        """Tell every channel that has not heard it in these words."""
        before = read_record(self.store, alert.key)
        record = replace(before, alert=alert) if before else AlertRecord(alert, self.at)
        if record.resolved:
            record = replace(record, since=self.at, resolved="")
        if record != before:
            write_record(self.store, record)
        for channel in self.to:
            if not record.reached(channel.name, alert.digest):
                record = self._send(channel, record, "firing")

    def end(self, record: AlertRecord) -> None:
        """Tell the channels that ask for it that an alert is over, if they had heard of it."""
        asking = [c for c in self.to if c.resolves and record.reached(c.name)]
        for channel in asking:
            if not record.ended(channel.name):
                record = self._send(channel, record, "resolved")
        if all(record.ended(channel.name) for channel in asking):
            write_record(self.store, replace(record, resolved=self.at))

    def _send(self, channel: Channel, record: AlertRecord, state: str) -> AlertRecord:
        """Kept at once: a run that is cut off here does not tell it again."""
        until = self.until if state == "firing" else self.at
        notice = Notice(record.alert, record.since, until)
        why = self.dead.get(channel.name) or channel.send(notice)
        if why:
            self.dead[channel.name] = why
            sys.stderr.write(f"alerts: {channel.name}: {why}\n")
        record = record.plus(
            Sending(channel.name, self.at, state, not why, why, record.alert.digest)
        )
        write_record(self.store, record)
        return record
