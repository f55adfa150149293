"""What was told to whom: `alerts/<month>/<event>.json`, one object per event of a month."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace

from creditrisk.reports.alerts.alert import Alert
from creditrisk.storage import Store

FOLDER = "alerts/"


@dataclass(frozen=True)
class Sending:
    """One attempt: over which channel, when, what became of it. `digest` is the alert's."""

    channel: str
    at: str
    arrived: bool
    why: str
    digest: str


@dataclass(frozen=True)
class AlertRecord:
    """An alert, since when it holds, when it was over ("" while it holds), and every attempt."""

    alert: Alert
    since: str
    resolved: str = ""
    sent: tuple[Sending, ...] = ()

    def reached(self, channel: str, digest: str = "") -> bool:
        """Whether a channel heard of it since it holds, by these very words if given."""
        return any(
            sending.channel == channel
            and sending.arrived
            and sending.at >= self.since
            and digest in ("", sending.digest)
            for sending in self.sent
        )

    def plus(self, sending: Sending) -> "AlertRecord":
        return replace(self, sent=(*self.sent, sending))


def write_record(store: Store, record: AlertRecord) -> None:
    """Write the record of an alert."""
    data = json.dumps(asdict(record), sort_keys=True, indent=1).encode()
    store.write(f"{FOLDER}{record.alert.key}.json", data)


def read_record(store: Store, key: str) -> AlertRecord | None:
    """The record of an alert by its key; None when nobody was told of it."""
    try:
        raw = json.loads(store.read(f"{FOLDER}{key}.json"))
    except KeyError:
        return None
    alert = Alert(**{**raw["alert"], "lines": tuple(raw["alert"]["lines"])})
    names = [each.name for each in fields(Sending)]  # records of before say more of an attempt
    sent = tuple(Sending(**{name: one[name] for name in names}) for one in raw["sent"])
    return AlertRecord(alert, raw["since"], raw["resolved"], sent)


def read_records(store: Store) -> Iterator[AlertRecord]:
    """The records of all alerts, by month."""
    for key in store.keys(FOLDER):
        record = read_record(store, key.removeprefix(FOLDER).removesuffix(".json"))
        if record:
            yield record
