"""The model inventory as the dashboard shows it: a version's folder is read, never the model."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.records.challenge import ChallengerOutcomes, VersionState
from creditrisk.storage import Store


@dataclass(frozen=True)
class Registered:
    """A complete version: `since` is the month of its newest tenure, or empty."""

    id: str
    kind: str
    as_of: str
    verdict: str
    state: VersionState
    since: str
    cutoff: str  # newest cohort it was developed on


def registered(outcomes: ChallengerOutcomes) -> list[Registered]:
    """Every complete version of a registry, by month and kind."""
    whole = sorted(layout.version_of(key) for key in outcomes.keys if key.endswith("/SUMS.json"))
    return [_version(id, outcomes) for id in whole]


def profiles(store: Store, versions: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The frozen reference profiles of some versions."""
    return {id: _json(store, layout.version(id, "profile.json")) for id in versions}


def _version(id: str, outcomes: ChallengerOutcomes) -> Registered:
    card = _json(outcomes.store, layout.version(id, "card.json"))
    challenge = outcomes.challenge(id)
    since = [tenure.since.isoformat() for tenure in outcomes.history if tenure.version == id]
    return Registered(
        id=id,
        kind=card["kind"],
        as_of=card["as_of"],
        verdict=challenge.verdict if challenge else "",
        state=outcomes.state(id),
        since=since[-1] if since else "",
        cutoff=str(card.get("newest_development_cohort", "")),
    )


def _json(store: Store, key: str) -> dict[str, Any]:
    try:
        return dict(json.loads(store.read(key)))
    except (TypeError, ValueError):
        raise UserError(f"{key} is no JSON object any more; restore it from a backup") from None
