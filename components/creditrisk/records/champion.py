"""The champion pointer: which version scored when. Changed by the registry only."""

import json
from dataclasses import dataclass
from datetime import date

from creditrisk.storage import Store

CHAMPION_KEY = "registry/champion.json"


@dataclass(frozen=True)
class Tenure:
    """A version became champion in the run of month `since`; `sequence` counts changes from 1."""

    version: str
    since: date
    by: str
    sequence: int


def champion_history(store: Store) -> list[Tenure]:
    """Every change of champion, oldest first; a rollback is a change like any other."""
    try:
        data = store.read(CHAMPION_KEY)
    except KeyError:
        return []
    return [
        Tenure(raw["version"], date.fromisoformat(raw["since"]), raw["by"], int(raw["sequence"]))
        for raw in json.loads(data)["history"]
    ]


def champion_at(store: Store, as_of: date) -> str | None:
    """The champion a month starts with.

    A promotion made in the run of month M counts from M+1, so that a second run of M
    sees the champion its first run saw.
    """
    before = [tenure.version for tenure in champion_history(store) if tenure.since < as_of]
    return before[-1] if before else None


def current_champion(store: Store) -> str | None:
    """The champion now, whichever month is being run."""
    history = champion_history(store)
    return history[-1].version if history else None
