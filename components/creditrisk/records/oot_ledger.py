"""The OOT ledger on the audit trail: which windows were read for whom, and what came of it."""

import hashlib
from collections.abc import Iterator
from datetime import date

from creditrisk.errors import UserError
from creditrisk.records.audit import Trail
from creditrisk.records.document import Part
from creditrisk.records.validation import Verdict, validation_key
from creditrisk.storage import Store

READ = "oot_read"  # appended before any outcome is opened
VALIDATED = "validated"
ACTOR = "validation"


class WindowReading(Part):
    """The windows of a version, read as of a month under a policy, beside a champion ("": none)."""

    version: str
    kind: str
    champion: str
    windows: tuple[tuple[date, ...], ...]
    as_of: date
    policy: str

    @property
    def cohorts(self) -> list[date]:
        """Of all windows."""
        return [month for window in self.windows for month in window]


class WindowVerdict(WindowReading):
    """What came of it; `sha256`: of `validation.json`."""

    verdict: Verdict
    sha256: str


def record_reading(trail: Trail, reading: WindowReading, at: str) -> None:
    """Put a reading on record before any outcome is opened; a second call changes nothing."""
    trail.append(READ, ACTOR, at, reading.body(), f"{reading.version}:{reading.as_of}")


def record_verdict(
    trail: Trail, reading: WindowReading, verdict: Verdict, sha256: str, at: str
) -> None:
    """Put on record what came of a reading."""
    found = WindowVerdict(**dict(reading), verdict=verdict, sha256=sha256)
    trail.append(VALIDATED, ACTOR, at, found.body(), reading.version)


def verdicts(trail: Trail) -> Iterator[WindowVerdict]:
    """Every verdict there was, oldest first."""
    judged = (record for record in trail.records() if record.event == VALIDATED)
    yield from (WindowVerdict.model_validate(record.body) for record in judged)


def refuse_altered(trail: Trail, store: Store, version: str) -> bytes:
    """`validation.json`, a `UserError` where it is not the one on the audit trail, or is gone.

    Empty where the trail knows of no validation.
    """
    key, recorded = validation_key(version), verdict_on(trail, version)
    if recorded is None:
        return b""
    data = store.read(key) if store.tag(key) else b""
    if recorded.sha256 != hashlib.sha256(data).hexdigest():
        raise UserError(f"{key} is not the one on the audit trail: it was altered; restore it")
    return data


def verdict_on(trail: Trail, version: str) -> WindowVerdict | None:
    """What the trail says of a version's validation; None where it knows of none."""
    record = trail.find(VALIDATED, version)
    return WindowVerdict.model_validate(record.body) if record else None
