"""The month's quality report as it is stored.

months/<as_of>/quality.json     findings, profiles, outages: written by the ETL
months/<as_of>/anomalies.json   odd applications: written by monitoring
months/<as_of>/quality.html     the page of both
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from creditrisk.errors import GateError, UserError
from creditrisk.policy import Severity
from creditrisk.records import layout
from creditrisk.records.document import Document, Part
from creditrisk.records.table_profile import Layer, TableProfile
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


class DeliveredFile(Part):
    """What a source was read from."""

    file: str
    sha256: str
    arrived: str = ""


class QualityReport(Document):
    """What is known about the quality of a month's data.

    `policy`: sha256 of the one it is judged by. `inputs`: by source. `compared_with`: the month
    before, where it has a report.
    """

    as_of: date
    portfolio: str
    policy: str
    checks: tuple[Check, ...]
    outages: tuple[str, ...]
    inputs: Mapping[str, DeliveredFile]
    profiles: tuple[TableProfile, ...]
    compared_with: date | None
    derived: ClassVar = ("blocked",)
    ascii: ClassVar = False  # people read it: values and names in the lender's own letters

    @property
    def blocked(self) -> bool:
        return bool(self.failures)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why the month is blocked."""
        return tuple(check.text for check in self.checks if check.severity == "block")

    def profile(self, layer: str, table: str) -> TableProfile | None:
        """A table's profile, if the table was written."""
        found = (p for p in self.profiles if (p.layer, p.table) == (layer, table))
        return next(found, None)

    def gate(self) -> None:
        """`GateError` with the first reason when the month is blocked."""
        if self.failures:
            first, *others = self.failures
            more = f" (and {len(others)} more)" if others else ""
            raise GateError(
                f"{self.as_of} is blocked: {first}{more};"
                f" see {page_key(self.as_of)}, have it delivered again"
            )


class Odd(Part):
    """An application unlike the others, and the columns that make it so, the oddest first."""

    application_id: str
    score: float
    columns: tuple[str, ...]


class Anomalies(Document):
    """The month's applications, each seen as a whole.

    `gold`: digest of the features looked at. `examined`: of them all, or a sample drawn by
    `seed`. `above`: applications whose score is above the `limit`, which is anomalous.
    """

    as_of: date
    gold: str
    applications: int
    examined: int
    seed: int
    trees: int
    limit: float
    above: int
    severity: Severity
    text: str
    oddest: tuple[Odd, ...]
    ascii: ClassVar = False


def report_key(as_of: date) -> str:
    """Where a month's report lies in the store."""
    return layout.month(as_of, "quality.json")


def page_key(as_of: date) -> str:
    """Where its page lies."""
    return layout.month(as_of, "quality.html")


def anomalies_key(as_of: date) -> str:
    """Where the odd applications are listed."""
    return layout.month(as_of, "anomalies.json")


def save_report(store: Store, report: QualityReport) -> None:
    """Write or replace the month's report."""
    store.write(report_key(report.as_of), report.encode())


def load_report(store: Store, month: date) -> QualityReport | None:
    """The month's report; one in another version's form is none, so that it is made again."""
    key = report_key(month)
    try:
        data = store.read(key)
    except KeyError:
        return None
    with suppress(UserError):
        return QualityReport.parse(data, key)
    return None


def save_anomalies(store: Store, anomalies: Anomalies) -> None:
    """Write or replace the month's list of odd applications."""
    store.write(anomalies_key(anomalies.as_of), anomalies.encode())
