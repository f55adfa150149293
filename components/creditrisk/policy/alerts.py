"""The part of the policy on alerts."""

from typing import Literal

from creditrisk.policy.key import PolicySection, either, higher

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
