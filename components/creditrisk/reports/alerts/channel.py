"""Slack, e-mail, webhooks and what else Apprise knows, by URL.

A channel says why an alert did not arrive; it never raises, never hangs.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import apprise

from creditrisk.errors import printable
from creditrisk.records.alerts import Alert

ATTEMPTS = 2
_UNREAD = "a URL that cannot be read"
_HOSTED = {"http", "https", "json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos"}
_TYPES: Mapping[str, apprise.NotifyType] = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}

_LOG = logging.getLogger("apprise")
_LOG.propagate = False  # it says URLs as they are, tokens and all
_LOG.addHandler(logging.NullHandler())  # without any, Python would print them


class Channel:
    """One Apprise URL; `name` holds no secret."""

    def __init__(self, name: str, url: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self._service: Any = apprise.Apprise.instantiate(url)
        if self._service is not None:
            self._service.socket_connect_timeout = seconds / 2
            self._service.socket_read_timeout = seconds / 2
            self._service.request_rate_per_sec = 0  # it holds a second attempt back for 5 s

    def send(self, alert: Alert) -> str:
        """Empty when it arrived, otherwise why not."""
        if self._service is None:
            return "Apprise knows no service for this URL (a webhook is json:// or jsons://)"
        return _attempted(lambda: self._notify(alert), self.seconds)

    def _notify(self, alert: Alert) -> str:
        with _logged() as messages:
            arrived = self._service.notify(
                title=printable(alert.title),
                body=alert.text,
                notify_type=_TYPES[alert.urgency],
                body_format=apprise.NotifyFormat.TEXT,  # a mail in HTML would obey "<"
            )
        if arrived:
            return ""
        code = re.search(r"error=(\d{3})", " ".join(messages))
        return f"HTTP {code[1]}" if code else "no connection, or not accepted"


def channels(urls: str, seconds: float) -> list[Channel]:
    """A channel for each URL of a text (white space between them); `seconds` for an attempt."""
    each = urls.split()
    names = _unique_names(map(masked, each))
    return [Channel(name, url, seconds) for name, url in zip(names, each, strict=True)]


def masked(url: str) -> str:
    """Scheme, and host where a URL of that scheme has one; tokens and passwords are left out.

    Many services put a token where a host would stand.
    """
    scheme, separator, _ = url.partition("://")
    if not separator or not scheme.isalnum():
        return _UNREAD
    if scheme not in _HOSTED:
        return scheme
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return _UNREAD
    return f"{scheme}://{parts.hostname}{port}" if parts.hostname else scheme


def _unique_names(names: Iterable[str]) -> list[str]:
    """The names, numbered where one comes again."""
    seen: list[str] = []
    for name in names:
        again = sum(other.split(" #")[0] == name for other in seen)
        seen.append(f"{name} #{again + 1}" if again else name)
    return seen


def _attempted(send: Callable[[], str], seconds: float) -> str:
    """The outcome of `send`, tried again once, `seconds` each: empty, or why it failed."""
    why = ""
    for attempt in range(ATTEMPTS):
        sleep(seconds / 10 if attempt else 0)
        why = _within(seconds, send)
        if not why:
            break
    return why


def _within(seconds: float, send: Callable[[], str]) -> str:
    """A server may trickle bytes past every timeout of a socket: the thread is left behind."""
    outcome = [f"no answer within {seconds:g} s"]

    def run() -> None:
        try:
            outcome[0] = send()
        except Exception as error:  # a library's message may hold the URL: its type is enough
            outcome[0] = f"not delivered: {type(error).__name__}"

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return outcome[0]


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _logged() -> Iterator[list[str]]:
    """What Apprise logs meanwhile."""
    listener = _Listener()
    _LOG.addHandler(listener)
    try:
        yield listener.messages
    finally:
        _LOG.removeHandler(listener)
