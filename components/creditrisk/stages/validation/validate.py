"""Judge a version on three out-of-time windows, once."""

import hashlib
import logging
from dataclasses import replace

from creditrisk.errors import GateError, UserError
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.records import oot_ledger
from creditrisk.records.audit import Trail
from creditrisk.records.validation import (
    Validation,
    Verdict,
    read_validation,
    validation_key,
    validation_page_key,
)
from creditrisk.records.version_files import sums_sha256
from creditrisk.stages.validation.document import document, spent
from creditrisk.stages.validation.examine import examine
from creditrisk.stages.validation.report_page import page
from creditrisk.stages.validation.terms import asked_for, within_budget
from creditrisk.stages.validation.window_rows import refuse_known_windows
from creditrisk.storage import ConflictError

log = logging.getLogger(__name__)
INPUTS = ("version", "as_of", "policy", "champion")


def validate(period: Period, version: str, champion: str, *, at: str = "") -> Verdict:
    """Read the version's windows, apply the gates, keep `validation.json` and `.html`.

    The reading is on the audit trail before any outcome is opened. A version is validated
    once: a repetition with the same month, policy and champion returns the stored verdict, any
    other is a `UserError`. `champion` is empty where there is none; `at` is the wall clock.
    """
    model = load_version(period.store, version)
    if model.card.kind == "refit":
        raise UserError(
            f"{version} has learned from every cohort there is to judge it on:"
            f" {model.card.parent}, which it was fitted after, was validated"
        )
    reading = _reading(period, model, champion)
    key = validation_key(version)
    stored = _stored(period, key)
    data = stored or _keep(period, key, _judged(period, model, reading, at).encode())
    found = Validation.parse(data, key)
    _require_same(found, reading)
    if found.opened and not oot_ledger.is_on_record(period.trail, reading):
        raise UserError(f"{key} holds what the audit trail knows no reading of; delete it")
    if stored and oot_ledger.verdict_on(period.trail, version) is None:
        _require_own(key, stored, _judged(period, model, reading, at))
    _keep(period, validation_page_key(version), page(found).encode())
    sha256 = hashlib.sha256(data).hexdigest()
    sums = sums_sha256(period.store, version)
    oot_ledger.record_verdict(period.trail, reading, found.verdict, sha256, sums, at)
    log.info("%s: %s", version, found.verdict)
    return found.verdict


def try_out(
    period: Period, ledger: Trail, version: str, champion: str, *, by: str, at: str
) -> Validation:
    """What `validate` would find, for who tries things out: windows may be read time and again.

    Each reading is on the lender's trail (`ledger`) all the same, and spends the windows; nothing
    is promoted by what is found.
    """
    model = load_version(period.store, version)
    reading = _reading(period, model, champion)
    oot_ledger.record_trial(ledger, reading, by, at)
    found = _examined(period, model, reading)
    period.store.write(validation_key(version), found.encode())
    period.store.write(validation_page_key(version), page(found).encode())
    return found


def evidence_of(period: Period, version: str) -> Validation:
    """The stored evidence of a validated version; a version without is a `UserError`."""
    found = read_validation(period.store, version)
    if found is None:
        raise UserError(f"{version} has no validation.json; validate it first")
    return found


def _reading(period: Period, model: ModelVersion, champion: str) -> oot_ledger.WindowReading:
    refuse_known_windows(model.card)
    return oot_ledger.WindowReading(
        version=model.id,
        kind=model.card.kind,
        champion=champion,
        windows=model.card.windows,
        as_of=period.as_of,
        policy=period.policy.sha,
    )


def _judged(
    period: Period, model: ModelVersion, reading: oot_ledger.WindowReading, at: str
) -> Validation:
    refusal = already_read(period.trail, reading)
    if refusal:
        return spent(reading, refusal)
    oot_ledger.record_reading(period.trail, reading, at)
    return _examined(period, model, reading)


def _require_own(key: str, stored: bytes, found: Validation) -> None:
    """`GateError` where a validation has no record, and is not what is found now.

    A run that was cut off before the record leaves the one; anybody else may put the other there.
    """
    if stored != found.encode():
        raise GateError(
            f"{key} has no record on the audit trail, and is not what {found.version} is found to"
            " be: nobody judged it so; remove it"
        )


def already_read(trail: Trail, reading: oot_ledger.WindowReading) -> str:
    """Empty where nobody else has read a cohort of the newest window, else who did.

    Judging one attempt after another on the same outcomes ends in a pass by chance.
    """
    known = oot_ledger.readings(trail, reading.newest)
    others = [found for id, found in known.items() if id != reading.id]
    if not others:
        return ""
    furthest = max(others, key=lambda other: max(other.cohorts))
    last = max(furthest.cohorts)
    return (
        f"the newest window is spent: {furthest.version} was read on cohorts up to {last:%Y-%m};"
        f" wait until a window after {last:%Y-%m} has matured"
    )


def _examined(period: Period, model: ModelVersion, reading: oot_ledger.WindowReading) -> Validation:
    """Open the outcomes of a reading that is on record."""
    rival = load_version(period.store, reading.champion) if reading.champion else None
    reader = replace(period)  # with a lake of its own, which remembers what it opens
    reader = replace(reader, policy=within_budget(period, reading))
    found = examine(reader, model, rival, asked_for(period))
    limits = reader.policy.validation.model_dump(mode="json")
    return document(reading, found, limits, reader.lake.opened)


def _stored(period: Period, key: str) -> bytes | None:
    try:
        return period.store.read(key)
    except KeyError:
        return None


def _keep(period: Period, key: str, data: bytes) -> bytes:
    """Create an object once; whoever came first is what counts."""
    try:
        period.store.create(key, data)
    except ConflictError:
        return period.store.read(key)
    return data


def _require_same(found: Validation, reading: oot_ledger.WindowReading) -> None:
    was = {name: getattr(found, name) for name in INPUTS}
    other = [name for name, value in was.items() if value != getattr(reading, name)]
    if other:
        before = ", ".join(f"{name} {was[name] or 'none'}" for name in other)
        raise UserError(
            f"{reading.version} was validated before with {before}; a window is read once:"
            " train a new challenger to judge it anew"
        )
