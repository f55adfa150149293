"""The champion pointer's changes: by compare-and-swap, so that every racer's entry survives."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditrisk.errors import GateError
from creditrisk.records.champion import CHAMPION_KEY
from creditrisk.storage import ConflictError, Store

History = list[dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """A new entry: who made which version champion in the run of which month, and why."""

    version: str
    since: date
    by: str
    at: str
    reason: str
    rollback: bool = False

    def entry(self, sequence: int) -> dict[str, Any]:
        return {
            "version": self.version,
            "since": self.since.isoformat(),
            "by": self.by,
            "at": self.at,
            "reason": self.reason,
            "rollback": self.rollback,
            "sequence": sequence,
        }


def read_history(store: Store) -> History:
    """Every entry, oldest first."""
    try:
        return list(json.loads(store.read(CHAMPION_KEY))["history"])
    except KeyError:
        return []


def change_champion(store: Store, propose: Callable[[History], Change | None]) -> History:
    """Append what `propose` makes of the history as it is; None leaves it. Returns the history.

    `propose` is asked again whenever someone else was first. An entry older than the newest
    is a `GateError`: a re-run of an old month must not undo what came after it.
    """
    while True:
        tag = store.tag(CHAMPION_KEY)  # before reading: a change in between makes the swap fail
        history = read_history(store)
        change = propose(history)
        if change is None:
            return history
        _require_newest(history, change)
        history.append(change.entry(len(history) + 1))
        try:
            store.swap(CHAMPION_KEY, json.dumps({"history": history}, indent=1).encode(), tag)
        except ConflictError:
            continue
        return history


def champions_in_force(history: Sequence[dict[str, Any]]) -> list[str]:
    """Champions a rollback can fall back on, the current one last; those rolled back are gone."""
    stack: list[str] = []
    for entry in history:
        if entry.get("rollback"):
            stack.pop()
        else:
            stack.append(entry["version"])
    return stack


def _require_newest(history: History, change: Change) -> None:
    if history and date.fromisoformat(history[-1]["since"]) > change.since:
        last = history[-1]
        raise GateError(
            f"{change.version} cannot become champion as of {change.since}: {last['version']}"
            f" did as of {last['since']}, which is later; run a month from {last['since']} on"
        )
