"""Acts of people: each is a document, created once, and its record on the audit trail.

Who acts, why and when is a `Statement`. Of two people who do the same, the first counts.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from creditrisk.errors import UserError
from creditrisk.json_value import json_value
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.document import Document
from creditrisk.storage import ConflictError, Store


class Signed(Document):
    """Who did it, what vouches for the name, why and when (ISO 8601 with zone)."""

    by: str
    identity: str
    reason: str
    at: str


class Closable(Document):
    """Opened by one document and closed by a second, `closed.json`, that has the optional fields.

    `closed`: when, empty while it is open.
    """

    closed: str = ""

    def body(self) -> dict[str, Any]:
        """What opens it or, once it is closed, what closes it."""
        later = {name for name, info in type(self).model_fields.items() if not info.is_required()}
        fields = self.model_dump(mode="json")
        return {name: v for name, v in fields.items() if (name in later) == bool(self.closed)}


D = TypeVar("D", bound=Document)
C = TypeVar("C", bound=Closable)


def create_once(store: Store, key: str, document: D) -> D:
    """Create and return it; where somebody was first, return what they created."""
    try:
        store.create(key, document.encode())
    except ConflictError:
        return document.parse(store.read(key), key)
    return document


def put_on_record(
    period: Period, event: str, id: str, key: str, document: Document, act: dict[str, str]
) -> None:
    """Create a document and append its record, which says who, why and when as well (`act`).

    Who was cut off between the two does the same again, and it is finished, with the time it was
    begun. A `UserError` where somebody else was first.
    """
    body = document.body()
    try:
        period.store.create(key, document.encode())
    except ConflictError:
        body = json_value(period.store.read(key))
        if period.trail.find(event, id) or _but_when(body) != _but_when(document.body()):
            raise UserError(
                f"somebody else did so at this moment ({event} {id}); look again. Who was cut off"
                " there does the same again, for the same reason"
            ) from None
    period.trail.append(event, act["by"], body.get("at", act["at"]), act | body, id)


def _but_when(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("at", "closed")}


def read_closable(store: Store, folder: str, kind: type[C], damage: Strict = STRICT) -> list[C]:
    """Everything that was opened below a folder, first one first, with its end where it has one."""
    keys = set(store.keys(folder))

    def whole(key: str) -> C:
        end = layout.closing(key)
        return kind.parse(store.read(key), key, store.read(end) if end in keys else b"{}")

    # what else lies there, nobody put there
    opened = [key for key in sorted(keys) if key.endswith(("/opened.json", "/given.json"))]
    found = (damage.read(key, partial(whole, key), None) for key in opened)
    return [one for one in found if one]
