"""The compliance report of a month or of a training: `compliance.json` and `.html` beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from creditrisk.records import layout
from creditrisk.records.document import Document, Part
from creditrisk.storage import Store

REPORT = "compliance.json"


@dataclass(frozen=True)
class Artifact:
    """An object of the store (`in_audit`: of the audit store) as it is now."""

    key: str
    sha256: str
    what: str
    in_audit: bool = False


class Clause(Part):
    """What a clause asks, and the evidence there is."""

    clause: str
    asks: str
    evidence: tuple[Artifact, ...]


class Framework(Part):
    """`evidenced`: how many of its lines have evidence."""

    name: str
    note: str
    lines: tuple[Clause, ...]
    evidenced: int


@dataclass(frozen=True)
class Effect:
    """A choice: how many it approves and what they cost, in the portfolio's currency.

    `by_other`: the same approvals priced by the other version's PDs; None where there is none.
    """

    choice: str
    version: str
    applications: int
    approved: int
    exposure: float
    expected_loss: float
    by_other: float | None


class OverrideCounts(Part):
    """How many of the decided months people decided otherwise; `open`: without an outcome."""

    decided_months: int
    overridden_months: int
    open: int


class ComplianceReport(Document):
    """Evidence by framework, and what the choice costs. `economics`: LGD, EAD, cut-off."""

    kind: Literal["month", "training"]
    as_of: date
    version: str
    portfolio: str
    policy: str
    code: str
    says: str
    frameworks: tuple[Framework, ...]
    expected_loss: tuple[Effect, ...]
    currency: str
    economics: Mapping[str, float]
    overrides: OverrideCounts

    @property
    def heads(self) -> dict[int, str]:
        """Heads of the audit trail that it names, each by the count of records then."""
        evidence = (one for f in self.frameworks for line in f.lines for one in line.evidence)
        return {
            int(PurePosixPath(one.key).stem): one.sha256
            for one in evidence
            if one.in_audit and one.key.startswith(layout.AUDIT_ANCHORS)
        }


def month_key(as_of: date) -> str:
    """Where a month's report lies."""
    return layout.month(as_of, REPORT)


def version_key(version: str) -> str:
    """Where a training's report lies."""
    return layout.version(version, REPORT)


def read_month_report(store: Store, as_of: date) -> ComplianceReport | None:
    """A month's report; None where it has none."""
    return ComplianceReport.read(store, month_key(as_of))


def month_reports(store: Store) -> Iterator[ComplianceReport]:
    """The reports of all months; one that cannot be read is a `UserError`."""
    for key in store.keys(layout.MONTHS):
        if key.endswith(f"/{REPORT}"):
            yield ComplianceReport.parse(store.read(key), key)
