"""The model inventory as the dashboard shows it: a version's folder is read, never the model."""

from dataclasses import dataclass
from functools import partial

from creditrisk.records import layout
from creditrisk.records.card import CARD, read_card
from creditrisk.records.challenge import ChallengerOutcomes, VersionState
from creditrisk.records.version_files import complete_versions


@dataclass(frozen=True)
class Registered:
    """A complete version: `since` is the month of its newest tenure, or empty.

    Where its card cannot be read, its id says kind and month, and the rest is empty.
    """

    id: str
    kind: str
    as_of: str
    verdict: str
    state: VersionState
    since: str
    cutoff: str  # newest cohort it was developed on
    parent: str = ""  # the version it follows


def registered(outcomes: ChallengerOutcomes) -> list[Registered]:
    """Every complete version of a registry, by month and kind."""
    return [_version(id, outcomes) for id in complete_versions(outcomes.keys)]


def _version(id: str, outcomes: ChallengerOutcomes) -> Registered:
    key, read = layout.version(id, CARD), partial(read_card, outcomes.store, id)
    card = outcomes.damage.read(key, read, None)
    challenge = outcomes.challenge(id)
    since = [tenure.since.isoformat() for tenure in outcomes.history if tenure.version == id]
    return Registered(
        id=id,
        kind=card.kind if card else id.split("-")[2],
        as_of=f"{card.as_of}" if card else f"{id[:7]}-01",
        verdict=challenge.verdict if challenge else "",
        state=outcomes.state(id),
        since=since[-1] if since else "",
        cutoff=f"{card.newest_development_cohort}" if card else "",
        parent=(card.parent or "") if card else "",
    )
