"""The parts of the policy that speak of people, and of how much a model matters."""

from typing import Annotated

from pydantic import Field

from creditrisk.policy.sections import Count, Months, Positive, Section


class Governance(Section):
    """What people may do to decisions, and by when they must act."""

    override_months: Months
    finding_days_high: Count
    finding_days_medium: Count
    finding_days_low: Count


class Materiality(Section):
    """Points to a tier of the model inventory."""

    exposure_medium: Positive
    exposure_high: Positive
    complex_features: Count
    use: Annotated[int, Field(ge=0, le=2)]
    tier_1: Count
    tier_2: Count
