"""Send what is new to every channel that has not heard it.

A month run again sends nothing twice; a channel that was dead hears it then. Nothing of this
fails a run.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace

from creditrisk.calendar_month import parse_month
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.policy import load_policy
from creditrisk.policy.governance import Alerts
from creditrisk.records.alerts import (
    UNKNOWN,
    Alert,
    AlertRecord,
    Sending,
    read_record,
    read_records,
    write_record,
)
from creditrisk.records.damage import Damage
from creditrisk.records.format import open_store
from creditrisk.records.run import run_records
from creditrisk.reports.alerts.channel import Channel, channels
from creditrisk.reports.alerts.firing import firing
from creditrisk.storage import Store

URLS = "CREDITRISK_ALERT_URLS"


def named_channels(seconds: float) -> list[Channel]:
    """The channels the environment names; `seconds` is what an attempt may take."""
    return channels(os.environ.get(URLS, ""), seconds)


def send_alerts(period: Period, at: str) -> None:
    """Send the alerts of the month just closed; note what no longer holds."""
    with_care(lambda: _send_alerts(period, at))


def send_failure(run_id: str, error: str, at: str) -> None:
    """Alert of a run that ended before its month was closed."""
    with_care(lambda: _send_failure(run_id, error, at))


def with_care(work: Callable[[], None]) -> None:
    """Run it; an alert that was not sent is no reason for a run to fail."""
    try:
        work()
    except UserError as error:
        sys.stderr.write(f"alerts: not sent: {error}\n")
    except Exception as error:  # a message may hold a URL: its type is enough
        sys.stderr.write(f"alerts: not sent: {type(error).__name__}\n")


def _send_alerts(period: Period, at: str) -> None:
    dispatcher = Dispatcher(period.store, period.policy.alerts, at, period.trail.witness())
    alerts = firing(period, at)
    for alert in alerts:
        dispatcher.fire(alert)
    keys = {alert.key for alert in alerts}
    for record in list(read_records(period.store, Damage())):
        past = record.alert.month == UNKNOWN or record.alert.month <= period.as_of.isoformat()
        if past and not record.resolved and record.alert.key not in keys:
            write_record(period.store, record.replace(resolved=at))


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
    """Takes alerts to channels; one that did not answer is not waited for again this time.

    `witness`: the head of the audit trail. Every message carries it to where no run can rewrite it;
    as no part of the alert, since another head is no news.
    """

    def __init__(self, store: Store, policy: Alerts, at: str, witness: str = "") -> None:
        self.store, self.to, self.at = store, named_channels(policy.seconds), at
        self.lines = (f"audit trail {witness}",) if witness else ()
        self.dead: dict[str, str] = {}  # channel -> why

    def fire(self, alert: Alert) -> None:
        """Send it over every channel on which this text has not arrived since it holds."""
        before = read_record(self.store, alert.key, Damage())  # a damaged one is written anew
        record = before.replace(alert=alert) if before else AlertRecord(alert=alert, since=self.at)
        if record.resolved:
            record = record.replace(since=self.at, resolved="")
        if record != before:
            write_record(self.store, record)
        for channel in self.to:
            if not record.reached(channel.name, alert.digest):
                record = self._send(channel, record)

    def _send(self, channel: Channel, record: AlertRecord) -> AlertRecord:
        """Recorded at once: a run that is cut off here does not send it again."""
        whole = replace(record.alert, lines=(*record.alert.lines, *self.lines))
        why = self.dead.get(channel.name) or channel.send(whole)
        if why:
            self.dead[channel.name] = why
            sys.stderr.write(f"alerts: {channel.name}: {why}\n")
        record = record.plus(Sending(channel.name, self.at, not why, why, record.alert.digest))
        write_record(self.store, record)
        return record
