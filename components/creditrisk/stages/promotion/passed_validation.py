"""What a promotion rests on: a validation that passed and is the one on the audit trail."""

import hashlib
from dataclasses import dataclass

from creditrisk.errors import GateError
from creditrisk.period import Period
from creditrisk.records.card import CARD, Card
from creditrisk.records.oot_ledger import refuse_altered, verdict_on
from creditrisk.records.retirement import is_retired
from creditrisk.records.validation import Validation, validation_key
from creditrisk.records.version_files import read_files


@dataclass(frozen=True)
class Evidence:
    """A version whose files are whole, and the sha256 of the `validation.json` that passed it."""

    version: str
    validated: str  # the version the validation is of: the parent of a refit
    sha256: str


def require_pass(period: Period, version: str) -> Evidence:
    """The evidence for a version; a `GateError` where it did not pass, by name where altered.

    A refit (policy `development.refit_after_pass`) is not validated itself: its parent is.
    """
    card = Card.parse(read_files(period.store, version)[CARD], f"{CARD} of {version}")
    if is_retired(period, version):
        raise GateError(f"{version} is retired; train a new version")
    validated = _validated(period, version, card)
    if period.store.tag(validation_key(validated)) is None:
        raise GateError(f"{validated} has no validation.json; validate it before promotion")
    if verdict_on(period.trail, validated) is None:
        raise GateError(f"the audit trail knows no validation of {validated}; validate it again")
    data = refuse_altered(period.trail, period.store, validated)
    found = Validation.parse(data, validation_key(validated))
    if found.verdict != "pass":
        reasons = "; ".join(found.reasons[:3])
        raise GateError(f"{validated}: verdict {found.verdict}, no promotion: {reasons}")
    return Evidence(version, validated, hashlib.sha256(data).hexdigest())


def _validated(period: Period, version: str, card: Card) -> str:
    if card.kind != "refit":
        return version
    if not period.policy.development.refit_after_pass:
        raise GateError(
            f"{version} is a refit and was not validated itself; the policy has"
            " development.refit_after_pass: false"
        )
    return str(card.parent)
