"""The OOT ledger: a window is spent by reading it, and each reading is on record before it.

Two events of the audit trail carry it: `oot_read`, appended before outcomes are opened, and
`validated`, which says what came of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditrisk.period import Period
from creditrisk.records.audit import Trail

READ = "oot_read"
VALIDATED = "validated"
ACTOR = "validation"
Windows = Sequence[Sequence[date]]


@dataclass(frozen=True)
class Reading:
    """What is about to be read: the windows of a version of some kind, beside the champion."""

    version: str
    kind: str
    champion: str
    windows: Windows

    def body(self, period: Period) -> dict[str, object]:
        """As the trail holds it."""
        return {
            "version": self.version,
            "kind": self.kind,
            "champion": self.champion,
            "windows": dates(self.windows),
            "as_of": period.as_of.isoformat(),
            "policy": period.policy.sha,
        }


def record_reading(period: Period, reading: Reading, at: str) -> None:
    """Put a reading on record before any outcome is opened; a second call changes nothing."""
    id = f"{reading.version}:{period.as_of}"
    period.trail.append(READ, ACTOR, at, reading.body(period), id)


def record_verdict(period: Period, reading: Reading, verdict: str, sha256: str, at: str) -> None:
    """Put on record what came of it, with the sha256 of `validation.json`."""
    body = reading.body(period) | {"verdict": verdict, "sha256": sha256}
    period.trail.append(VALIDATED, ACTOR, at, body, reading.version)


def may_read(period: Period, windows: Windows, kind: str) -> str:
    """Empty when a challenger of a kind may be judged on some windows, else why not.

    After a refusal the newest window must be wholly new: judging one attempt after another on
    the same outcomes ends in a pass by chance.
    """
    refused = _newest_refused(period.trail, kind, period.as_of)
    if refused is None or wholly_new_window(period.trail, windows, kind, period.as_of):
        return ""
    last = max(_cohorts(refused))
    return (
        f"the newest window is spent: {refused['version']} was refused on cohorts up to"
        f" {last:%Y-%m}; wait until a window after {last:%Y-%m} has matured"
    )


def wholly_new_window(trail: Trail, windows: Windows, kind: str, as_of: date) -> bool:
    """Whether no refused challenger of a kind has read any cohort of the newest window."""
    if not windows:
        return False
    refused = _newest_refused(trail, kind, as_of)
    return refused is None or min(windows[-1]) > max(_cohorts(refused))


def dates(windows: Windows) -> list[list[str]]:
    """Windows as JSON holds them."""
    return [[month.isoformat() for month in window] for window in windows]


def _newest_refused(trail: Trail, kind: str, as_of: date) -> Mapping[str, Any] | None:
    """The refusal that reached furthest; what a later month will refuse is not known yet."""
    refused = [
        record.body
        for record in trail.records()
        if record.event == VALIDATED
        and record.body["verdict"] == "fail"
        and record.body["kind"] == kind
        and date.fromisoformat(record.body["as_of"]) <= as_of
    ]
    return max(refused, key=lambda body: max(_cohorts(body)), default=None)


def _cohorts(body: Mapping[str, Any]) -> list[date]:
    return [date.fromisoformat(month) for window in body["windows"] for month in window]
