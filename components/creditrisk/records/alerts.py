"""What was sent to whom: `alerts/<month>/<event>.json`, one object per event of a month."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from creditrisk.errors import printable
from creditrisk.policy.governance import Urgency
from creditrisk.records import layout
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.document import Document
from creditrisk.storage import Store

UNKNOWN = "unknown"  # the month of a run that failed before its month was known


@dataclass(frozen=True)
class Alert:
    """An event of a month (YYYY-MM-DD); `subject` tells events of one kind apart.

    `lines` hold the numbers, `link` leads to the rest.
    """

    event: str
    month: str
    urgency: Urgency
    portfolio: str
    title: str
    lines: tuple[str, ...]
    subject: str = ""
    link: str = ""

    @property
    def key(self) -> str:
        """The same for the same event, however often it is found."""
        return f"{self.month}/{self.event}" + (f"-{self.subject}" if self.subject else "")

    @property
    def digest(self) -> str:
        """Of the message: another text is news."""
        message = json.dumps([self.urgency, self.title, self.lines])
        return hashlib.sha256(message.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The body of a message."""
        lines = (*self.lines, *([self.link] if self.link else []))
        return "\n".join(map(printable, lines))


@dataclass(frozen=True)
class Sending:
    """One attempt: over which channel, when, what became of it. `digest` is the alert's."""

    channel: str
    at: str
    arrived: bool
    why: str
    digest: str


class AlertRecord(Document):
    """An alert, since when it holds, when it was over ("" while it holds), and every attempt."""

    alert: Alert
    since: str
    resolved: str = ""
    sent: tuple[Sending, ...] = ()

    def reached(self, channel: str, digest: str = "") -> bool:
        """Whether it arrived over a channel since it holds, with this very text if given."""
        return any(
            sending.channel == channel
            and sending.arrived
            and sending.at >= self.since
            and digest in ("", sending.digest)
            for sending in self.sent
        )

    def plus(self, sending: Sending) -> "AlertRecord":
        return self.replace(sent=(*self.sent, sending))


def write_record(store: Store, record: AlertRecord) -> None:
    store.write(layout.alert(record.alert.key), record.encode())


def read_record(store: Store, key: str, damage: Strict = STRICT) -> AlertRecord | None:
    """The record of an alert by its key; None when it was never sent."""
    where = layout.alert(key)
    return damage.read(where, lambda: AlertRecord.read(store, where), None)


def read_records(store: Store, damage: Strict = STRICT) -> Iterator[AlertRecord]:
    """The records of all alerts, by month."""
    for key in store.keys(layout.ALERTS):
        if record := damage.read(key, partial(AlertRecord.read, store, key), None):
            yield record
