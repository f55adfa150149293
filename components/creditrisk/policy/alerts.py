"""The part of the policy that says what people are told of."""

from typing import Annotated, Literal

from pydantic import Field

from creditrisk.policy.sections import Section

Urgency = Literal["none", "info", "warning", "critical"]


class Alerts(Section):
    """How urgent each event is; of `none` nobody is told."""

    watch: Urgency
    recalibrate: Urgency
    retrain: Urgency
    contain: Urgency
    blocked: Urgency
    failed: Urgency
    pending: Urgency
    insufficient: Urgency
    firing_days: Annotated[int, Field(ge=1, le=366)]
    seconds: Annotated[float, Field(gt=0, le=60)]
