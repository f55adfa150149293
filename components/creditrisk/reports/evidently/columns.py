"""Which columns a page can show. One column nobody can draw must not cost the page."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

Kind = Literal["number", "category"]
_NAMED = 3  # types of a mixed column


def set_aside(
    kinds: Mapping[str, Kind], current: pd.DataFrame, reference: pd.DataFrame | None
) -> dict[str, str]:
    """The columns that cannot be drawn, and why; `reference` None: it is not compared with."""
    sides = {"in the month": current}
    if reference is not None:
        sides["in the reference"] = reference
    found = {}
    for name, kind in kinds.items():
        faults = [
            f"{fault} {side}"
            for side, frame in sides.items()
            for fault in _faults(frame, name, kind)
        ]
        if faults:
            found[name] = ", ".join(faults)
    return found


def _faults(frame: pd.DataFrame, name: str, kind: Kind) -> Iterator[str]:
    if name not in frame:
        yield "absent"
        return
    values = frame[name].dropna()
    if values.empty:
        yield "without any value"
    elif kind == "number":
        yield from _number_faults(values)
    elif len(types := sorted({type(value).__name__ for value in values})) > 1:
        yield f"of mixed types ({', '.join(types[:_NAMED])})"


def _number_faults(values: "pd.Series[Any]") -> Iterator[str]:
    numbers = pd.to_numeric(values, errors="coerce")
    if strangers := int(numbers.isna().sum()):
        yield f"with {strangers} values that are no numbers"
    if infinite := int(np.isinf(numbers.to_numpy(dtype=np.float64)).sum()):
        yield f"with {infinite} infinite values"
