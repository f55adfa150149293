"""How a gate comes to its state, and gates to a verdict."""

import math
from collections.abc import Iterable, Sequence

from creditrisk.policy import Policy
from creditrisk.records.fairness import Fairness
from creditrisk.records.validation import Gate, GateState, Verdict

ACROSS = "all windows"
REQUIRED = frozenset(
    {
        "sample", "auc_floor", "range", "variation", "decay", "oe", "jeffreys", "score_psi",
        "fit_gap", "rank_order", "benchmark",
    }
)  # fmt: skip


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


def graded(beyond: bool, *, significant: bool) -> GateState:
    """Green within the limit, red significantly beyond it, amber where that may be chance."""
    if not beyond:
        return "green"
    return "red" if significant else "amber"


def verdict_of(gates: Iterable[Gate], champion: str) -> Verdict:
    """Pass only when every gate that belongs there was applied and none is red.

    `champion` is empty where there is none: then no comparison is needed.
    """
    judged = list(gates)
    needed = REQUIRED | ({"champion"} if champion else set())
    lacking = needed - {gate.gate for gate in judged}
    if lacking or any(gate.state == "insufficient" for gate in judged):
        return "insufficient"
    return "pass" if all(gate.passed for gate in judged) else "fail"


def reasons(gates: Iterable[Gate]) -> tuple[str, ...]:
    """What did not pass, in one line each."""
    return tuple(f"{g.gate}, {g.window}: {g.reason}" for g in gates if not g.passed)
