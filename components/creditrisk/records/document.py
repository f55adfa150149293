"""What every JSON document of a store has in common: frozen, typed, read and written in one place.

A document that cannot be read names its key and what to do. Keys that a release does not know
are kept out of the model and do no harm: `format.json` says which release wrote the store.
"""

import json
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from creditrisk.errors import GateError, brief_words
from creditrisk.json_value import json_value
from creditrisk.storage import Store


def clock(text: str) -> datetime:
    """A time in ISO 8601 with its zone, else a `ValueError`."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone")
    return time


# kept as they are written: a record's hash is of its bytes
Moment = Annotated[str, AfterValidator(lambda text: text if clock(text) else "")]
Day = Annotated[str, AfterValidator(lambda text: text if date.fromisoformat(text) else "")]


class Part(BaseModel):
    """A JSON object inside a document."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")
    derived: ClassVar[tuple[str, ...]] = ()  # properties that are stored beside the fields
    if_set: ClassVar[tuple[str, ...]] = ()  # fields that are stored only where they are set

    @model_serializer(mode="wrap")
    def _stored(self, fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
        stored = {name: v for name, v in fields(self).items() if v or name not in self.if_set}
        return stored | {name: getattr(self, name) for name in self.derived}

    def body(self) -> dict[str, Any]:
        """As JSON holds it: a field with an alias is stored under that name."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def of(cls, found: object) -> Self:
        """Made of the attributes of an object that may have more of them."""
        return cls.model_validate(found, from_attributes=True)

    def replace(self, **changes: object) -> Self:
        """The same but for some fields; a field that it does not have is a TypeError."""
        if unknown := changes.keys() - type(self).model_fields.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        return type(self).model_validate(dict(self) | changes)


class Document(Part):
    """A JSON object that outlives its process.

    `what` and `remedy`: for whoever meets a damaged one. `indent`: of the stored JSON, whose
    letters may be left as they are (`ascii`) and whose numbers may be none (`allow_nan`).
    """

    what: ClassVar[str] = "readable"
    remedy: ClassVar[str] = "restore it"
    indent: ClassVar[int | None] = 1
    ascii: ClassVar[bool] = True
    allow_nan: ClassVar[bool] = True

    @classmethod
    def parse(cls, data: bytes, key: str, later: bytes = b"{}") -> Self:
        """Read bytes, and those of a `later` document that has the rest.

        Anything but such a document is a `GateError` that names the key.
        """
        try:
            return cls.model_validate({**json_value(data), **json_value(later)})
        except (TypeError, ValueError) as error:
            raise GateError(f"{key} is not {cls.what}: {reason(error)}; {cls.remedy}") from None

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
        """The document under a key that must be there; a `GateError` when it is gone."""
        found = cls.read(store, key)
        if found is None:
            raise GateError(f"{store.uri}/{key} is gone; {cls.remedy}")
        return found

    def encode(self) -> bytes:
        """As it is stored."""
        return encode(self.body(), self.indent, ascii=self.ascii, allow_nan=self.allow_nan)


class Line(Document):
    """A document that is stored in one line."""

    indent: ClassVar[int | None] = None


class SealedDocument(Document):
    """One whose bytes are hashed, into a version's id or on the audit trail: they never change.

    A number that is not finite is a ValueError.
    """

    allow_nan: ClassVar[bool] = False


def encode(
    content: object, indent: int | None = 1, *, ascii: bool = True, allow_nan: bool = True
) -> bytes:
    """JSON as the store's documents have it: sorted keys."""
    return json.dumps(
        content, sort_keys=True, indent=indent, ensure_ascii=ascii, allow_nan=allow_nan
    ).encode()


def reason(error: Exception) -> str:
    """The first thing that is wrong, in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = brief_words(".".join(map(str, first["loc"])) or "it", 60)
        return f"{where}: {brief_words(first['msg'].lower())}"
    return "it is no JSON object"
