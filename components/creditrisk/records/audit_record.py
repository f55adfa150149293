"""A record of the audit trail."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from creditrisk.errors import GateError
from creditrisk.json_value import json_value
from creditrisk.records.identity import signed

_OUTCOMES = ("decision", "verdict", "status", "severity")
_REASONS = ("reason", "text", "resolution", "outcome")
GENESIS = "0" * 64  # stands before the first record


@dataclass(frozen=True)
class Record:
    """One entry. `at` is the wall clock (UTC, ISO 8601), `actor` who or what did it."""

    sequence: int
    previous: str
    event: str
    actor: str
    at: str
    id: str  # identifies the event: a retry has the same
    body: Mapping[str, Any]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a record; anything else is a `ValueError`."""
        try:
            record = cls(**json_value(data))
        except TypeError:
            raise ValueError("it has not the keys of a record") from None
        texts = (record.previous, record.event, record.actor, record.at, record.id)
        whole = isinstance(record.sequence, int) and isinstance(record.body, dict)
        if not whole or not all(isinstance(text, str) for text in texts):
            raise ValueError("a key of it has another type than a record's")
        return record

    def said(self, name: str) -> Any:  # noqa: ANN401 - JSON holds anything
        """What it says under a name; a `GateError` where it says nothing."""
        if name not in self.body:
            raise GateError(
                f"record {self.sequence} of the audit trail, '{self.event} {self.id}', says no"
                f" {name}: it is none that an act left"
            )
        return self.body[name]

    def data(self) -> bytes:
        """Canonical JSON, what the next record's hash is taken over."""
        return canonical(vars(self))

    @property
    def author(self) -> str:
        """Who did it, with what vouches for a person's name."""
        vouched = self.body.get("identity") or self.body.get("requested_identity") or ""
        return signed(self.actor, str(vouched))

    @property
    def why(self) -> str:
        """What was decided or found, and the reasons given; empty where it says neither."""
        outcome = next((self.body[name] for name in _OUTCOMES if self.body.get(name)), "")
        reasons = [self.body[name] for name in _REASONS if self.body.get(name)]
        reasons += self.body.get("reasons") or ()
        return ": ".join(filter(None, (str(outcome), "; ".join(map(str, reasons)))))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data()).hexdigest()


Find = Callable[[str, str], Record | None]  # event, id -> its record, if it was appended


def canonical(value: object) -> bytes:
    """JSON of one form only: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
