"""The month's quality report as it is stored.

months/<as_of>/quality.json     findings, profiles, outages: written by the ETL
months/<as_of>/anomalies.json   odd applications: written by monitoring
months/<as_of>/quality.html     the page of both
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from creditrisk.errors import GateError
from creditrisk.policy import Severity
from creditrisk.quality.profile import Layer, Profile
from creditrisk.storage import Store


@dataclass(frozen=True)
class Check:
    """One finding; column '' is the row as a whole, samples are masked."""

    layer: Layer
    table: str
    rule: str
    column: str
    count: int
    rows: int
    share: float
    severity: Severity
    text: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What is known about the quality of a month's data."""

    as_of: str
    portfolio: str
    policy: str  # sha256 of the policy it is judged by
    checks: tuple[Check, ...]
    outages: tuple[str, ...]
    inputs: Mapping[str, Mapping[str, str]]  # source -> file, sha256, arrived
    profiles: tuple[Profile, ...]
    compared_with: str | None  # the month before, where it has a report

    @property
    def blocked(self) -> bool:
        return any(check.severity == "block" for check in self.checks)

    def profile(self, layer: str, table: str) -> Profile | None:
        """A table's profile, if the table was written."""
        found = (p for p in self.profiles if (p.layer, p.table) == (layer, table))
        return next(found, None)

    def body(self) -> dict[str, Any]:
        """The report as it is stored."""
        return {"blocked": self.blocked, **_REPORT.dump_python(self, mode="json")}

    def gate(self) -> None:
        """`GateError` with the first reason when the month is blocked."""
        reasons = [check for check in self.checks if check.severity == "block"]
        if reasons:
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            raise GateError(
                f"{self.as_of} is blocked: {reasons[0].text}{more};"
                f" see {page_key(self.as_of)}, have it delivered again"
            )


@dataclass(frozen=True)
class Odd:
    """An application unlike the others, and the columns that make it so, the oddest first."""

    application_id: str
    score: float
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Anomalies:
    """The month's applications, each seen as a whole."""

    as_of: str
    gold: str  # digest of the features looked at
    applications: int
    examined: int  # of them: all, or a sample drawn by seed
    seed: int
    trees: int
    limit: float  # a score above it is anomalous
    above: int  # applications above the limit
    severity: Severity
    text: str
    oddest: tuple[Odd, ...]


_REPORT, _ANOMALIES = TypeAdapter(Report), TypeAdapter(Anomalies)


def report_key(as_of: str) -> str:
    """Where a month's report lies in the store."""
    return f"months/{as_of}/quality.json"


def page_key(as_of: str) -> str:
    """Where its page lies."""
    return f"months/{as_of}/quality.html"


def anomalies_key(as_of: str) -> str:
    """Where the odd applications are listed."""
    return f"months/{as_of}/anomalies.json"


def save_report(store: Store, report: Report) -> None:
    """Write or replace the month's report."""
    store.write(report_key(report.as_of), _canonical(report.body()))


def load_report(store: Store, month: date) -> Report | None:
    """The month's report; one in another version's form is none, so that it is made again."""
    try:
        return _REPORT.validate_json(store.read(report_key(month.isoformat())))
    except (KeyError, ValidationError):
        return None


def save_anomalies(store: Store, anomalies: Anomalies) -> None:
    """Write or replace the month's list of odd applications."""
    body = _ANOMALIES.dump_python(anomalies, mode="json")
    store.write(anomalies_key(anomalies.as_of), _canonical(body))


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False).encode()
