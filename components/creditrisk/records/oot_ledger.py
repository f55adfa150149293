"""The OOT ledger on the audit trail: which windows were read for whom, and what came of it.

A window is spent by reading it, whatever was found: by a challenger of the pipeline, by one that
was only tried out, by one whose decision was superseded. The lender's trail knows every reading
before a number of it is known.
"""

import hashlib
from collections.abc import Collection
from datetime import date
from typing import ClassVar, TypeVar

from pydantic import ValidationError

from creditrisk.errors import GateError
from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import Record
from creditrisk.records.document import Part, reason
from creditrisk.records.validation import Verdict, validation_key
from creditrisk.storage import Store

READ = "oot_read"  # appended before any outcome is opened
VALIDATED = "validated"
ACTOR = "validation"
R = TypeVar("R", bound="WindowReading")


class WindowReading(Part):
    """The windows of a version, read as of a month under a policy, beside a champion ("": none)."""

    version: str
    kind: str
    champion: str
    windows: tuple[tuple[date, ...], ...]
    as_of: date
    policy: str

    @property
    def id(self) -> str:
        """How the audit trail calls it."""
        return f"{self.version}:{self.as_of}"

    @property
    def newest(self) -> tuple[date, ...]:
        """The newest window; empty where there are none."""
        return self.windows[-1] if self.windows else ()

    @property
    def cohorts(self) -> list[date]:
        """Of all windows."""
        return [month for window in self.windows for month in window]


class WindowVerdict(WindowReading):
    """What came of it; `sha256`: of `validation.json`; `sums`: of the version's list of sums.

    Release 0.1.0 recorded no `sums`.
    """

    if_set: ClassVar[tuple[str, ...]] = ("sums",)

    verdict: Verdict
    sha256: str
    sums: str = ""


def record_reading(trail: Trail, reading: WindowReading, at: str) -> None:
    """Put a reading on record before any outcome is opened; a second call changes nothing.

    The same version in the same month, but read otherwise, is a `GateError`.
    """
    trail.append(READ, ACTOR, at, reading.body(), reading.id)


def record_trial(trail: Trail, reading: WindowReading, by: str, at: str) -> None:
    """The same for a version that is only tried out: each trial is a reading of its own."""
    trail.append(READ, by, at, reading.body(), f"{reading.id}:{at}")


def is_on_record(trail: Trail, reading: WindowReading) -> bool:
    """Whether a reading by validation is on the trail."""
    return trail.find(READ, reading.id) is not None


def readings(trail: Trail, window: Collection[date]) -> dict[str, WindowReading]:
    """Every reading of a cohort of a window, by its id, oldest first."""
    known = {
        record.id: _said(WindowReading, record)
        for record in trail.records()
        if record.event == READ
    }
    return {id: found for id, found in known.items() if {*window} & {*found.cohorts}}


def record_verdict(
    trail: Trail, reading: WindowReading, verdict: Verdict, sha256: str, sums: str, at: str
) -> None:
    """Put on record what came of a reading; what 0.1.0 recorded stays as it is."""
    before = verdict_on(trail, reading.version)
    if before and not before.sums:
        sums = ""
    found = WindowVerdict(**dict(reading), verdict=verdict, sha256=sha256, sums=sums)
    trail.append(VALIDATED, ACTOR, at, found.body(), reading.version)


def refuse_altered(trail: Trail, store: Store, version: str) -> bytes:
    """`validation.json`, a `GateError` where it is not the one on the audit trail, or is gone.

    Empty where the trail knows of no validation.
    """
    key, recorded = validation_key(version), verdict_on(trail, version)
    if recorded is None:
        return b""
    data = store.read(key) if store.tag(key) else b""
    if recorded.sha256 != hashlib.sha256(data).hexdigest():
        raise GateError(f"{key} is not the one on the audit trail: it was altered; restore it")
    return data


def verdict_on(trail: Trail, version: str) -> WindowVerdict | None:
    """What the trail says of a version's validation; None where it knows of none."""
    record = trail.find(VALIDATED, version)
    return _said(WindowVerdict, record) if record else None


def _said(kind: type[R], record: Record) -> R:
    try:
        return kind.model_validate(record.body)
    except ValidationError as error:
        what = f"record {record.sequence} of the audit trail, '{record.event} {record.id}'"
        raise GateError(f"{what}, is none that an act left: {reason(error)}") from None
