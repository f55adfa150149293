"""How much a version matters: its tier in the inventory, by the policy's formula."""

from dataclasses import dataclass

from creditrisk.policy import Policy


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
