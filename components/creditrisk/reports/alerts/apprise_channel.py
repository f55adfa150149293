"""Slack, e-mail, webhooks and what else Apprise knows, by URL."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import apprise

from creditrisk.reports.alerts.alert import Alert
from creditrisk.reports.alerts.channel import Notice, attempted, masked, unique_names

_TYPES: Mapping[str, apprise.NotifyType] = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}

_LOG = logging.getLogger("apprise")
_LOG.propagate = False  # it says URLs as they are, tokens and all
_LOG.addHandler(logging.NullHandler())  # without any, Python would print them


class AppriseChannel:
    """One Apprise URL."""

    resolves = False

    def __init__(self, name: str, url: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self._service: Any = apprise.Apprise.instantiate(url)
        if self._service is not None:
            self._service.socket_connect_timeout = seconds / 2
            self._service.socket_read_timeout = seconds / 2
            self._service.request_rate_per_sec = 0  # it holds a second attempt back for 5 s

    def send(self, notice: Notice) -> str:
        """A message; how long the alert holds is nothing people are told."""
        if self._service is None:
            return "Apprise knows no service for this URL (a webhook is json:// or jsons://)"
        return attempted(lambda: self._notify(notice.alert), self.seconds)

    def _notify(self, alert: Alert) -> str:
        with _heard() as said:
            arrived = self._service.notify(
                title=alert.title, body=alert.text, notify_type=_TYPES[alert.urgency]
            )
        if arrived:
            return ""
        code = re.search(r"error=(\d{3})", " ".join(said))
        return f"HTTP {code[1]}" if code else "no connection, or not accepted"


def apprise_channels(urls: str, seconds: float) -> list[AppriseChannel]:
    """A channel for each URL of a text (white space between them); `seconds` for an attempt."""
    each = urls.split()
    names = unique_names(map(masked, each))
    return [AppriseChannel(name, url, seconds) for name, url in zip(names, each, strict=True)]


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What Apprise says meanwhile."""
    listener = _Listener()
    _LOG.addHandler(listener)
    try:
        yield listener.said
    finally:
        _LOG.removeHandler(listener)
