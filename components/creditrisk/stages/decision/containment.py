"""Containing: no scores for the affected segment, from the decision until a person lifts it."""

import json
from contextlib import suppress

from creditrisk.contracts import FINDINGS
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records.containment import EVERYTHING, FOLDER, LIFTED, Containment, containments
from creditrisk.records.decision import Decision
from creditrisk.records.identity import Statement
from creditrisk.storage import ConflictError


def affected(period: Period, version: str) -> tuple[str, ...]:
    """Segments whose scores moved critically; all applications where it is not one segment's."""
    rows = period.lake.read(FINDINGS, [period.as_of]).to_pylist()
    critical = {
        row["segment"]
        for row in rows
        if (row["metric"], row["model_version"], row["state"]) == ("score_psi", version, "critical")
    }
    return tuple(sorted(critical - {EVERYTHING})) or (EVERYTHING,)


def contain(period: Period, decision: Decision, at: str) -> None:
    """Hold back what a decision contains; a repetition changes nothing."""
    if decision.contained:
        body = {"decision": decision.id, "segments": decision.contained, "at": at}
        with suppress(ConflictError):  # a run that was cut off had come this far
            period.store.create(f"{FOLDER}/{decision.id}.json", _encode(body))


def lift(period: Period, said: Statement) -> list[Containment]:
    """End every containment in force, from the month after `as_of` on; returns them.

    Nothing contained, or no reason, is a `UserError`.
    """
    held = [found for found in containments(period.store) if found.until is None]
    if not held:
        raise UserError(f"nothing is contained in {period.store.uri}; there is nothing to lift")
    act = said.record()
    for found in held:
        body = {"decision": found.decision, "until": period.as_of.isoformat(), **act}
        try:
            period.store.create(f"{LIFTED}/{found.decision}.json", _encode(body))
        except ConflictError:
            raise UserError(f"someone else lifted {found.decision} at this moment") from None
        period.trail.append("lifted", act["by"], said.at, body, found.decision)
    return held


def _encode(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1).encode()
