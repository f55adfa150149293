"""The parts of the policy that speak of people: whom alerts reach, who decides, what matters."""

from typing import Literal

from creditrisk.policy.key import (
    Count,
    Days,
    Months,
    PolicySection,
    Positive,
    either,
    higher,
    lower,
)

Urgency = Literal["none", "info", "warning", "critical"]


class Alerts(PolicySection):
    """How urgent each event is: none (no alert), info, warning or critical."""

    watch: Urgency = higher("an axis is red, or not yet left behind")
    recalibrate: Urgency = higher("the decision, with what became of it")
    retrain: Urgency = higher("likewise")
    contain: Urgency = higher("scores are held back until a named person decides")
    escalate: Urgency = higher("nothing is left to try: a named person decides")
    blocked: Urgency = higher("data quality stopped the month")
    failed: Urgency = higher("the run did not end")
    pending: Urgency = higher("a challenger or a looser policy waits for approval")
    insufficient: Urgency = higher("two axes without evidence for rule.insufficient_months")
    seconds: float = either("a channel has for an attempt, and there are two", gt=0, le=60)


class Governance(PolicySection):
    """What people may do to decisions, and by when they must act."""

    override_months: Months = lower("after its month, an override of a decision may hold no longer")
    finding_days_high: Days = lower("until a validation finding is due")
    finding_days_medium: Days = lower("likewise")
    finding_days_low: Days = lower("likewise")


class Materiality(PolicySection):
    """Points of the model inventory: the more, the nearer to tier 1."""

    exposure_medium: Positive = lower("applications a month x economics.ead: a point from here on")
    exposure_high: Positive = lower("and another from here on")
    complex_features: Count = lower("a version with more counts a point: nobody follows it by hand")
    use: int = higher("what its PDs do: 0 inform, 1 support a decision, 2 decide", ge=0, le=2)
    tier_1: Count = lower("points from which a version is tier 1")
    tier_2: Count = lower("points from which it is tier 2; fewer are tier 3")
