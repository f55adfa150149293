"""The register of validation findings: what people found wanting in a model, and until when.

registry/findings/<id>/opened.json
registry/findings/<id>/closed.json   what was done about it
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from creditrisk.storage import Store

FOLDER = "registry/findings"
Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class ValidationFinding:
    """A finding on a version; `due`: last day to close it, `closed`: when it was, or empty."""

    id: str
    version: str
    severity: Severity
    text: str
    owner: str
    due: str
    by: str
    identity: str
    at: str
    closed: str = ""
    resolution: str = ""

    def overdue(self, today: date) -> bool:
        """Open after its last day."""
        return not self.closed and today > date.fromisoformat(self.due)


def read_validation_findings(store: Store) -> list[ValidationFinding]:
    """Every finding, the first one first."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for key in store.keys(f"{FOLDER}/"):
        *_, id, part = key.split("/")
        found[id] |= json.loads(store.read(key)) if part in ("opened.json", "closed.json") else {}
    return [ValidationFinding(**fields) for fields in found.values()]
