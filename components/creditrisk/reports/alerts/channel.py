"""Where alerts go. A channel says why an alert did not arrive; it never raises, never hangs."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import sleep
from typing import Protocol
from urllib.parse import urlsplit

from creditrisk.reports.alerts.alert import Alert

ATTEMPTS = 2
_UNREAD = "a URL that cannot be read"
_HOSTED = {"http", "https", "json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos"}


@dataclass(frozen=True)
class Notice:
    """An alert that holds from `since` to `until` (ISO 8601); what is over holds until now."""

    alert: Alert
    since: str
    until: str


class Channel(Protocol):
    """`name` holds no secret; `resolves`: it wants to hear when an alert is over."""

    name: str
    resolves: bool

    def send(self, notice: Notice) -> str:
        """Empty when it arrived, otherwise why not."""
        ...


def masked(url: str) -> str:
    """Scheme, and host where a URL of that scheme has one; tokens and passwords are left out.

    Many services put a token where a host would stand.
    """
    scheme, told, _ = url.partition("://")
    if not told or not scheme.isalnum():
        return _UNREAD
    if scheme not in _HOSTED:
        return scheme
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return _UNREAD
    return f"{scheme}://{parts.hostname}{port}" if parts.hostname else scheme


def unique_names(names: Iterable[str]) -> list[str]:
    """The names, numbered where one comes again."""
    seen: list[str] = []
    for name in names:
        again = sum(other.split(" #")[0] == name for other in seen)
        seen.append(f"{name} #{again + 1}" if again else name)
    return seen


def attempted(send: Callable[[], str], seconds: float) -> str:
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
