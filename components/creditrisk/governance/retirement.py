"""Versions out of use for good: `registry/retired/<id>.json`, created once."""

import json

from creditrisk.errors import GateError, UserError
from creditrisk.model.version import read_files
from creditrisk.period import Period
from creditrisk.records.champion import current_champion
from creditrisk.storage import ConflictError, Store

RETIRED = "registry/retired"


def retire(period: Period, version: str, reason: str, actor: str, *, at: str) -> None:
    """Take a version out of use: never promoted again, never fallen back on; it stays readable.

    The champion is a `GateError`; no reason, or no such version, a `UserError`. Retiring what
    is retired changes nothing.
    """
    if not reason.strip():
        raise UserError(f"{version} is not retired without a reason")
    read_files(period.store, version)
    if current_champion(period.store) == version:
        raise GateError(f"{version} is the champion: promote another or roll back first")
    body = {"version": version, "by": actor, "reason": reason, "at": at}
    key = f"{RETIRED}/{version}.json"
    try:
        period.store.create(key, json.dumps(body, sort_keys=True, indent=1).encode())
    except ConflictError:
        body = json.loads(period.store.read(key))  # the first retirement counts
    period.trail.append("retired", body["by"], body["at"], body, version)


def is_retired(store: Store, version: str) -> bool:
    """Whether a version is out of use."""
    return store.tag(f"{RETIRED}/{version}.json") is not None
