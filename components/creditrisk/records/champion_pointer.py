"""The champion pointer: which version scored when.

Changed by compare-and-swap, so that every racer's entry survives.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar

from creditrisk.errors import GateError
from creditrisk.records import layout
from creditrisk.records.decision import decided_later
from creditrisk.records.document import Document
from creditrisk.storage import ConflictError, Store


class Tenure(Document):
    """A version became champion in the run of month `since`; `sequence` counts changes from 1.

    `by`, `at` (wall clock), `reason`: the act; `identity`: what vouches for a person's name.
    `rollback`: the one before the last came back.
    """

    if_set: ClassVar[tuple[str, ...]] = ("identity",)

    version: str
    since: date
    by: str
    at: str = ""
    reason: str = ""
    rollback: bool = False
    sequence: int = 0
    identity: str = ""


class Champions(Document):
    """Every change of champion, oldest first; a rollback is a change like any other."""

    history: tuple[Tenure, ...]

    def encode(self) -> bytes:
        """As it is stored: keys in the order of the fields."""
        return json.dumps(self.model_dump(mode="json"), indent=1).encode()


def champion_history(store: Store) -> list[Tenure]:
    """Every change of champion, oldest first."""
    found = Champions.read(store, layout.CHAMPION)
    return list(found.history) if found else []


def champion_at(store: Store, as_of: date) -> str | None:
    """The champion a month starts with.

    A promotion made in the run of month M counts from M+1, so that a second run of M
    sees the champion its first run saw.
    """
    return champion_of(champion_history(store), as_of)


def champion_of(history: Sequence[Tenure], as_of: date) -> str | None:
    """The same of a history."""
    before = [tenure.version for tenure in history if tenure.since < as_of]
    return before[-1] if before else None


def current_champion(store: Store) -> str | None:
    """The champion now, whichever month is being run."""
    history = champion_history(store)
    return history[-1].version if history else None


def champions_in_force(history: Sequence[Tenure]) -> list[str]:
    """Champions a rollback can fall back on, the current one last; those rolled back are gone."""
    stack: list[str] = []
    for tenure in history:
        if tenure.rollback:
            stack.pop()
            while stack and stack[-1] != tenure.version:  # passed over: retired
                stack.pop()
        else:
            stack.append(tenure.version)
    return stack


def change_champion(
    store: Store, propose: Callable[[Sequence[Tenure]], Tenure | None]
) -> list[Tenure]:
    """Append what `propose` makes of the history as it is; None leaves it. Returns the history.

    `propose` is asked again whenever someone else was first. An entry older than the newest
    is a `GateError`: a re-run of an old month must not undo what came after it. So is one that
    would be champion of a month which was decided under another.
    """
    while True:
        tag = store.tag(layout.CHAMPION)  # before reading: a change in between fails the swap
        history = champion_history(store)
        change = propose(history)
        if change is None:
            return history
        _require_newest(history, change)
        _require_undecided(store, change)
        history.append(change.model_copy(update={"sequence": len(history) + 1}))
        try:
            store.swap(layout.CHAMPION, Champions(history=tuple(history)).encode(), tag)
        except ConflictError:
            continue
        return history


def _require_undecided(store: Store, change: Tenure) -> None:
    later = decided_later(store, change.since)
    if later:
        raise GateError(
            f"{change.version} cannot become champion as of {change.since}: {later:%Y-%m} was"
            f" decided since, under the champion it had; run a month from {later:%Y-%m} on"
        )


def _require_newest(history: Sequence[Tenure], change: Tenure) -> None:
    if history and history[-1].since > change.since:
        last = history[-1]
        raise GateError(
            f"{change.version} cannot become champion as of {change.since}: {last.version}"
            f" did as of {last.since}, which is later; run a month from {last.since} on"
        )
