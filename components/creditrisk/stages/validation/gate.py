"""What a gate says."""

from dataclasses import dataclass
from typing import Literal

State = Literal["green", "amber", "red", "insufficient"]
ACROSS = "all windows"


@dataclass(frozen=True)
class Gate:
    """One judgement: `value` against `limit`, with a 95 % interval and a p-value if it has them.

    `sample` is the bads it rests on (rows for `score_psi` and `rank_order`). Red fails;
    insufficient evidence never passes.
    """

    gate: str
    window: str
    value: float
    limit: float
    sample: int
    state: State
    reason: str
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None

    @property
    def passed(self) -> bool:
        return self.state in ("green", "amber")


def graded(beyond: bool, *, significant: bool) -> State:
    """Green within the limit, red significantly beyond it, amber where that may be chance."""
    if not beyond:
        return "green"
    return "red" if significant else "amber"
