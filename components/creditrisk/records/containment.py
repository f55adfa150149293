"""What is contained: applications that get no score until a named person lifts it.

containment/<as_of>/<n>.json        with decision n of a month
registry/lifted/<as_of>/<n>.json    by whom, why, and the last month it counts for
"""

from datetime import date
from functools import partial
from typing import Any

from pydantic import Field

from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.acts import Signed, create_once, put_on_record
from creditrisk.records.audit_record import Record
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.document import Document
from creditrisk.records.identity import Statement
from creditrisk.records.version_files import brief
from creditrisk.storage import Store

EVERYTHING = "all"
CRITICAL = "contain_critical"  # outcomes of one champion are: its PDs alone are held back


class Containment(Document):
    """`segments` as the findings name them: `all`, or mask states as `sources_down=visits`.

    It counts from the month of its decision (`2025-01-01/0001`) to `until`, None: still. `at`: when
    that was put on record. `champion`: whose PDs it holds back; "": anybody's.
    """

    decision: str
    segments: tuple[str, ...]
    at: str = ""
    champion: str = Field(default="", exclude_if=lambda version: not version)
    until: date | None = None

    def body(self) -> dict[str, Any]:
        """As it is stored: who lifts it says until when."""
        return self.model_dump(mode="json", exclude={"until"})

    @property
    def since(self) -> date:
        return date.fromisoformat(self.decision.partition("/")[0])

    def counts(self, as_of: date) -> bool:
        """Whether scores published for a month from now on are held back by it."""
        return self.since <= as_of and (self.until is None or as_of <= self.until)

    @property
    def shown(self) -> str:
        """The same for people: a version has eight digits of its hash."""
        return str(self.model_copy(update={"champion": brief(self.champion)}))

    def __str__(self) -> str:
        where = "every application" if EVERYTHING in self.segments else ", ".join(self.segments)
        whose = f" scored by {self.champion}" if self.champion else ""
        return f"{where}{whose}, contained since {self.since:%Y-%m} (decision {self.decision})"


class Lifted(Signed):
    """A person ended what a decision contained; `until`: the last month it counts for."""

    decision: str
    until: date


def containments(store: Store, damage: Strict = STRICT) -> list[Containment]:
    """Those there were, oldest first; one whose decision was superseded is none."""
    keys = store.keys(layout.CONTAINMENT)
    found = (damage.read(key, partial(_containment, store, key), None) for key in keys)
    return [one for one in found if one]


def _containment(store: Store, key: str) -> Containment | None:
    month = layout.month_of(key)
    id = f"{month}/{layout.name_of(key)}"
    decided = [*store.keys(layout.decisions(month))]
    if decided[-1:] not in ([], [layout.decision(id)]):  # a decision that is gone lifts nothing
        return None
    end = Lifted.read(store, layout.lifted(id))
    held = Containment.parse(store.read(key), key)
    if held.decision != id:
        raise GateError(f"{key} calls itself {held.decision}; restore it")
    return held.model_copy(update={"until": end.until if end else None})


def contained_in(
    store: Store, as_of: date, version: str = "", damage: Strict = STRICT
) -> list[Containment]:
    """Those a month's applications fall under, scored by a version ("": by any)."""
    return [
        found
        for found in containments(store, damage)
        if found.counts(as_of) and not (found.champion and version and found.champion != version)
    ]


def in_force(store: Store, damage: Strict = STRICT) -> list[Containment]:
    """Those that hold back PDs of the champion there is now, until a person lifts them.

    All of them where it is not known who that is.
    """
    champion = damage.read(layout.CHAMPION, lambda: current_champion(store), "")
    return contained_in(store, date.max, champion or "", damage)


def held_by(decided: Record) -> Containment | None:
    """What a decision holds back by its record; None: nothing."""
    segments = decided.body.get("contained")
    if not isinstance(segments, list) or not segments:
        return None
    critical = CRITICAL in decided.body.get("triggers", ())
    return Containment(
        decision=decided.id,
        segments=tuple(map(str, segments)),
        at=decided.at,
        champion=decided.said("champion") if critical else "",
    )


def contain(period: Period, decided: Record) -> None:
    """Hold back what a decision on record contains; a repetition changes nothing."""
    if held := held_by(decided):
        # a run that was cut off may have come this far
        create_once(period.store, layout.containment(held.decision), held)


def lift(period: Period, statement: Statement) -> list[Containment]:
    """End every containment in force, from the month after `as_of` on; returns them.

    Nothing contained, or no reason, is a `UserError`.
    """
    ended = (one for one in containments(period.store) if one.until)
    # an end that was cut off before its record is none yet
    cut_off = [one for one in ended if period.trail.find("lifted", one.decision) is None]
    held = [*in_force(period.store), *cut_off]
    if not held:
        raise UserError(f"nothing is contained in {period.store.uri}; there is nothing to lift")
    act = statement.record()
    for found in held:
        id = found.decision
        end = Lifted.model_validate(act | {"decision": id, "until": period.as_of})
        put_on_record(period, "lifted", id, layout.lifted(id), end, act)
    return held
