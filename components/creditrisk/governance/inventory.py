"""The model inventory: every version and what became of it."""

from dataclasses import dataclass
from functools import partial

from creditrisk.policy import Policy, thaw_policy
from creditrisk.records import layout
from creditrisk.records.card import read_card
from creditrisk.records.challenge import ChallengerOutcomes
from creditrisk.records.commits import FEATURES, Commits
from creditrisk.records.damage import STRICT, Strict
from creditrisk.records.version_files import list_versions as version_ids
from creditrisk.storage import Store


@dataclass(frozen=True)
class Materiality:
    """Tier 1 matters most. `exposure`: of a month's applications, in the portfolio's currency."""

    tier: int
    points: int
    exposure: float
    text: str


def materiality(policy: Policy, features: int, applications: int) -> Materiality:
    """Points for exposure (two steps), complexity and use; the more, the nearer to tier 1."""
    limits, exposure = policy.materiality, applications * policy.economics.ead
    size = (exposure >= limits.exposure_medium) + (exposure >= limits.exposure_high)
    complexity = int(features > limits.complex_features)
    points = size + complexity + limits.use
    tier = 1 if points >= limits.tier_1 else 2 if points >= limits.tier_2 else 3
    text = f"{points} points: exposure {size}, complexity {complexity}, use {limits.use}"
    return Materiality(tier, points, exposure, text)


def list_versions(store: Store, damage: Strict = STRICT) -> list[dict[str, str]]:
    """Every complete version, oldest month first: id, kind, as_of, verdict, state, since, tier.

    `tier`: by the policy the version was made under and the newest month's applications;
    `materiality` says what it follows from. `verdict` is empty before validation; `since`, the
    month of the newest tenure, for a version that never was champion. A version without enough
    evidence stays a candidate.
    """
    outcomes = ChallengerOutcomes(store, damage=damage)
    applications = damage.read("lake/", lambda: newest_applications(store), 0)
    found = (
        damage.read(layout.version(id), partial(row, store, id, outcomes, applications), None)
        for id in version_ids(store)
    )
    return [one for one in found if one]


def newest_applications(store: Store) -> int:
    """Applications of the newest month in the lake."""
    commits = Commits(store)
    months = commits.months(FEATURES)
    return commits.need(FEATURES, months[-1]).rows if months else 0


def row(store: Store, id: str, outcomes: ChallengerOutcomes, applications: int) -> dict[str, str]:
    """A line of the inventory."""
    card, challenge = read_card(store, id), outcomes.challenge(id)
    policy = thaw_policy(store.read(layout.version(id, "policy.json")).decode(), id)
    matters = materiality(policy, len(card.features), applications)
    return {
        "id": id,
        "kind": card.kind,
        "as_of": f"{card.as_of}",
        "verdict": challenge.verdict if challenge else "",
        "state": outcomes.state(id),
        "since": next((f"{t.since}" for t in reversed(outcomes.history) if t.version == id), ""),
        "tier": str(matters.tier),
        "materiality": matters.text,
    }
