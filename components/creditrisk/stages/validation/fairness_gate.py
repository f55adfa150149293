"""The gate on how groups of applicants fare, for a policy that asks for one."""

import math
from collections.abc import Sequence

from creditrisk.policy import Policy
from creditrisk.records.fairness import Fairness
from creditrisk.records.validation import Gate
from creditrisk.stages.validation.gate import ACROSS


def fairness_gate(found: Sequence[Fairness], policy: Policy) -> Gate:
    """Only where the policy asks for it (`fairness.gate`): a red signal fails."""
    worst = [f"{column.feature} {g.group}" for column in found for g in column.groups
             if g.signal == "red"]  # fmt: skip
    lowest = min((c.lowest_ratio for c in found if c.lowest_ratio is not None), default=math.nan)
    return Gate(
        gate="fairness",
        window=ACROSS,
        value=lowest,
        limit=policy.fairness.ratio_red,
        sample=sum(group.rows for group in found[0].groups) if found else 0,
        state="red" if worst else "green",
        reason=f"screening signal red for {', '.join(worst) or 'no group'}",
    )
