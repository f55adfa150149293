"""Prometheus Alertmanager, by its API v2: it groups, routes, silences and reminds."""

from typing import Any

import urllib3
from urllib3.util import parse_url

from creditrisk.reports.alerts.channel import Notice, attempted, masked


class Alertmanager:
    """One server by its URL; user and password may stand in it."""

    resolves = True

    def __init__(self, url: str, seconds: float) -> None:
        self.name, self.seconds = f"alertmanager {masked(url)}", seconds
        self._url = url.rstrip("/")

    def send(self, notice: Notice) -> str:
        """Fire, change or end an alert."""
        return attempted(lambda: self._post([posted(notice)]), self.seconds)

    def _post(self, body: list[dict[str, Any]]) -> str:
        parts = parse_url(self._url)
        if parts.scheme not in ("http", "https") or not parts.host:
            return "no URL of an Alertmanager (http://host:9093)"
        answer = urllib3.request(
            "POST",
            parts._replace(auth=None, path=f"{parts.path or ''}/api/v2/alerts").url,
            json=body,
            headers=urllib3.make_headers(basic_auth=parts.auth) if parts.auth else None,
            timeout=self.seconds / 2,
            retries=False,
        )
        return "" if answer.status == 200 else f"HTTP {answer.status}"


def posted(notice: Notice) -> dict[str, Any]:
    """The alert as JSON; equal labels are one and the same alert."""
    alert = notice.alert
    labels = {
        "alertname": f"CreditRisk{alert.event.capitalize()}",
        "severity": alert.urgency,
        "portfolio": alert.portfolio,
        "month": alert.month,
        "subject": alert.subject,
    }
    found: dict[str, Any] = {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {"summary": alert.title, "description": "\n".join(alert.lines)},
        "startsAt": notice.since,
        "endsAt": notice.until,
    }
    if alert.link:
        found["generatorURL"] = alert.link
    return found
