"""How a gate comes to its state."""

from creditrisk.records.validation import GateState

ACROSS = "all windows"


def graded(beyond: bool, *, significant: bool) -> GateState:
    """Green within the limit, red significantly beyond it, amber where that may be chance."""
    if not beyond:
        return "green"
    return "red" if significant else "amber"
