"""What every JSON document of a store has in common: frozen, typed, read and written in one place.

A document that cannot be read names its key and what to do. Keys that a release does not know
are kept out of the model and do no harm: `format.json` says which release wrote the store.
"""

import json
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from creditrisk.errors import UserError
from creditrisk.storage import Store


class Document(BaseModel):
    """A JSON object that outlives its process.

    `what` and `remedy`: for whoever meets a damaged one. `indent`: of the stored JSON.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    what: ClassVar[str] = "readable"
    remedy: ClassVar[str] = "restore it"
    indent: ClassVar[int | None] = 1

    @classmethod
    def parse(cls, data: bytes, key: str, later: bytes = b"{}") -> Self:
        """Read bytes, and those of a `later` document that has the rest.

        Anything but such a document is a `UserError` that names the key.
        """
        try:
            return cls.model_validate({**json.loads(data), **json.loads(later)})
        except (TypeError, ValueError) as error:
            raise UserError(f"{key} is not {cls.what}: {reason(error)}; {cls.remedy}") from None

    @classmethod
    def read(cls, store: Store, key: str) -> Self | None:
        """The document under a key; None when there is none."""
        try:
            data = store.read(key)
        except KeyError:
            return None
        return cls.parse(data, f"{store.uri}/{key}")

    @classmethod
    def need(cls, store: Store, key: str) -> Self:
        """The document under a key that must be there; a `UserError` when it is gone."""
        found = cls.read(store, key)
        if found is None:
            raise UserError(f"{store.uri}/{key} is gone; {cls.remedy}")
        return found

    def body(self) -> dict[str, Any]:
        """As JSON holds it: a field with an alias is stored under that name."""
        return self.model_dump(mode="json", by_alias=True)

    def encode(self) -> bytes:
        """As it is stored."""
        return encode(self.body(), self.indent)


def read_object(store: Store, key: str) -> dict[str, Any] | None:
    """A JSON object that has no type of its own; None when there is none."""
    try:
        return dict(json.loads(store.read(key)))
    except KeyError:
        return None


class Line(Document):
    """A document that is stored in one line."""

    indent: ClassVar[int | None] = None


def encode(content: object, indent: int | None = 1) -> bytes:
    """JSON as the store's documents have it: sorted keys."""
    return json.dumps(content, sort_keys=True, indent=indent).encode()


def reason(error: Exception) -> str:
    """The first thing that is wrong, in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg'].lower()}"
    return "it is no JSON object"
