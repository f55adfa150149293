"""From gates to a verdict: pass, fail, or not enough evidence."""

from collections.abc import Iterable
from typing import Literal

from creditrisk.stages.validation.gate import Gate

Verdict = Literal["pass", "fail", "insufficient"]
REQUIRED = frozenset(
    {
        "sample", "auc_floor", "range", "variation", "decay", "oe", "jeffreys", "score_psi",
        "fit_gap", "rank_order", "benchmark",
    }
)  # fmt: skip


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


def reasons(gates: Iterable[Gate]) -> list[str]:
    """What did not pass, in one line each."""
    return [f"{gate.gate}, {gate.window}: {gate.reason}" for gate in gates if not gate.passed]
