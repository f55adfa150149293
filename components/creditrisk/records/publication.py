"""What was checked before a month's scores were published: `months/<as_of>/publication.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from creditrisk.records import layout
from creditrisk.records.document import Document, Part
from creditrisk.storage import Store


@dataclass(frozen=True)
class ScoreCheck:
    """One check; `none` where there was nothing to compare with."""

    name: str
    state: Literal["ok", "warn", "block", "none"]
    value: float | None
    limit: float | None
    text: str


class Publication(Part):
    """Of a version: `rows`, those `held_back` and what by; nothing is published when `blocked`."""

    model_version: str
    rescored: bool
    rows: int
    held_back: int
    held_because: Mapping[str, int]
    checks: tuple[ScoreCheck, ...]
    derived: ClassVar = ("blocked",)

    @property
    def blocked(self) -> bool:
        return any(check.state == "block" for check in self.checks)


class Publications(Document):
    """One entry per version that scored the month; a version's newest counts."""

    as_of: date
    publications: tuple[Publication, ...]
    indent: ClassVar = 2


def publications_key(as_of: date) -> str:
    """Where they lie."""
    return layout.month(as_of, "publication.json")


def keep_publication(store: Store, as_of: date, publication: Publication) -> None:
    """Add a version's entry to the month's, in place of an older one of the same version."""
    key = publications_key(as_of)
    before = Publications.read(store, key)
    others = (
        one
        for one in (before.publications if before else ())
        if one.model_version != publication.model_version
    )
    now = Publications(as_of=as_of, publications=(*others, publication))
    store.write(key, now.encode())
