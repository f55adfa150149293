"""What is contained: applications that get no score until a named person lifts it.

containment/<as_of>/<n>.json        with decision n of a month, by governance
registry/lifted/<as_of>/<n>.json    by whom, why, and the last month it counts for
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from creditrisk.model.matrix import ALL_SOURCES_UP
from creditrisk.storage import Store

FOLDER, LIFTED = "containment", "registry/lifted"
EVERYTHING = "all"


@dataclass(frozen=True)
class Containment:
    """`segments` as the findings name them: `all`, or mask states as `sources_down=visits`.

    It counts from the month of its decision (`2025-01-01/0001`) to `until`, None: still.
    """

    decision: str
    segments: tuple[str, ...]
    until: date | None = None

    @property
    def since(self) -> date:
        return date.fromisoformat(self.decision.partition("/")[0])

    def counts(self, as_of: date) -> bool:
        """Whether scores published for a month from now on are held back by it."""
        return self.since <= as_of and (self.until is None or as_of <= self.until)

    def __str__(self) -> str:
        where = "every application" if EVERYTHING in self.segments else ", ".join(self.segments)
        return f"{where}, contained since {self.since:%Y-%m} (decision {self.decision})"


def containments(store: Store) -> list[Containment]:
    """Those there were, oldest first; one whose decision was superseded is none."""
    lifted = set(store.keys(f"{LIFTED}/"))
    found = []
    for key in store.keys(f"{FOLDER}/"):
        decision = key.removeprefix(f"{FOLDER}/").removesuffix(".json")
        if list(store.keys(f"decisions/{decision[:10]}/"))[-1] != f"decisions/{decision}.json":
            continue
        end = f"{LIFTED}/{decision}.json"
        until = json.loads(store.read(end))["until"] if end in lifted else None
        segments = tuple(json.loads(store.read(key))["segments"])
        found.append(Containment(decision, segments, date.fromisoformat(until) if until else None))
    return found


def contained_in(store: Store, as_of: date) -> list[Containment]:
    """Those a month's applications fall under."""
    return [found for found in containments(store) if found.counts(as_of)]


def covered(held: Iterable[Containment], states: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Rows, by their mask states, that get no score."""
    segments = {segment for each in held for segment in each.segments}
    if EVERYTHING in segments:
        return np.ones(len(states), dtype=bool)
    return np.isin(states, [state for state in np.unique(states) if _name(state) in segments])


def _name(state: str) -> str:
    return f"sources_down={'none' if state == ALL_SOURCES_UP else state}"
